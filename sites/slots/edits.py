"""What may be changed about a slot, and how do the slots beside it follow?"""

import datetime as dt
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _

from journal import clock
from sites.readiness import calendar, queries
from sites.readiness.models import Slot

TIMES = ("opens_at", "due_at", "silent_at", "closes_at")
FARTHEST = 400  # days


@dataclass
class Edit:
    """A slot as it stands and as it shall be, between the standing ones `before` and `after` it; at what moment."""

    was: Slot
    slot: Slot
    before: Slot | None
    after: Slot | None
    at: dt.datetime

    @property
    def moved(self) -> set[str]:
        names = (*TIMES, "cancelled_at")
        return {name for name in names if getattr(self.was, name) != getattr(self.slot, name)}


def drawn(
    was: Slot, near: Iterable[Slot], at: dt.datetime, times: Mapping[str, dt.datetime], cancel: bool | None
) -> Edit:
    """The slot with these times; with the due time the grace and the reminder move along."""
    slot = copy(was)
    before = next((one for one in near if one.due_at < was.due_at), None)
    after = next((one for one in near if one.due_at > was.due_at), None)
    by = times.get("due_at", was.due_at) - was.due_at
    slot.silent_at, slot.remind_at = was.silent_at + by, was.remind_at + by
    if after is None:
        slot.closes_at = was.closes_at + by
    for name in TIMES:
        setattr(slot, name, times.get(name, getattr(slot, name)))
    slot.remind_at = min(max(slot.remind_at, slot.opens_at), slot.silent_at)
    if cancel is not None and cancel != (was.cancelled_at is not None):
        slot.cancelled_at = at if cancel else None
    return Edit(was, slot, before, after, at)


def faults(edit: Edit, election_day: dt.date) -> dict[str, Any]:
    """What would overlap, lies in the past, or would change what has been answered; by field."""
    if edit.slot.cancelled_at is not None:
        return {}
    return _far(edit, election_day) or _disordered(edit) | _overlapping(edit) | _answered(edit)


def _far(edit: Edit, election_day: dt.date) -> dict[str, Any]:
    return {
        name: _("This is too far from the day of the election.")
        for name in TIMES
        if abs((getattr(edit.slot, name).date() - election_day).days) > FARTHEST
    }


def _disordered(edit: Edit) -> dict[str, Any]:
    slot, errors = edit.slot, {}
    if not slot.opens_at < slot.due_at:
        errors["opens_at"] = _("A slot opens before it is due.")
    if not slot.due_at <= slot.silent_at <= slot.closes_at:
        errors["silent_at"] = _("The grace ends after the slot is due and before it closes.")
    if slot.silent_at <= edit.at:
        errors["silent_at"] = _("This lies in the past.")
    if slot.due_at != edit.was.due_at and slot.due_at <= edit.at:
        errors["due_at"] = _("This lies in the past.")
    return errors


def _overlapping(edit: Edit) -> dict[str, Any]:
    slot, before, after, errors = edit.slot, edit.before, edit.after, {}
    if before and slot.due_at < max(before.silent_at, before.due_at + calendar.HOUR / 4):
        errors["due_at"] = _("This overlaps the slot before: due %(due)s.") % {"due": _said(before)}
    elif before and slot.opens_at < before.due_at:
        errors["opens_at"] = _("This overlaps the slot before: due %(due)s.") % {"due": _said(before)}
    if after and slot.closes_at > after.due_at:
        errors["closes_at"] = _("This overlaps the slot after: due %(due)s.") % {"due": _said(after)}
    return errors


def _answered(edit: Edit) -> dict[str, Any]:
    """Reports name the due time they answer, and were given while it was open."""
    moved = {
        "due_at": edit.slot.due_at != edit.was.due_at,
        "opens_at": edit.slot.opens_at > max(edit.was.opens_at, edit.at),
    }
    if not any(moved.values()) or not queries.answered(edit.was):
        return {}
    said = _("It has been answered already: only its grace and its end can be moved.")
    return {name: said for name, is_so in moved.items() if is_so}


def follow(edit: Edit) -> list[Slot]:
    """Those beside it that touched the slot touch it again: late answers are taken until the next one is due."""
    slot, was, before, after = edit.slot, edit.was, edit.before, edit.after
    moved = []
    stands, stood = slot.cancelled_at is None, was.cancelled_at is None
    if before and before.closes_at > edit.at and (not stood or before.closes_at == was.due_at):
        ends = slot.due_at if stands else (after.due_at if after else was.closes_at)
        if before.closes_at != ends:
            before.closes_at = ends
            moved.append(before)
    if after and after.opens_at > edit.at and (not stood or after.opens_at == was.silent_at):
        begins = slot.silent_at if stands else (before.silent_at if before else was.opens_at)
        begins = min(begins, after.due_at - calendar.HOUR / 4)
        if after.opens_at != begins:
            after.opens_at, after.remind_at = begins, max(begins, after.remind_at)
            moved.append(after)
    return moved


def line(edit: Edit, followers: Iterable[Slot]) -> dict[str, Any]:
    """What the journal keeps of it: how it was, and how it and the slots beside it are now."""
    return {
        "slot": edit.was.pk,
        "track": edit.was.track,
        "due": clock.wire(edit.was.due_at),
        "was": told(edit.was),
        "now": told(edit.slot),
        "cancelled": edit.slot.cancelled_at is not None,
        "beside": {str(row.pk): told(row) for row in followers},
    }


def told(slot: Slot) -> dict[str, str | None]:
    return {name: clock.wire(getattr(slot, name)) for name in TIMES}


def _said(slot: Slot) -> str:
    return f"{slot.due_at.astimezone(get_default_timezone()):%H:%M %d/%m/%Y}"
