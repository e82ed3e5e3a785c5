"""May the calendar of reports be changed, and only where nothing that was said or judged changes with it?"""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from journal import clock
from journal.models import Event
from sites.readiness import queries
from sites.readiness.actions import Closed
from sites.readiness.models import Slot
from sites.slots import actions
from tests.sites.readiness.stage import HOUR, file, made, planned, post, refused


@pytest.fixture
def three(cast):
    """Three slots that touch: the one before has run out, the one between is open, the one after is to come."""
    cast.operation.election_day = clock.now().date()
    cast.operation.save()
    at = clock.now()
    return (
        made(cast, opens=-9, due=-4, silent=-3, closes=4, at=at),
        made(cast, opens=-3, due=4, silent=5, closes=8, at=at),
        made(cast, opens=5, due=8, silent=9, closes=12, at=at),
    )


def edit(cast, slot, by=None, reason="Theo kết luận giao ban", cancel=None, **hours):
    """With these times, in hours from what it has now."""
    times = {name: getattr(slot, name) + by_hours * HOUR for name, by_hours in hours.items()}
    return actions.edit(
        by=by or cast.secretary,
        operation=cast.operation,
        slot=slot,
        reason=reason,
        times=times,
        cancel=cancel,
    )


def hours(slot, since):
    slot.refresh_from_db()
    return [
        round((getattr(slot, f"{name}_at") - since) / HOUR) for name in ("opens", "due", "silent", "closes")
    ]


def test_a_slot_that_moves_takes_its_grace_along_and_its_neighbours_follow(cast, three):
    before, slot, after = three
    now = before.due_at + 4 * HOUR
    edit(cast, slot, due_at=1)
    assert hours(before, now) == [-9, -4, -3, 5]
    assert hours(slot, now) == [-3, 5, 6, 8]
    assert hours(after, now) == [6, 8, 9, 12]
    event = Event.objects.get(verb="slot.edited")
    assert event.said["line"]["text"] == "Theo kết luận giao ban"
    assert set(event.said["audience"]) == {"vn/14/", "vn/15/", "vn/K02/"}
    edit(cast, slot)
    assert Event.objects.filter(verb="slot.edited").count() == 1  # nothing was changed


def test_a_slot_that_is_called_off_leaves_no_gap_and_may_stand_again(cast, three):
    before, slot, after = three
    now = before.due_at + 4 * HOUR
    edit(cast, slot, cancel=True)
    assert slot not in queries.slots(cast.operation)
    assert hours(before, now) == [-9, -4, -3, 8]
    assert hours(after, now) == [-3, 8, 9, 12]
    with refused(Closed):
        file(cast, slot)
    edit(cast, slot, cancel=False)
    assert hours(before, now)[3] == 4
    assert slot in queries.slots(cast.operation)


@pytest.mark.parametrize(
    ("wrong", "given"),
    [
        ("due_at", {"due_at": -4.5}),  # in the past
        ("silent_at", {"silent_at": -5.5}),
        ("silent_at", {"silent_at": 4}),  # after its end
        ("opens_at", {"opens_at": 8}),  # after it is due
        ("opens_at", {"opens_at": -2}),  # before the one before was due
        ("closes_at", {"closes_at": 1}),  # into the one after
        ("due_at", {"due_at": 5}),
        ("closes_at", {"closes_at": 24 * 500}),
        ("opens_at", {"opens_at": -24 * 500}),
    ],
)
def test_times_that_cannot_be_are_refused(wrong, given, cast, three):
    with refused(ValidationError) as refusal:
        edit(cast, three[1], **given)
    assert wrong in refusal.value.error_dict or (
        wrong == "due_at" and "silent_at" in refusal.value.error_dict
    )
    assert not Event.objects.filter(verb="slot.edited").exists()


def test_what_was_judged_stays(cast, three, move_clock):
    with refused(Closed):
        edit(cast, three[0], closes_at=-1)
    with refused(Closed):
        edit(cast, three[0], cancel=True)
    move_clock(hours=5)
    with refused(Closed):
        edit(cast, three[1], silent_at=1)


def test_what_was_answered_keeps_the_time_it_answers(cast, three):
    slot = three[1]
    file(cast, slot)
    for given in ({"due_at": 1}, {"opens_at": 4}):
        with refused(ValidationError):
            edit(cast, slot, **given)
    edit(cast, slot, silent_at=2)
    assert hours(slot, slot.due_at)[2] == 3
    with refused(ValidationError):
        edit(cast, slot, reason=" ", cancel=True)


@pytest.mark.parametrize(
    "who", ["sonla_head", "sonla_staff", "sonla", "duty", "tohieu", "wall", "health", "admin"]
)
def test_who_plans_not_edits_nothing(who, cast, three):
    with refused(PermissionDenied):
        edit(cast, three[1], by=cast.officers[who], cancel=True)


def test_a_slot_of_another_operation_is_none_of_this(cast, three):
    Slot.objects.filter(pk=three[1].pk).update(operation=cast.exercise)
    with refused(Slot.DoesNotExist):
        edit(cast, three[1], cancel=True)


def test_the_api_edits_and_plans(cast, api):
    slot = planned(cast)
    client = api(cast.secretary)
    assert post(client, {}, "api-slots").json() == {"planned": 0}
    later = (slot.silent_at + dt.timedelta(minutes=7)).isoformat()
    answer = post(
        client, {"silent_at": later, "reason": "Gia hạn"}, "api-slot-edit", kwargs={"slot": slot.pk}
    )
    assert answer.status_code == 200
    assert answer.json()["current"]
    assert answer.json()["silent_at"] > answer.json()["due_at"]
    past = queries.slots(cast.operation).first()
    answer = post(client, {"cancel": True, "reason": "x"}, "api-slot-edit", kwargs={"slot": past.pk})
    assert (answer.status_code, answer.json()["code"]) == (409, "slot_closed")
    for wrong in (
        {"cancel": "yes"},
        {"due_at": "16:00"},
        {"due_at": "2026-01-01T00:00:00"},
        {"reason": ""},
        {"x": 1},
    ):
        body = {"reason": "x"} | wrong
        answer = post(client, body, "api-slot-edit", kwargs={"slot": slot.pk})
        assert answer.status_code == 400, wrong
    assert client.get(reverse("api-slots")).status_code == 200
