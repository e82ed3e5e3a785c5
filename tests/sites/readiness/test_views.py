"""Do the doors of the API to readiness say what stands, and take what may be said?"""

import pytest
from django.urls import reverse

from sites.models import Site, SiteStatus
from sites.readiness.models import SiteReport
from tests.sites.readiness.stage import body, file, given, made, planned, post, send_back


def test_a_commune_files_and_is_told_how_it_stands(cast, api):
    slot = planned(cast)
    client = api(cast.tohieu)
    content = body(slot, cast.site.tohieu_1, cast.site.tohieu_2)
    content["reports"][1]["answers"] = {**content["reports"][1]["answers"], "5": "no"}
    answer = post(client, content)
    assert answer.status_code == 201
    codes = [cast.site.tohieu_1.code, cast.site.tohieu_2.code]
    assert answer.json() == {
        "slot": slot.pk,
        "filed": 2,
        "unchanged": 0,
        "reports": [
            {"site": codes[0], "verdict": "ready", "revision": 1, "late": False},
            {"site": codes[1], "verdict": "conditional", "revision": 1, "late": False},
        ],
    }
    again = post(client, content)
    assert (again.status_code, again.json()["filed"], again.json()["unchanged"]) == (200, 0, 2)
    assert again.json()["reports"] == answer.json()["reports"]
    stands = {one["site"]: one for one in client.get(reverse("api-readiness")).json()["results"]}
    assert [stands[code]["verdict"] for code in codes] == ["ready", "conditional"]
    assert stands[codes[1]]["answers"]["5"] == "no"
    assert stands[codes[0]]["revision"] == 1


def test_sites_of_several_communes_are_one_act_each_and_all_or_nothing(cast, api):
    slot = made(cast)
    content = body(slot, cast.site.tohieu_1, cast.site.chiengan_1)
    content["reports"][1]["answers"] = {"1": "na"}
    assert post(api(cast.sonla), content).status_code == 400
    assert not SiteReport.objects.exists()
    content["reports"][1]["answers"] = {"1": "ok"}
    assert post(api(cast.sonla), content).json()["filed"] == 2
    assert set(SiteReport.objects.values_list("source", "level")) == {("on_behalf", 1)}


def test_the_list_says_who_is_silent_and_nothing_of_others(cast, api, move_clock):
    slot = made(cast)
    file(cast, slot)
    client = api(cast.sonla)

    def counted(**query):
        rows = client.get(reverse("api-readiness"), query).json()["results"]
        return sorted((row["site"], row["verdict"]) for row in rows)

    mine = {
        name: getattr(cast.site, name).code for name in ("tohieu_1", "tohieu_2", "chiengan_1", "chiengan_2")
    }
    assert counted() == sorted(
        (code, "ready" if name.startswith("tohieu") else "silent") for name, code in mine.items()
    )
    assert len(counted(verdict="silent")) == len(counted(verdict="ready")) == 2
    assert counted(verdict="ready,silent", unit=cast.unit.tohieu.path) == counted(unit=cast.unit.tohieu.path)
    assert len(counted(slot=slot.pk, verdict="silent")) == 2
    made(cast, opens=4, due=5, silent=6, closes=7)
    move_clock(hours=6, minutes=1)
    assert {verdict for _site, verdict in counted()} == {"silent"}
    assert len(counted(slot=slot.pk, verdict="ready")) == 2


def test_a_site_that_votes_early_has_slots_of_its_own(cast, api):
    Site.objects.filter(pk=cast.site.tohieu_1.pk).update(early=True)
    slot, early = made(cast), made(cast, track="early")
    refused = post(api(cast.tohieu), body(slot, cast.site.tohieu_1))
    assert list(refused.json()["fields"]) == [cast.site.tohieu_1.code]
    assert post(api(cast.tohieu), body(early, cast.site.tohieu_1)).status_code == 201
    rows = api(cast.tohieu).get(reverse("api-readiness"), {"slot": early.pk}).json()["results"]
    assert [(row["site"], row["track"]) for row in rows] == [(cast.site.tohieu_1.code, "early")]


def test_the_calendar_says_what_is_asked_now(cast, api):
    slot = planned(cast)
    told = api(cast.tohieu).get(reverse("api-slots")).json()
    assert [one["id"] for one in told if one["current"] and one["track"] == "regular"] == [slot.pk]
    assert {one["state"] for one in told} >= {"upcoming", "open", "closed"}
    some = {"open": "1", "track": "regular", "phase": "before"}
    told = api(cast.tohieu).get(reverse("api-slots"), some).json()
    assert slot.pk in [one["id"] for one in told]
    assert {one["state"] for one in told} <= {"open", "late"}
    assert api(cast.admin).get(reverse("api-slots")).json() == []


def test_the_checklist_of_a_site_is_what_it_is_asked(cast, api):
    def codes(**query):
        return [one["item"] for one in api(cast.chiengan).get(reverse("api-checklist"), query).json()]

    assert len(codes()) == 46
    assert "44" in codes(site=cast.site.chiengan_2.code, phase="before")  # a hospital
    assert "44" not in codes(site=cast.site.chiengan_1.code)
    assert codes(phase="after") == ["39", "40"]


@pytest.mark.parametrize("who", ["duty", "sonla", "tohieu"])
def test_the_list_costs_the_same_at_any_length(who, cast, api, django_assert_num_queries):
    """Operation, who asks, what has run out (or the slot), count, rows, reports."""
    client, slot = api(cast.officers[who]), made(cast)
    for batch in (
        [given(cast.site.tohieu_1)],
        [given(cast.site.tohieu_1, note="x"), given(cast.site.tohieu_2)],
    ):
        file(cast, slot, *batch)
        with django_assert_num_queries(6):
            client.get(reverse("api-readiness"))
        with django_assert_num_queries(6):
            client.get(reverse("api-readiness"), {"slot": slot.pk, "verdict": "ready,silent"})


def test_what_is_sent_back_is_seen_with_its_reason(cast, api):
    slot = made(cast)
    file(cast, slot)
    send_back(cast, slot)
    rows = api(cast.tohieu).get(reverse("api-readiness"), {"verdict": "conditional"}).json()["results"]
    assert [(row["answers"]["5"], row["reasons"], row["source"]) for row in rows] == [
        ("returned", {"5": "Chưa rõ lối vào"}, "returned")
    ]


def test_a_site_that_came_later_can_be_reported_on(cast, api):
    SiteStatus.objects.all().delete()
    assert post(api(cast.tohieu), body(made(cast), cast.site.tohieu_1)).status_code == 201
