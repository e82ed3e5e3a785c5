"""Is every slot judged once, every silence told once, and everything climbed once, however the clocks run?"""

import datetime as dt
from collections import Counter

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from journal import clock
from journal.models import Event, Notice
from sites import checklist
from sites.checks import actions, tasks
from sites.models import Check, Finding, Site, SiteReport, SiteStatus, Slot, UnitReport, UnitStatus
from sites.readiness import actions as readiness
from sites.readiness.actions import Given
from sites.readiness.models import LocalItem
from subcommittees.models import Unit
from subcommittees.scope import SYSTEM
from tests.doors import settled

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def slot(cast):
    return a_slot(cast)


def a_slot(cast, *, after=HOUR, **more):
    """A slot that is open now, due in an hour, silent half an hour later, open for two more."""
    at = clock.now()
    given = {
        "operation": cast.operation, "phase": "before", "opens_at": at - HOUR, "due_at": at + after,
        "remind_at": at + after - HOUR / 2, "silent_at": at + after + HOUR / 2, "closes_at": at + after + 2 * HOUR,
    }  # fmt: skip
    return Slot.objects.create(**given | more)


def all_well(kind="regular", phase="before"):
    return dict.fromkeys((item.code for item in checklist.asked(kind, phase)), "ok")


def file(cast, slot, *sites, by="tohieu", **answers):
    given = [Given(site, all_well(site.kind, slot.phase) | answers) for site in sites]
    unit = Unit.objects.get(path=sites[0].path)
    return readiness.file(by=getattr(cast, by), operation=cast.operation, slot=slot, unit=unit, given=given)


def own(cast, slot, unit, verdict="ready", **more):
    """What a unit says of itself, as its room will write it."""
    answers = dict.fromkeys((one.code for one in checklist.UNIT_ITEMS.values() if not one.number), "ok")
    facts = {
        "slot": slot,
        "unit": unit,
        "path": unit.path,
        "answers": answers,
        "verdict": verdict,
        "at": clock.now(),
    }
    report = UnitReport.objects.create(**facts | more)
    stands = {"due": slot.due_at, "verdict": verdict, "report": report, "path": unit.path}
    UnitStatus.objects.update_or_create(operation=cast.operation, unit=unit, defaults=stands)


def events(verb):
    return [event.said for event in Event.objects.filter(verb=verb).order_by("n")]


def told(verb):
    return Counter(Notice.objects.filter(event__verb=verb).values_list("person", flat=True))


def unmended():
    rows = Finding.objects.order_by("path", "site__code", "kind", "item")
    return [
        (row.path, row.site_id, row.unit_id, row.kind, row.item, row.critical, row.level, row.closed_at)
        for row in rows
    ]


def check(cast, slot, area="sonla"):
    return actions.check(by=SYSTEM, operation=cast.operation, slot=slot, province=getattr(cast.unit, area))


def test_a_check_judges_what_was_said_and_who_was_silent(cast, slot, move_clock):
    site = cast.site
    file(cast, slot, site.tohieu_1)
    file(cast, slot, site.tohieu_2, **{"5": "no"})
    file(cast, slot, site.chiengan_1, by="chiengan", **{"1": "no", "5": "no"})
    assert check(cast, slot) is None, "it has not run out"
    move_clock(hours=2)
    row = check(cast, slot)
    assert (row.ready, row.conditional, row.not_ready, row.silent) == (1, 1, 1, 1)
    assert (
        row.ready + row.conditional + row.not_ready + row.silent
        == Site.objects.filter(path__startswith="vn/14/").count()
    )
    assert row.items == {"1": 1, "5": 2}
    assert row.units == {"ready": 0, "conditional": 0, "not_ready": 0, "silent": 3}
    assert row.late
    [line] = [event["line"] for event in events("readiness.checked")]
    assert (line["ready"], line["silent"], line["moved"], line["late"]) == (1, 1, None, True)
    silent = Finding.objects.filter(kind="silent", closed_at=None)
    assert {(one.path, one.site_id) for one in silent} == {
        ("vn/14/", None), ("vn/14/03646/", None), ("vn/14/03664/", None), ("vn/14/03664/", site.chiengan_2.pk),
    }  # fmt: skip
    assert {event["unit"]["path"] for event in events("readiness.silent")} == {one.path for one in silent}
    assert told("readiness.silent") == {cast.sonla.pk: 1, cast.tohieu.pk: 1, cast.chiengan.pk: 1}
    assert check(cast, slot, "laocai").silent == 4


def test_a_stored_verdict_is_not_believed(cast, slot, move_clock):
    """A report that says otherwise is what counts, and what is kept is put right."""
    file(cast, slot, cast.site.tohieu_1, cast.site.tohieu_2)
    SiteStatus.objects.filter(site=cast.site.tohieu_1).update(verdict="not_ready")
    SiteReport.objects.filter(site=cast.site.tohieu_2).update(
        answers=checklist.packed(all_well() | {"9": "no", "5": "no"}), verdict="ready"
    )
    move_clock(hours=2)
    row = check(cast, slot)
    assert (row.ready, row.conditional, row.not_ready, row.silent) == (1, 0, 1, 2)
    assert SiteStatus.objects.get(site=cast.site.tohieu_1, operation=cast.operation).verdict == "ready"
    assert SiteStatus.objects.get(site=cast.site.tohieu_2, operation=cast.operation).verdict == "not_ready"
    items = Finding.objects.filter(kind="item", site=cast.site.tohieu_2)
    assert {(one.item, one.critical, one.escalate_at is None) for one in items} == {
        ("9", True, False), ("5", False, True),
    }  # fmt: skip


def test_a_slot_judged_again_finds_the_same(cast, slot, move_clock):
    file(cast, slot, cast.site.tohieu_1, **{"1": "no"})
    move_clock(hours=2)
    assert check(cast, slot)
    before, said = unmended(), Event.objects.count()
    assert check(cast, slot) is None
    assert (unmended(), Event.objects.count()) == (before, said)
    Check.objects.all().delete()  # even where the claim itself is lost
    again = check(cast, slot)
    assert (again.opened, again.closed) == (0, 0)
    assert unmended() == before
    assert len(events("readiness.silent")) == len({row[0] for row in before if row[3] == "silent"})


def test_what_is_mended_is_closed_and_what_is_missing_again_is_a_new_finding(cast, slot, move_clock):
    file(cast, slot, cast.site.tohieu_1, cast.site.tohieu_2, **{"1": "no"})
    SiteReport.objects.filter(site=cast.site.tohieu_1).update(answers=checklist.packed(all_well()))
    move_clock(hours=2)
    row = check(cast, slot)
    assert (row.ready, row.not_ready) == (1, 1)
    closed = Finding.objects.get(site=cast.site.tohieu_1, kind="item")
    assert (closed.closed_at is not None, closed.closed_post) == (True, SYSTEM.title)
    assert Finding.objects.get(site=cast.site.tohieu_2, kind="item").closed_at is None
    later = a_slot(cast, after=2 * HOUR)
    move_clock(hours=6)
    assert check(cast, later).silent == 4
    assert Finding.objects.filter(site=cast.site.tohieu_1, kind="silent", closed_at=None).count() == 1


def test_a_silence_that_lasts_is_one_finding_and_one_notice(cast, slot, move_clock):
    later = a_slot(cast, after=2 * HOUR)
    move_clock(hours=2)
    assert check(cast, slot).opened == 4 + 3
    move_clock(hours=4)
    row = check(cast, later)
    assert (row.opened, row.silent) == (0, 4)
    assert set(told("readiness.silent").values()) == {1}
    assert [line["line"]["moved"] for line in events("readiness.checked")][1] == dict.fromkeys(
        ("ready", "conditional", "not_ready", "silent"), 0
    )


def test_missed_slots_are_judged_late_in_their_order_by_their_own_answers(cast, slot, move_clock):
    """Beat was down for two slots: what a site said for the first is not what it said for the second."""
    second = a_slot(cast, after=2 * HOUR, opens_at=clock.now())
    file(cast, slot, cast.site.tohieu_1)
    file(cast, second, cast.site.tohieu_1, cast.site.tohieu_2, **{"1": "no"})
    past = a_slot(cast, after=-3 * HOUR, opens_at=clock.now() - 9 * HOUR)  # had run out when it was planned
    move_clock(hours=6)
    assert tasks.check() == 2 * 3
    assert not Check.objects.filter(slot=past).exists()
    first, then = Check.objects.filter(province=cast.unit.sonla).order_by("pk")
    assert (first.slot, then.slot, first.late, then.late) == (slot, second, True, True)
    assert (first.ready, first.not_ready, first.silent) == (1, 1, 2)
    assert (then.ready, then.not_ready, then.silent) == (0, 2, 2)
    assert tasks.check() == 0


def test_a_site_of_which_nothing_is_kept_is_silent(cast, slot, move_clock):
    SiteStatus.objects.all().delete()
    move_clock(hours=2)
    assert check(cast, slot).silent == 4
    file(cast, slot, cast.site.tohieu_1)
    assert Finding.objects.get(site=cast.site.tohieu_1).closed_at is not None


def test_a_check_in_time_is_not_late(cast, slot, move_clock):
    move_clock(hours=1, minutes=34)
    assert tasks.check() == 3
    assert set(Check.objects.values_list("late", flat=True)) == {False}


def test_sites_that_vote_early_are_judged_at_their_own_slots(cast, slot, move_clock):
    Site.objects.filter(pk=cast.site.tohieu_1.pk).update(early=True)
    early = a_slot(cast, track="early")
    move_clock(hours=2)
    regular = check(cast, slot)
    row = check(cast, early)
    assert (regular.silent, row.silent) == (3, 1)
    assert row.units == dict.fromkeys(row.units, 0)
    none = check(cast, early, "laocai")
    assert (none.silent, len(events("readiness.checked"))) == (0, 2)


def test_an_item_of_a_kind_a_phase_and_a_province_is_asked_where_it_is_asked(cast, slot, move_clock):
    row = LocalItem.objects.create(
        operation=cast.operation, province=cast.unit.sonla, path="vn/14/", name_vi="Áo phao", phase="before",
        serves="means", critical=True, added_at=clock.now(),
    )  # fmt: skip
    file(cast, slot, cast.site.tohieu_1)
    file(cast, slot, cast.site.tohieu_2, **{f"x{row.pk}": "ok"})
    hospital = {item.code: "ok" for item in checklist.asked("regular", "before")} | {f"x{row.pk}": "ok"}
    readiness.file(
        by=cast.chiengan, operation=cast.operation, slot=slot, unit=cast.unit.chiengan,
        given=[Given(cast.site.chiengan_2, hospital)],
    )  # fmt: skip
    move_clock(hours=2)
    judged = check(cast, slot)
    assert (judged.ready, judged.conditional, judged.not_ready, judged.silent) == (1, 1, 1, 1)
    assert judged.items == {f"x{row.pk}": 1, "44": 1}


def test_units_are_judged_by_what_they_say_of_themselves(cast, slot, move_clock):
    unit = cast.unit
    own(cast, slot, unit.sonla)
    own(cast, slot, unit.tohieu, answers={"post": "ok", "comms": "ok", "plans": "ok"})
    own(cast, slot, unit.chiengan, numbers={"strength": 3, "strength_planned": 5})
    own(cast, slot, unit.k02, answers={"post": "no", "comms": "ok", "plans": "ok", "funding": "ok"})
    move_clock(hours=2)
    assert check(cast, slot).units == {"ready": 1, "conditional": 2, "not_ready": 0, "silent": 0}
    assert check(cast, slot, "k02").units == {"ready": 0, "conditional": 0, "not_ready": 1, "silent": 0}
    found = {(one.unit.path, one.item) for one in Finding.objects.exclude(unit=None)}
    assert found == {(unit.tohieu.path, "funding"), (unit.k02.path, "post")}
    later = a_slot(cast, after=2 * HOUR)
    own(cast, later, unit.k02)
    move_clock(hours=6)
    assert check(cast, later, "k02").units["ready"] == 1
    assert Finding.objects.get(unit=unit.k02).closed_at is not None


def test_who_has_not_answered_is_reminded_once(cast, slot, move_clock):
    file(cast, slot, cast.site.tohieu_1, cast.site.tohieu_2)
    own(cast, slot, cast.unit.tohieu)
    file(cast, slot, cast.site.chiengan_1, by="chiengan")
    assert tasks.remind() == 0
    move_clock(minutes=31)
    assert tasks.remind() == 3
    assert tasks.remind() == 0
    lines = {event["unit"]["path"]: event["line"] for event in events("readiness.reminded")}
    assert "vn/14/03646/" not in lines
    assert (lines["vn/14/03664/"]["sites"], lines["vn/14/03664/"]["own"]) == (1, 1)
    assert (lines["vn/14/"]["sites"], lines["vn/14/"]["own"]) == (0, 1)
    assert told("readiness.reminded") == dict.fromkeys(
        [cast.chiengan.pk, cast.sonla.pk, cast.laocai.pk, cast.sapa.pk, cast.k02.pk], 1
    )


def test_nobody_is_reminded_of_what_has_run_out(cast, slot, move_clock):
    move_clock(hours=2)
    assert tasks.remind() == 0


def test_what_stands_too_long_climbs_a_level_at_a_time_once(cast, slot, move_clock):
    file(cast, slot, cast.site.tohieu_1, **{"5": "no"})
    move_clock(hours=2)
    tasks.check()
    assert tasks.escalate() == 0
    move_clock(hours=2, minutes=31)
    silent = Finding.objects.filter(kind="silent").count()
    assert tasks.escalate() == silent
    assert tasks.escalate() == 0
    sonla, laocai, k02 = sorted(events("finding.escalated"), key=lambda one: one["unit"]["path"])
    assert (sonla["unit"]["path"], laocai["unit"]["path"], k02["unit"]["path"]) == (
        "vn/14/",
        "vn/15/",
        "vn/K02/",
    )
    assert sonla["line"]["findings"] == 6
    assert sonla["line"]["worst"][0] == {"path": "vn/14/03664/", "name": "Phường Chiềng An", "findings": 3}
    assert told("finding.escalated") == {cast.sonla.pk: 1, cast.laocai.pk: 1, cast.k02.pk: 1}
    move_clock(hours=9)
    assert tasks.escalate() == silent
    assert tasks.escalate() == 0
    *_, top = events("finding.escalated")
    assert (top["unit"]["path"], top["line"]["findings"], top["line"]["level"]) == ("vn/", silent, 2)
    assert told("finding.escalated")[cast.duty.pk] == 1
    assert set(Finding.objects.values_list("kind", "level", "escalate_at")) == {
        ("silent", 2, None), ("item", 0, None),
    }  # fmt: skip


def test_what_is_due_at_two_levels_at_once_climbs_one_each(cast):
    for level, site in enumerate((cast.site.tohieu_1, cast.site.chiengan_1)):
        Finding.objects.create(
            operation=cast.operation, site=site, path=site.path, kind="silent", critical=True, level=level,
            opened_at=clock.now() - HOUR, escalate_at=clock.now(),
        )  # fmt: skip
    assert tasks.escalate() == 2
    assert dict(Finding.objects.values_list("site", "level")) == {
        cast.site.tohieu_1.pk: 1, cast.site.chiengan_1.pk: 2,
    }  # fmt: skip
    said = {event["unit"]["path"]: event["line"]["findings"] for event in events("finding.escalated")}
    assert said == {"vn/14/": 1, "vn/": 1}


def test_over_a_simulated_day_everything_is_told_once(cast, move_clock):
    """Every quarter of an hour, beat fires twice; somebody files late, somebody never."""
    first, second = a_slot(cast), a_slot(cast, after=4 * HOUR, opens_at=clock.now() + HOUR)
    for step in range(1, 4 * 12):
        move_clock(minutes=15 * step)
        if step == 9:
            file(cast, first, cast.site.tohieu_1, cast.site.tohieu_2)
        for _ in range(2):
            tasks.remind()
            tasks.check()
            tasks.escalate()
    said = Counter((verb, path, due) for verb, path, due in _told_by_slot())
    assert set(said.values()) == {1}
    assert Check.objects.count() == 2 * 3
    assert set(Check.objects.values_list("slot", "late")) == {(first.pk, False), (second.pk, False)}
    reminders = [one for one in said if one[0] == "readiness.reminded"]
    assert len(reminders) == 2 * 7
    tohieu = Finding.objects.filter(site=cast.site.tohieu_1).order_by("opened_at")
    assert [(one.level, one.closed_at is None) for one in tohieu] == [(1, False), (2, True)]
    everything = Counter(
        (key, after["level"], after["open"])
        for event in Event.objects.all()
        for key, after in event.said["after"].items()
        if key.startswith("finding:")
    )
    assert set(everything.values()) == {1}, "a finding opened, climbed or closed twice"


def _told_by_slot():
    for event in Event.objects.filter(verb__startswith="readiness."):
        if event.verb != "readiness.filed":
            yield event.verb, event.path, event.said["line"]["due"]


def test_a_higher_level_ends_a_finding_with_a_reason(cast, slot, move_clock):
    move_clock(hours=2)
    check(cast, slot)
    row = Finding.objects.get(site=cast.site.tohieu_1)
    of_province = Finding.objects.get(unit=cast.unit.sonla)
    for who, one in (("tohieu", row), ("laocai", row), ("wall", row), ("sonla", of_province)):
        with pytest.raises(PermissionDenied), settled():
            actions.close_finding(by=getattr(cast, who), finding=one, reason="Đã xác minh")
    for reason in ("", " \u200b ", "a" * 1001):
        with pytest.raises(ValidationError), settled():
            actions.close_finding(by=cast.sonla, finding=row, reason=reason)
    closed = actions.close_finding(by=cast.sonla, finding=row, reason="Đã xác minh")
    assert closed.closed_post.startswith("Trực ban cấp tỉnh")
    with pytest.raises(actions.Mended), settled():
        actions.close_finding(by=cast.duty, finding=row, reason="Lần nữa")
    assert actions.close_finding(by=cast.duty, finding=of_province, reason="Đã xác minh")
    [first, _second] = events("finding.closed")
    assert first["line"]["text"] == "Đã xác minh"


@pytest.mark.loud
def test_a_province_that_cannot_be_judged_keeps_no_other_waiting(cast, slot, move_clock, monkeypatch):
    a_slot(cast, after=2 * HOUR)
    judge = actions.check

    def fails(**given):
        if given["province"].path == "vn/14/":
            raise KeyError(given["province"].path)
        return judge(**given)

    monkeypatch.setattr(actions, "check", fails)
    move_clock(hours=6)
    assert tasks.check() == 2 * 2


def test_sweeping_when_nothing_is_due_costs_little(cast, slot, django_assert_num_queries):
    for task, statements in ((tasks.check, 5), (tasks.remind, 5), (tasks.escalate, 5)):
        task()
        with django_assert_num_queries(statements):
            task()


def test_a_check_costs_the_same_whatever_it_finds(cast, slot, move_clock, django_assert_num_queries):
    later = a_slot(cast, after=2 * HOUR)
    move_clock(hours=6)
    for area in ("sonla", "laocai"):
        with django_assert_num_queries(14):
            check(cast, slot, area)
    with django_assert_num_queries(11):
        check(cast, later)
