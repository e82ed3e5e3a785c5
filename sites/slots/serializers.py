"""What shape does a slot have outside?"""

import datetime as dt
from typing import Any

from rest_framework import serializers

from journal import clock
from sites import checklist
from sites.readiness.models import TRACKS, Slot
from sites.slots import edits
from subcommittees.serializers import Moment, StrictSerializer, Text


def state_of(slot: Slot, at: dt.datetime) -> str:
    if slot.cancelled_at is not None:
        return "cancelled"
    if at < slot.opens_at:
        return "upcoming"
    if at >= slot.closes_at:
        return "closed"
    return "late" if at >= slot.silent_at else "open"


STATES = ("upcoming", "open", "late", "closed", "cancelled")


class SlotSerializer(serializers.Serializer[Any]):
    """`late`: everybody ought to have answered, and an answer is still taken; `current`: what is to be answered now."""

    id = serializers.IntegerField()
    track = serializers.ChoiceField(list(TRACKS))
    phase = serializers.ChoiceField(list(checklist.PHASES))
    opens_at = Moment()
    due_at = Moment()
    silent_at = Moment()
    closes_at = Moment()
    state = serializers.ChoiceField(STATES)
    current = serializers.BooleanField()


def slot_shape(slot: Slot, at: dt.datetime, current: set[int]) -> dict[str, Any]:
    return {
        "id": slot.pk,
        "track": slot.track,
        "phase": slot.phase,
        **{name: clock.wire(getattr(slot, name)) for name in edits.TIMES},
        "state": state_of(slot, at),
        "current": slot.pk in current,
    }


class Truth(serializers.BooleanField):
    """true or false; "yes" and 1 are neither."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=str(data)[:20])
        return data


class EditSerializer(StrictSerializer):
    """What is not given stays; with the due time the grace moves along."""

    opens_at = Moment(required=False, allow_null=True, default=None)
    due_at = Moment(required=False, allow_null=True, default=None)
    silent_at = Moment(required=False, allow_null=True, default=None)
    closes_at = Moment(required=False, allow_null=True, default=None)
    cancel = Truth(
        required=False, allow_null=True, default=None, help_text="true: call it off; false: it stands again"
    )
    reason = Text(max_length=500)


class PlannedSerializer(serializers.Serializer[Any]):
    planned = serializers.IntegerField()
