"""Which findings does an officer see, in which order, at what price, and who may end one?"""

import pytest
from django.urls import reverse

from journal import clock
from sites.checks import actions, queries, tasks
from sites.models import Finding
from tests.sites.test_checks import HOUR, a_slot, events


def some_findings(cast, many):
    Finding.objects.all().delete()
    for number in range(many):
        site = (cast.site.tohieu_1, cast.site.chiengan_1, cast.site.sapa_1)[number % 3]
        Finding.objects.create(
            operation=cast.operation, site=site, path=site.path, kind="item", item=str(number + 1),
            critical=number % 2 == 0, level=number % 3, opened_at=clock.now() - HOUR * number,
        )  # fmt: skip


@pytest.mark.parametrize("many", [1, 3, 9])
def test_a_list_of_findings_costs_the_same(many, cast, api, client, django_assert_num_queries):
    some_findings(cast, many)
    with django_assert_num_queries(5):  # the first is the fixture's own look at the token
        said = api(cast.duty).get(reverse("api-findings")).json()
    assert said["count"] == many
    assert said["results"][0]["item_name"]
    client.force_login(cast.duty)
    client.get(reverse("findings"))
    with django_assert_num_queries(7):
        client.get(reverse("findings"))


def test_findings_are_found_worst_first_and_in_reach(cast, api):
    some_findings(cast, 9)
    Finding.objects.filter(item="2").update(closed_at=clock.now())

    def asked(who, **filters):
        rows = api(getattr(cast, who)).get(reverse("api-findings"), filters).json()["results"]
        return [(row["level"], row["critical"], row["item"]) for row in rows]

    everything = asked("duty")
    assert everything == sorted(everything, key=lambda one: (-one[0], not one[1], -int(one[2])))
    assert [item for *_, item in asked("sonla", open="true")] == ["5", "8", "7", "1", "4"]
    assert [item for *_, item in asked("tohieu", critical="1")] == ["7", "1"]
    assert asked("sonla", unit="vn/15/") == asked("nobody") == []
    assert [item for *_, item in asked("duty", level="2")] == ["9", "3", "6"]
    assert [item for *_, item in asked("duty", open="false")] == ["2"]
    assert asked("duty", kind="silent") == []
    for wrong in ({"level": "3"}, {"open": "x"}, {"kind": "x"}, {"critical": "yes"}, {"x": "1"}):
        assert api(cast.duty).get(reverse("api-findings"), wrong).status_code == 400


def test_the_page_lists_and_ends_findings(cast, client):
    some_findings(cast, 3)
    client.force_login(cast.sonla)
    page = client.get(reverse("findings"), {"critical": "true"})
    [row] = page.context["page"].object_list
    assert row["may_close"]
    there = reverse("finding-close", args=[row["finding"].pk])
    said = client.post(there, {"reason": "", "next": "//elsewhere.example/"})
    assert said.headers["Location"] == reverse("findings")
    given = {
        "reason": "Đã xác minh",
        "idempotency_key": "mot",
        "next": reverse("findings") + "?critical=true",
    }
    for _ in range(2):
        assert client.post(there, given).headers["Location"].endswith("?critical=true")
    assert len(events("finding.closed")) == 1
    assert client.post(there, {"reason": "Lần nữa"}).status_code == 302
    assert "page" in client.get(reverse("findings"), {"open": "false"}).context
    client.force_login(cast.tohieu)
    assert not any(row["may_close"] for row in client.get(reverse("findings")).context["page"].object_list)


def test_when_the_last_check_was_is_told(cast, move_clock, client):
    slot = a_slot(cast)
    assert queries.last_check(cast.operation, "vn/14/") is None
    move_clock(hours=2)
    assert tasks.check() == 3
    for path in ("vn/", "vn/14/", "vn/14/03646/"):
        assert queries.last_check(cast.operation, path).slot == slot
    assert queries.last_check(cast.operation, "vn/14/03646/").path == "vn/14/"
    said = client.get(reverse("readyz")).json()
    assert abs(said["checks_age_s"]) < 60
    assert said["sweep_age_s"] is None


@pytest.mark.loud
def test_what_cannot_be_told_in_one_province_keeps_no_other_waiting(cast, monkeypatch):
    for site in (cast.site.tohieu_1, cast.site.sapa_1):
        Finding.objects.create(
            operation=cast.operation, site=site, path=site.path, kind="silent", critical=True,
            opened_at=clock.now(), escalate_at=clock.now(),
        )  # fmt: skip
    climb = actions.escalate

    def fails(**given):
        if given["unit"].path == "vn/14/":
            raise KeyError(given["unit"].path)
        return climb(**given)

    monkeypatch.setattr(actions, "escalate", fails)
    assert tasks.escalate() == 1
