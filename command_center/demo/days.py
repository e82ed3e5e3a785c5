"""Which slots are told, and what is a site at a moment of its day?"""

import datetime as dt
from dataclasses import dataclass

from django.utils.timezone import get_default_timezone

from journal import clock
from sites import states
from sites.readiness import actions, calendar, queries
from sites.readiness.models import Slot
from subcommittees.models import Operation, User

OLDER, BEFORE, LAST, NOW = range(
    4
)  # of the told slots: the last two that ran out, one older, and the one open now
CHECKED = 14  # slots back that the checks tell of
PLANNED = dt.timedelta(days=29)
# The life of a site on its day: from which hour on it is what. Hours past 24 are of the next day.
LIFE = ((7, "voting"), (19, "box_closed"), (20, "counting"), (23, "handed_over"), (36, "finished"))


@dataclass(frozen=True)
class Track:
    """The slots of one track around now; None where there is none (yet, or any more)."""

    name: str
    told: tuple[Slot | None, ...]
    checked: tuple[Slot, ...]  # the oldest first
    begins: dt.datetime  # midnight of the day on which it votes

    @property
    def phases(self) -> tuple[str, ...]:
        return tuple(slot.phase if slot else "before" for slot in self.told)

    def state(self, verdict: str, at: dt.datetime) -> tuple[str, dt.datetime | None]:
        """What a site is at that moment that said `verdict` last, and since when (None: since it said so)."""
        since, state = None, "preparing"
        for hour, later in LIFE:
            begins = self.begins + dt.timedelta(hours=hour)
            if begins <= at:
                since, state = begins, later
        return states.assessed(state, verdict), since


def plan(operation: Operation, by: User, now: dt.datetime) -> dict[str, Track]:
    """Plan the slots of the operation a month ago; both tracks, by name."""
    with clock.shifted() as move:
        move(-PLANNED)
        actions.plan(by=by, operation=operation)
    tracks = {name: _track(operation, name, now) for name in ("regular", "early")}
    for track in tracks.values():
        if track.checked:  # what ran out before these was never judged, nor will be
            first = track.checked[0]
            before = queries.slots(operation, track.name).filter(due_at__lt=first.due_at).last()
            planned = before.silent_at if before else first.opens_at
            Slot.objects.filter(operation=operation, track=track.name).update(planned_at=planned)
    return tracks


def _track(operation: Operation, name: str, now: dt.datetime) -> Track:
    slots = list(queries.slots(operation, name))
    past = [slot for slot in slots if slot.silent_at <= now]
    still = next((slot for slot in slots if slot.opens_at <= now < slot.silent_at), None)
    lead: list[Slot | None] = [None] * 3
    day = calendar.day_of(operation.election_day, name)
    begins = dt.datetime.combine(day, dt.time(), get_default_timezone())
    return Track(name, (*(lead + past)[-3:], still), tuple(past[-CHECKED:]), begins)


def moment(slot: Slot, share: float) -> dt.datetime:
    """When who takes this share of the time hands in: most in the last third of it."""
    return slot.opens_at + (slot.silent_at - slot.opens_at) * share
