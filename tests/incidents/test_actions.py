"""Do the verbs of an incident do what they say, and only that?"""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from incidents import actions, tasks
from incidents.models import Incident
from journal.models import Entry, Event, Notice
from subcommittees.scope import SYSTEM


@pytest.fixture
def fire(cast):
    return actions.report(
        by=cast.tohieu,
        operation=cast.operation,
        site=cast.site.tohieu_1,
        category="FIRE",
        severity=2,
        summary="Khói",
    )


def test_a_report_starts_a_clock_and_calls_the_province(cast, fire, number):
    number()
    assert fire.ref.startswith("SC-14-")
    assert fire.state == "reported"
    assert (fire.answer_by - fire.reported_at).total_seconds() == 300
    event = Event.objects.get()
    assert event.verb == "incident.reported"
    assert event.stream == "bau-cu/14"
    assert event.said["unit"] == {"path": "vn/14/03646/", "name": "Phường Tô Hiệu, Sơn La"}
    assert Entry.objects.get().seq == 1
    assert set(Notice.objects.values_list("person", flat=True)) == {cast.sonla.pk}


def test_the_gravest_calls_the_ministry_too(cast):
    actions.report(
        by=cast.tohieu, operation=cast.operation, site=cast.site.tohieu_1, category="FIRE", severity=4
    )
    assert set(Notice.objects.values_list("person", flat=True)) == {cast.sonla.pk, cast.duty.pk}


def test_only_the_own_commune_is_reported_from(cast):
    with pytest.raises(PermissionDenied):
        actions.report(
            by=cast.tohieu, operation=cast.operation, site=cast.site.chiengan_1, category="FIRE", severity=2
        )


def test_the_whole_life(cast, fire):
    for verb, more in [
        ("acknowledge", {}),
        ("verify", {}),
        ("note", {"text": "Đã cử tổ công tác"}),
        ("raise", {"severity": 3}),
        ("respond", {}),
        ("resolve", {}),
        ("close", {"reason": "Đã dập tắt"}),
    ]:
        fire = actions.act(verb, by=cast.sonla, incident=fire, **more)
    assert (fire.state, fire.severity) == ("closed", 3)
    assert fire.acknowledged_by == cast.sonla


def test_a_second_officer_learns_who_was_first(cast, fire):
    actions.acknowledge(by=cast.sonla, incident=fire)
    assert actions.acknowledge(by=cast.sonla, incident=fire).state == "acknowledged"
    with pytest.raises(actions.Moved) as moved:
        actions.acknowledge(by=cast.duty, incident=fire)
    assert moved.value.state == "acknowledged"
    assert "Sơn La" in moved.value.by


def test_undoing_needs_a_reason(cast, fire):
    actions.acknowledge(by=cast.sonla, incident=fire)
    actions.verify(by=cast.sonla, incident=fire)
    with pytest.raises(ValidationError):
        actions.close(by=cast.sonla, incident=fire, reason="  ")


def test_silence_is_called_out_once(cast, fire, move_clock):
    assert actions.call_out(by=SYSTEM, incident_id=fire.pk) is None
    move_clock(minutes=6)
    assert actions.call_out(by=SYSTEM, incident_id=fire.pk) is not None
    assert tasks.call_out_unanswered() == 0
    event = Event.objects.get(verb="incident.unanswered")
    told = set(Notice.objects.filter(event=event).values_list("person", flat=True))
    assert told == {cast.sonla.pk, cast.sonla_head.pk, cast.duty.pk, cast.head.pk}


def test_reopening_starts_a_new_clock_that_is_called_out_again(cast, fire, move_clock):
    actions.false_alarm(by=cast.sonla, incident=fire, reason="Nhầm")
    again = actions.reopen(by=cast.sonla, incident=fire, reason="Cháy thật")
    assert again.state == "reported"
    assert again.answer_by > fire.answer_by
    move_clock(minutes=6)
    assert tasks.call_out_unanswered() == 1
    assert Incident.objects.get().unanswered_at is not None
