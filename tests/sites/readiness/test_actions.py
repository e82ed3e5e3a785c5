"""Do the verbs of readiness do what they say, and only that?"""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from journal import clock
from journal.models import Event, Notice
from sites import checklist
from sites.models import Site, SiteStatus
from sites.readiness import actions, answers, queries
from sites.readiness.models import DraftCell, Finding, LocalItem, SiteReport
from subcommittees.scope import reach
from tests.sites.readiness.stage import HOUR, WELL, file, given, made, planned, refused, send_back


def stands(site):
    row = SiteStatus.objects.get(site=site)
    return row.verdict, row.report.revision if row.report else 0


def open_items(site):
    return set(Finding.objects.filter(site=site, kind="item", closed_at=None).values_list("item", flat=True))


def test_a_correction_is_another_revision_and_the_same_again_is_none(cast):
    slot, site = made(cast), cast.site.tohieu_1
    file(cast, slot, given(site, **{"1": "no"}))
    assert stands(site) == ("not_ready", 1)
    assert open_items(site) == {"1"}
    file(cast, slot, given(site))
    assert stands(site) == ("ready", 2)
    assert open_items(site) == set()
    events = Event.objects.count()
    done = file(cast, slot, given(site))
    assert (done.reports, done.unchanged, Event.objects.count()) == ([], 1, events)
    assert SiteReport.objects.count() == 2


def test_what_is_not_answered_is_not_in_order(cast):
    slot, site = made(cast), cast.site.tohieu_1
    file(cast, slot, given(site, **{"1": None, "5": None}))
    assert stands(site) == ("not_ready", 1)
    assert open_items(site) == {"1", "5"}
    assert set(Finding.objects.filter(critical=True).values_list("item", flat=True)) == {"1"}
    assert Finding.objects.get(item="1").escalate_at is not None
    assert Finding.objects.get(item="5").escalate_at is None


def test_who_files_for_another_is_marked_so(cast):
    slot = made(cast)
    assert file(cast, slot).reports[0].source == "own"
    for_another = file(cast, slot, given(cast.site.tohieu_1, note="x"), by=cast.sonla).reports[0]
    assert (for_another.source, for_another.level, for_another.revision) == ("on_behalf", 1, 2)
    assert file(cast, slot, given(cast.site.tohieu_1, note="y"), by=cast.duty).reports[0].level == 2
    for stranger in (cast.chiengan, cast.laocai, cast.wall, cast.health, cast.secretary):
        with refused(PermissionDenied):
            file(cast, slot, by=stranger)


def test_a_verdict_of_two_writers_is_the_last_one_said(cast):
    slot, site = made(cast), cast.site.tohieu_1
    file(cast, slot, given(site))
    with refused(actions.Stale) as stale:
        file(cast, slot, given(site, revision=0, **{"5": "no"}))
    assert [(one.site.code, one.revision) for one in stale.value.reports] == [(site.code, 1)]
    file(cast, slot, given(site, revision=0))  # the same as stands: nothing is lost
    file(cast, slot, given(site, revision=1, **{"5": "no"}))
    assert stands(site) == ("conditional", 2)


def test_what_was_said_before_does_not_undo_what_was_reported_since(cast, move_clock):
    """A device that was offline hands in late what the neighbour has corrected meanwhile."""
    slot, site = made(cast), cast.site.tohieu_1
    said_at = clock.now()
    move_clock(minutes=10)
    file(cast, slot, given(site, **{"1": "no"}))
    with refused(actions.Stale):
        file(cast, slot, given(site), said_at=said_at)
    file(cast, slot, given(cast.site.tohieu_2), said_at=said_at)
    assert Event.objects.latest("n").said["line"]["said_at"] == clock.wire(said_at)
    assert stands(site) == ("not_ready", 1)


@pytest.mark.parametrize("hours", [1, -2])
def test_a_time_that_cannot_be_is_refused(hours, cast):
    with refused(ValidationError) as wrong:
        file(cast, made(cast), said_at=clock.now() + hours * HOUR)
    assert list(wrong.value.error_dict) == ["said_at"]


@pytest.mark.parametrize("hours", [{"opens": 1}, {"opens": -5, "due": -4, "silent": -3, "closes": -2}])
def test_a_slot_takes_answers_in_its_hours_only(hours, cast):
    slot = made(cast, **({"due": 2, "silent": 3, "closes": 4} | hours))
    with refused(actions.Closed):
        file(cast, slot)
    assert not SiteReport.objects.exists()


def test_a_slot_that_was_called_off_takes_none(cast):
    with refused(actions.Closed):
        file(cast, made(cast, cancelled_at=clock.now()))


def test_who_answers_after_the_grace_is_late(cast, move_clock):
    slot = made(cast, opens=-1, due=1, silent=2, closes=9)
    move_clock(hours=3)
    assert file(cast, slot).reports[0].late


def test_an_older_slot_answered_late_says_nothing_about_today(cast):
    """Yesterday's no, handed in after today's yes, neither moves the verdict nor opens a finding."""
    site = cast.site.tohieu_1
    older = made(cast, opens=-5, due=-2, silent=-1, closes=9)
    newer = made(cast, opens=-1, due=1, silent=2, closes=3)
    file(cast, newer, given(site))
    report = file(cast, older, given(site, **{"1": "no"})).reports[0]
    assert (report.verdict, report.late) == ("not_ready", True)
    assert stands(site) == ("ready", 1)
    assert SiteStatus.objects.get(site=site).due == newer.due_at
    assert open_items(site) == set()


def test_what_is_open_from_an_earlier_phase_counts_until_it_is_in_order(cast):
    site, day = cast.site.tohieu_1, {"33": "ok", "34": "ok", "35": "ok", "36": "ok", "37": "ok", "38": "ok"}
    file(cast, made(cast, opens=-3, due=-2, silent=-1, closes=1), given(site, **{"1": "no", "5": "no"}))
    slot = made(cast, "day")
    report = file(cast, slot, answers.Given(site, day)).reports[0]
    assert report.verdict == "not_ready"
    assert open_items(site) == {"1", "5"}
    assert file(cast, slot, answers.Given(site, day | {"1": "ok"})).reports[0].verdict == "conditional"
    assert file(cast, slot, answers.Given(site, day | {"1": "ok", "5": "na"})).reports[0].verdict == "ready"
    assert open_items(site) == set()


def test_what_was_in_order_before_the_day_can_break_on_it(cast):
    site, day = cast.site.tohieu_1, dict.fromkeys(("33", "34", "35", "36", "37", "38"), "ok")
    slot = made(cast, "day")
    assert file(cast, slot, answers.Given(site, day | {"14": "no"})).reports[0].verdict == "conditional"
    assert open_items(site) == {"14"}
    with refused(ValidationError):
        file(cast, slot, answers.Given(site, day | {"39": "ok"}))  # the count has not begun


def test_a_site_of_another_kind_is_asked_other_items(cast):
    slot, site = made(cast), cast.site.chiengan_2  # a hospital
    everything = given(site, **{"44": "no"})
    file(cast, slot, everything, by=cast.chiengan, unit=cast.unit.chiengan)
    assert open_items(site) == {"44"}
    Site.objects.filter(pk=site.pk).update(kind="island")
    site.refresh_from_db()
    file(cast, slot, given(site), by=cast.chiengan, unit=cast.unit.chiengan)
    assert stands(site)[0] == "not_ready"  # the boats are asked now
    assert open_items(site) == {"41"}
    with refused(ValidationError):
        file(cast, slot, given(site, **{"44": "ok"}), by=cast.chiengan, unit=cast.unit.chiengan)


def test_a_province_asks_more(cast):
    at = {"operation": cast.operation, "province": cast.unit.sonla, "path": "vn/14/", "added_at": clock.now()}
    asked = LocalItem.objects.create(
        **at, name_vi="Tuyến đèo", phase="before", serves="command", critical=True
    )
    slot, site = made(cast), cast.site.tohieu_1
    own = asked.item.code
    assert file(cast, slot, given(site)).reports[0].verdict == "not_ready"
    assert open_items(site) == {own}
    assert file(cast, slot, given(site, **{own: "ok"})).reports[0].verdict == "ready"
    assert file(cast, slot, given(site, **{own: "ok"})).unchanged == 1
    for answer in ("na", "x"):
        with refused(ValidationError):
            file(cast, slot, given(site, **{own: answer}))
    file(cast, slot, given(site, **{own: "no"}))
    LocalItem.objects.filter(pk=asked.pk).update(retired_at=clock.now())
    assert file(cast, slot, given(site)).reports[0].verdict == "ready"
    assert open_items(site) == set()


def test_a_list_that_has_grown_makes_no_new_revision(cast):
    slot, site = made(cast), cast.site.tohieu_1
    report = file(cast, slot, given(site)).reports[0]
    SiteReport.objects.filter(pk=report.pk).update(answers=report.answers[:-3])
    assert file(cast, slot, given(site)).unchanged == 1


def test_an_answer_ends_the_silence_it_answers(cast):
    silence = {
        "operation": cast.operation,
        "path": "vn/14/03646/",
        "kind": "silent",
        "opened_at": clock.now(),
    }
    older = made(cast, opens=-5, due=-2, silent=-1, closes=9)
    newer = made(cast)
    Finding.objects.create(**silence, site=cast.site.tohieu_1, slot=older)
    Finding.objects.create(**silence, site=cast.site.tohieu_2, slot=newer)
    file(cast, older)
    assert set(Finding.objects.filter(closed_at=None).values_list("site", flat=True)) == {
        cast.site.tohieu_2.pk
    }
    file(cast, newer)
    assert not Finding.objects.filter(closed_at=None).exists()


def test_what_was_typed_is_gone_when_it_is_handed_in(cast):
    slot = made(cast)
    typed = {"slot": slot, "item": "1", "value": "o", "by": cast.tohieu, "at": clock.now()}
    for site in (cast.site.tohieu_1, cast.site.chiengan_1):
        DraftCell.objects.create(site=site, path=site.path, **typed)
    file(cast, slot)
    assert list(DraftCell.objects.values_list("site", flat=True)) == [cast.site.chiengan_1.pk]


def test_who_is_above_confirms(cast):
    slot = made(cast)
    file(cast, slot)
    of = {"operation": cast.operation, "slot": slot, "unit": cast.unit.tohieu}
    with refused(PermissionDenied):
        actions.verify(by=cast.tohieu, **of)
    with refused(actions.Stale):
        actions.verify(by=cast.sonla, **of, seen_at=clock.now() - HOUR)
    assert len(actions.verify(by=cast.sonla, **of)) == 2
    assert actions.verify(by=cast.duty, **of) == []
    assert Event.objects.filter(verb="readiness.verified").count() == 1
    file(cast, slot, given(cast.site.tohieu_1, **{"5": "no"}))
    assert SiteStatus.objects.get(site=cast.site.tohieu_1).verified_at is None
    assert SiteStatus.objects.get(site=cast.site.tohieu_2).verified_at is not None


def test_nobody_confirms_or_sends_back_what_the_own_level_said(cast):
    slot = made(cast)
    file(cast, slot, by=cast.sonla)
    of = {"operation": cast.operation, "slot": slot}
    with refused(PermissionDenied):
        actions.verify(by=cast.sonla_head, **of, unit=cast.unit.tohieu)
    with refused(PermissionDenied):
        send_back(cast, slot, by=cast.sonla_head)
    assert send_back(cast, slot, by=cast.duty).source == "returned"
    assert len(actions.verify(by=cast.duty, **of, unit=cast.unit.tohieu)) == 1  # what was sent back waits


def test_what_is_sent_back_moves_the_verdict_and_calls_the_commune(cast):
    slot, site = made(cast), cast.site.tohieu_1
    file(cast, slot)
    report = send_back(cast, slot, items=["1", "5"])
    assert (report.verdict, report.revision, report.source) == ("not_ready", 2, "returned")
    assert report.reasons == {"1": "Chưa rõ lối vào", "5": "Chưa rõ lối vào"}
    assert stands(site) == ("not_ready", 2)
    assert open_items(site) == {"1", "5"}
    event = Event.objects.get(verb="readiness.returned")
    assert set(Notice.objects.filter(event=event).values_list("person", flat=True)) == {cast.tohieu.pk}
    assert event.said["line"]["items"] == ["1", "5"]
    assert send_back(cast, slot, items=["1"]).revision == 2  # the same again
    left = file(cast, slot, given(site, **{"1": "ok", "5": None})).reports[0]
    assert checklist.unpacked(left.answers)["5"] == "returned"  # until it is answered
    assert left.reasons == {"5": "Chưa rõ lối vào"}
    done = file(cast, slot, given(site)).reports[0]
    assert (done.verdict, done.reasons, done.source) == ("ready", None, "own")
    assert open_items(site) == set()


def test_what_cannot_be_sent_back(cast):
    slot, site = made(cast), cast.site.tohieu_1
    with refused(ValidationError):
        send_back(cast, slot)  # nothing was said
    file(cast, slot)
    for more in (
        {"items": []},
        {"items": ["39"]},
        {"items": ["x"]},
        {"reason": " \u200b"},
        {"reason": "x" * 501},
    ):
        with refused(ValidationError):
            send_back(cast, slot, **more)
    for stranger in (cast.tohieu, cast.chiengan, cast.laocai, cast.wall, cast.secretary):
        with refused(PermissionDenied):
            send_back(cast, slot, by=stranger)
    with refused(actions.Stale):
        send_back(cast, slot, revision=7)
    newer = made(cast, opens=-1, due=4, silent=5, closes=6)
    file(cast, newer, given(site))
    with refused(actions.Stale) as stale:
        send_back(cast, slot)
    assert stale.value.report.slot_id == newer.pk


def test_a_batch_costs_the_same_at_any_size(cast):
    slot = made(cast)
    said = []
    reach(cast.tohieu)
    for batch in (
        [given(cast.site.tohieu_1)],
        [given(cast.site.tohieu_1, note="x"), given(cast.site.tohieu_2)],
    ):
        with CaptureQueriesContext(connection) as texts:
            file(cast, slot, *batch)
        said.append(len(texts))
    assert said[0] == said[1] <= 12, said


def test_the_calendar_is_made_once_and_keeps_what_was_edited(cast):
    slot = planned(cast)
    slots = queries.all_slots(cast.operation).count()
    assert actions.plan(by=cast.secretary, operation=cast.operation) == 0
    moved = queries.slots(cast.operation, "regular").filter(opens_at__gt=clock.now()).first()
    moved.due_at -= dt.timedelta(minutes=5)
    moved.save()
    assert actions.plan(by=cast.head, operation=cast.operation) == 0
    assert queries.all_slots(cast.operation).count() == slots
    assert queries.asked_now(cast.operation) == slot
    for other in (cast.sonla_head, cast.tohieu, cast.duty):
        with refused(PermissionDenied):
            actions.plan(by=other, operation=cast.operation)


def test_the_items_of_the_table_fit_the_column():
    assert (
        len(checklist.packed(WELL))
        == len(checklist.ITEMS)
        <= SiteReport._meta.get_field("answers").max_length
    )
