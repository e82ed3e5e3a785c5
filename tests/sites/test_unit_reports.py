"""Does a unit answer for itself, and is it believed only as far as the level above lets it?"""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from journal.models import Event, Notice
from reports import picture
from sites import checklist
from sites.checks import actions as checks
from sites.readiness.actions import Closed, Stale
from sites.readiness.models import Finding, UnitReport, UnitStatus
from sites.unit_reports import actions
from subcommittees import scope
from subcommittees.scope import SYSTEM
from tests.doors import settled, told
from tests.sites.readiness.stage import made

WELL = {code: "ok" for code, item in checklist.UNIT_ITEMS.items() if not item.number}
FULL = {"strength_planned": 40, "strength": 40, "plans_made": 3, "plans_approved": 3, "plans_rehearsed": 2}


def say(cast, slot, by=None, unit=None, numbers=None, note="", revision=None, **answers):
    with settled():
        return actions.file_unit(
            by=by or cast.tohieu, operation=cast.operation, slot=slot, unit=unit or cast.unit.tohieu,
            answers={code: one for code, one in (WELL | answers).items() if one},
            numbers=FULL | (numbers or {}), note=note, revision=revision,
        )  # fmt: skip


def send_back(cast, slot, by=None, items=("post",), reason="Đi kiểm tra lại", **more):
    place = {"operation": cast.operation, "slot": slot, "unit": cast.unit.tohieu}
    with settled():
        return actions.send_back_unit(by=by or cast.sonla, items=items, reason=reason, **place, **more)


def verify(cast, slot, by=None, unit=None, **more):
    place = {"operation": cast.operation, "slot": slot, "unit": unit or cast.unit.tohieu}
    with settled():
        return actions.verify_unit(by=by or cast.sonla, **place, **more)


def open_items(cast):
    rows = Finding.objects.filter(operation=cast.operation, unit=cast.unit.tohieu, closed_at=None)
    return sorted(rows.values_list("item", "critical"))


def counted(cast):
    return picture.count(cast.unit.tohieu, scope.reach(cast.duty), cast.operation).units


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ({}, "ready"),
        ({"funding": "no"}, "conditional"),
        ({"funding": "na"}, "ready"),
        ({"funding": None}, "conditional"),
        ({"comms": "no"}, "not_ready"),
        ({"plans": None}, "not_ready"),
        ({"numbers": {"strength": 39}}, "conditional"),
    ],
)
def test_a_unit_stands_as_it_says(cast, said, verdict):
    filed = say(cast, made(cast), **said)
    assert (filed.report.verdict, filed.report.source, filed.report.late) == (verdict, "own", False)
    assert counted(cast) == {"ready": 0, "conditional": 0, "not_ready": 0, "silent": 0} | {verdict: 1}


def test_a_correction_is_another_revision_and_the_same_again_is_nothing(cast):
    slot = made(cast)
    first = say(cast, slot, comms="no")
    assert open_items(cast) == [("comms", True)]
    assert say(cast, slot, comms="no").unchanged
    assert Event.objects.filter(verb="readiness.unit_filed").count() == 1
    second = say(cast, slot, revision=1)
    assert (first.report.revision, second.report.revision, UnitReport.objects.count()) == (1, 2, 2)
    assert open_items(cast) == []
    assert UnitStatus.objects.get().report == second.report
    with pytest.raises(Stale):
        say(cast, slot, revision=1, comms="no")


def test_the_check_agrees_with_what_was_filed(cast, move_clock):
    slot = made(cast)
    say(cast, slot, funding=None, numbers={"strength": 3})
    assert open_items(cast) == [("funding", False)]
    move_clock(hours=2, minutes=1)
    row = checks.check(by=SYSTEM, operation=cast.operation, slot=slot, province=cast.unit.sonla)
    assert row.units == {"ready": 0, "conditional": 1, "not_ready": 0, "silent": 2}
    assert open_items(cast) == [("funding", False)]
    assert UnitStatus.objects.get().verdict == "conditional"
    again = made(cast, opens=-0.1, due=0.2, silent=0.3, closes=2)
    say(cast, again)
    UnitStatus.objects.update(verdict="not_ready")
    move_clock(hours=2, minutes=40)
    checks.check(by=SYSTEM, operation=cast.operation, slot=again, province=cast.unit.sonla)
    said = [event.said["after"] for event in Event.objects.order_by("n") if event.said["after"]]
    told = [after[key] for after in said for key in after if key == "unit_readiness:vn/14/03646/"]
    assert [row["verdict"] for row in told] == ["conditional", "ready", "ready"]
    assert UnitStatus.objects.get().verdict == "ready"
    assert counted(cast)["ready"] == 1


def test_who_owes_and_for_whom_others_may_enter(cast):
    slot = made(cast)
    assert say(cast, slot, by=cast.sonla).report.source == "on_behalf"
    assert say(cast, slot, by=cast.k02, unit=cast.unit.k02).report.source == "own"
    assert say(cast, slot, by=cast.sonla, unit=cast.unit.sonla).report.source == "own"
    for unit in (cast.unit.bo, cast.unit.tgv):
        with pytest.raises(ValidationError):
            say(cast, slot, by=cast.head, unit=unit)
    for by in (cast.chiengan, cast.laocai, cast.wall, cast.health, cast.admin):
        with pytest.raises(PermissionDenied):
            say(cast, slot, by=by)


def test_what_cannot_be_said(cast):
    slot = made(cast)
    for more, field in [
        ({"comms": "na"}, "comms"), ({"post": "tốt"}, "post"), ({"bia": "ok"}, "bia"), ({"strength": "ok"}, "strength"),
        ({"numbers": {"strength": -1}}, "strength"), ({"numbers": {"strength": True}}, "strength"),
        ({"numbers": {"strength": 10**9}}, "strength"), ({"numbers": {"post": 1}}, "post"),
        ({"numbers": {"plans_approved": 4}}, "plans_approved"), ({"note": "x" * 1001}, "note"),
    ]:  # fmt: skip
        with pytest.raises(ValidationError) as refused:
            say(cast, slot, **more)
        assert field in refused.value.message_dict
    with pytest.raises(ValidationError):
        say(cast, made(cast, track="early"))
    assert not UnitReport.objects.exists()


def test_only_while_the_slot_takes_answers(cast, move_clock):
    slot = made(cast)
    move_clock(hours=2, minutes=30)
    assert say(cast, slot).report.late
    move_clock(hours=3)
    with pytest.raises(Closed):
        say(cast, slot, comms="no")


def test_an_older_slot_answered_late_says_nothing_about_today(cast):
    say(cast, made(cast, due=2, silent=2.5))
    say(cast, made(cast), comms="no")
    assert UnitStatus.objects.get().verdict == "ready"
    assert open_items(cast) == []


def test_what_is_sent_back_counts_no_more_until_it_is_answered(cast):
    slot = made(cast)
    say(cast, slot)
    back = send_back(cast, slot, items=["post", "strength"])
    assert (back.verdict, back.source, back.answers["post"]) == ("not_ready", "returned", "returned")
    assert "strength" not in back.numbers
    assert set(back.reasons) == {"post", "strength"}
    assert open_items(cast) == [("post", True)]
    assert counted(cast)["not_ready"] == 1
    assert list(Notice.objects.values_list("person", flat=True)) == [cast.tohieu.pk]
    assert send_back(cast, slot, items=["post", "strength"]) == back
    with pytest.raises(ValidationError):
        verify(cast, slot)
    assert say(cast, slot, post=None).report.answers["post"] == "returned"
    assert say(cast, slot).report.verdict == "ready"
    assert open_items(cast) == []


def test_who_judges_stands_above(cast):
    slot = made(cast)
    with pytest.raises(ValidationError):
        verify(cast, slot)
    say(cast, slot, by=cast.sonla, unit=cast.unit.sonla)
    say(cast, slot)
    for by, unit in [
        (cast.tohieu, cast.unit.tohieu),
        (cast.laocai, cast.unit.tohieu),
        (cast.sonla_head, cast.unit.sonla),
    ]:
        with pytest.raises(PermissionDenied):
            verify(cast, slot, by=by, unit=unit)
    assert verify(cast, slot)
    assert verify(cast, slot) is None
    assert verify(cast, slot, by=cast.duty, unit=cast.unit.sonla)
    for wrong in ({"items": []}, {"items": ["bia"]}, {"reason": " \u200b "}, {"reason": "x" * 501}):
        with pytest.raises(ValidationError):
            send_back(cast, slot, **wrong)
    with pytest.raises(Stale):
        send_back(cast, slot, revision=7)
    say(cast, slot, by=cast.sonla, funding="no")
    with pytest.raises(PermissionDenied):
        verify(cast, slot)


def test_by_the_api(cast, api):
    slot = made(cast)
    body = {"unit": "vn/14/03646/", "slot": slot.pk, "answers": WELL, "numbers": FULL}
    client = api(cast.tohieu)
    with settled():
        answer = client.post(reverse("api-unit-reports"), body, format="json")
    assert answer.status_code == 201
    assert {"verdict": "ready", "revision": 1, "unit": "vn/14/03646/"}.items() <= answer.json().items()
    with settled():
        assert client.post(reverse("api-unit-reports"), body, format="json").status_code == 200
    for wrong in [
        {"numbers": {"strength": 1.5}}, {"numbers": {"strength": "12"}}, {"numbers": []}, {"answers": {"post": 1}},
        {"answers": None}, {"slot": 0}, {"slot": True}, {"revision": "1"}, {"bia": 1}, {"note": 3},
    ]:  # fmt: skip
        with settled():
            told(client.post(reverse("api-unit-reports"), body | wrong, format="json"), 400)
    with settled():
        stale = client.post(reverse("api-unit-reports"), body | {"revision": 0}, format="json")
    assert (stale.status_code, stale.json()["reports"][0]["unit"]) == (409, "vn/14/03646/")
    with settled():
        told(client.post(reverse("api-unit-reports"), body | {"slot": 10**9}, format="json"), 404)
    for who, seen in [(cast.duty, 1), (cast.sonla, 1), (cast.chiengan, 0), (cast.laocai, 0), (cast.admin, 0)]:
        assert api(who).get(reverse("api-unit-reports")).json()["count"] == seen
    with settled():
        told(client.get(reverse("api-unit-reports"), {"slot": "x"}), 400)


def test_by_the_page(cast):
    client = Client()
    client.force_login(cast.tohieu, backend="django.contrib.auth.backends.ModelBackend")
    door = reverse("readiness-own", args=["vn/14/03646/"])
    assert client.get(door).status_code == 200
    slot = made(cast)
    form = {"slot": slot.pk, "revision": 0, "idempotency_key": "a", **WELL, **FULL, "strength": "-3"}
    with settled():
        answer = client.post(door, form)
    assert answer.status_code == 400
    assert 'href="#id_strength"' in answer.content.decode()
    for _ in range(2):
        with settled():
            assert client.post(door, form | {"strength": "40"}).status_code == 302
    assert UnitReport.objects.count() == 1
    later = made(cast, due=2, silent=2.5, opens=-0.5)
    fresh, copied = client.get(door), client.get(door, {"slot": later.pk, "copy": "1"})
    assert 'value="40"' not in fresh.content.decode()
    assert 'value="40"' in copied.content.decode()
    assert UnitReport.objects.count() == 1
    for number in ("0", "x", "9" * 30, "²", str(10**9)):
        assert client.get(door, {"slot": number}).status_code == 404
    assert client.get(reverse("readiness-own", args=["vn/"])).status_code == 404


def test_the_page_costs_the_same_however_much_was_said(cast, django_assert_max_num_queries):
    client = Client()
    client.force_login(cast.sonla, backend="django.contrib.auth.backends.ModelBackend")
    slot = made(cast)
    say(cast, slot)
    say(cast, slot, funding="no")
    with django_assert_max_num_queries(16):
        assert client.get(reverse("readiness-own", args=["vn/14/03646/"])).status_code == 200
