"""Is what a higher level found on the spot seen beside what is said there, until it is mended?"""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from journal import clock
from journal.models import Event, Notice
from sites.inspections import actions, queries
from sites.inspections.queries import Target
from sites.readiness.models import Finding, Inspection, LocalItem
from sites.unit_reports import actions as own
from tests.doors import settled, told
from tests.sites.readiness.stage import file, made

MINUTE = dt.timedelta(minutes=1)


def look(cast, by=None, site=None, unit=None, minutes=0, note="", **answers):
    target = {"unit": unit} if unit else {"site": site or cast.site.tohieu_1}
    given = {item.lstrip("_"): answer for item, answer in answers.items()}
    with settled():
        return actions.inspect(
            by=by or cast.sonla, operation=cast.operation, answers=given, note=note,
            looked_at=clock.now() + minutes * MINUTE, **target,
        )  # fmt: skip


def standing(cast, **target):
    rows = Finding.objects.filter(kind="inspection", closed_at=None, **target)
    return sorted(rows.values_list("item", "critical"))


def test_what_is_found_wrong_stays_until_a_later_look_finds_it_mended(cast):
    slot = made(cast)
    file(cast, slot)
    look(cast, minutes=-60, _9="no", _5="no", _2="ok")
    assert standing(cast) == [("5", False), ("9", True)]
    assert list(Finding.objects.filter(escalate_at=None).values_list("item", flat=True)) == ["5"]
    event = Event.objects.get(verb="readiness.inspected").said["line"]
    assert (event["wrong"], event["contradicts"]) == (["9", "5"], ["9", "5"])
    assert list(Notice.objects.values_list("person", flat=True)) == [cast.tohieu.pk]
    file(cast, slot)
    assert len(standing(cast)) == 2, "one's own word does not end what somebody else found"
    look(cast, minutes=-50, _9="no")
    assert len(standing(cast)) == 2, "one, however often it is found"
    look(cast, minutes=-90, _9="ok")
    assert len(standing(cast)) == 2, "an earlier look says nothing about it"
    look(cast, minutes=-10, _9="ok", _5="na")
    assert standing(cast) == []
    look(cast, minutes=-30, _9="no")
    assert standing(cast) == [], "what was mended since is not found again by an older look"


def test_the_own_report_may_be_contradicted(cast):
    slot = made(cast)
    look(cast, _9="no", _1="ok")
    assert (
        queries.contradicted({"9": "no"}, queries.own(cast.operation, Target(site=cast.site.tohieu_1))) == []
    )
    file(cast, slot)
    assert queries.contradicted(
        {"9": "no"}, queries.own(cast.operation, Target(site=cast.site.tohieu_1))
    ) == ["9"]
    client = Client()
    client.force_login(cast.tohieu, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("site", args=[cast.site.tohieu_1.code])).content.decode()
    assert "báo cáo của đơn vị ghi: đạt" in page


def test_a_unit_is_looked_at_from_above(cast):
    slot = made(cast)
    own.file_unit(
        by=cast.tohieu, operation=cast.operation, slot=slot, unit=cast.unit.tohieu, answers={"post": "ok"}, numbers={}
    )  # fmt: skip
    look(cast, unit=cast.unit.tohieu, post="no")
    assert standing(cast, unit=cast.unit.tohieu) == [("post", True)]
    assert Event.objects.get(verb="readiness.inspected").said["line"]["contradicts"] == ["post"]
    look(cast, by=cast.duty, unit=cast.unit.sonla, post="ok")
    for by, unit in [
        (cast.sonla, "sonla"),
        (cast.tohieu, "tohieu"),
        (cast.laocai, "tohieu"),
        (cast.k02, "k02"),
    ]:
        with pytest.raises(PermissionDenied):
            look(cast, by=by, unit=getattr(cast.unit, unit), post="ok")
    for who in (cast.tohieu, cast.laocai, cast.wall, cast.health, cast.admin, cast.secretary):
        with pytest.raises(PermissionDenied):
            look(cast, by=who, _9="ok")


def test_what_cannot_be_found(cast):
    theirs = LocalItem.objects.create(
        operation=cast.operation, province=cast.unit.laocai, path="vn/15/", name_vi="Rào chắn", phase="before",
        serves="means", added_at=clock.now(),
    )  # fmt: skip
    code = theirs.item.code
    for answers, field in [
        ({}, "answers"), ({"_bia": "ok"}, "bia"), ({"_9": "na"}, "9"), ({"_9": "tốt"}, "9"), ({"_44": "ok"}, "44"),
        ({f"_{code}": "no"}, code), ({"_9": "ok", "minutes": 3}, "looked_at"),
        ({"_9": "ok", "minutes": -31 * 24 * 60}, "looked_at"), ({"_9": "ok", "note": "x" * 1001}, "note"),
    ]:  # fmt: skip
        with pytest.raises(ValidationError) as refused:
            look(cast, **answers)
        assert field in refused.value.message_dict, answers
    assert not Inspection.objects.exists()
    look(cast, by=cast.laocai, site=cast.site.sapa_1, **{f"_{code}": "no"})
    look(cast, site=cast.site.chiengan_2, _44="no")
    assert standing(cast) == [("44", False), (code, False)]


def test_by_the_api(cast, api, django_assert_max_num_queries):
    client, door = api(cast.sonla), reverse("api-inspections")
    body = {"site": cast.site.tohieu_1.code, "answers": {"9": "no"}}
    file(cast, made(cast))
    with settled():
        answer = client.post(door, body, format="json")
    assert answer.status_code == 201
    assert answer.json()["contradicts"] == ["9"]
    for wrong in [
        {"site": ""}, {"unit": "vn/14/"}, {"answers": []}, {"answers": {"9": True}}, {"looked_at": "hôm qua"},
        {"looked_at": "2026-03-15T05:00:00"}, {"looked_at": "9999-12-31T23:59:59Z"}, {"bia": 1}, {"note": 1},
    ]:  # fmt: skip
        with settled():
            told(client.post(door, body | wrong, format="json"), 400)
    for who, seen in [(cast.duty, 1), (cast.sonla, 1), (cast.tohieu, 1), (cast.chiengan, 0), (cast.admin, 0)]:
        assert api(who).get(door).json()["count"] == seen
    for _ in range(3):
        with django_assert_max_num_queries(7):
            assert client.get(door).status_code == 200
        look(cast, _5="no")
        look(cast, unit=cast.unit.tohieu, post="no")


def test_by_the_page(cast):
    client = Client()
    client.force_login(cast.sonla, backend="django.contrib.auth.backends.ModelBackend")
    door = reverse("site-inspect", args=[cast.site.tohieu_1.code])
    assert client.get(door).status_code == 200
    with settled():
        answer = client.post(door, {"item-9": "na", "looked_at": "hôm nay"})
    assert answer.status_code == 400
    assert 'href="#id_looked_at"' in answer.content.decode()
    with settled():
        assert client.post(door, {"note": "Không xem gì"}).status_code == 400
    for _ in range(2):
        with settled():
            answer = client.post(door, {"item-9": "no", "idempotency_key": "a"})
        assert answer.status_code == 302
    assert Inspection.objects.count() == 1
    assert client.get(reverse("unit-inspect", args=["vn/"])).status_code == 404
    assert client.get(reverse("readiness-own", args=["vn/14/03646/"])).status_code == 200


def test_a_unit_that_reports_on_nothing_of_its_own_is_not_inspected(cast):
    team = cast.unit.sonla
    team.kind = "helper_team"
    with pytest.raises(ValidationError) as refused:
        look(cast, by=cast.duty, unit=team, post="no")
    assert set(refused.value.error_dict) == {"unit"}
