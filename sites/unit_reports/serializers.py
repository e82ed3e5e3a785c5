"""What does a unit's own report take and give?"""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from sites import checklist
from sites.readiness.models import SOURCES, UnitReport
from sites.readiness.serializers import ANSWERS_AT_MOST, Answers, Few
from subcommittees.serializers import RowSerializer, StrictSerializer, Text, Whole

SLOT: dict[str, Any] = {"min_value": 1, "max_value": 2**63 - 1}
REVISION: dict[str, Any] = {"required": False, "allow_null": True, "default": None, "max_value": 32767}


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": "integer", "minimum": 0},
        "description": "by item: numbers only, never persons",
    }
)
class Numbers(serializers.Field[Any, Any, Any, Any]):
    """`{item: number}`; which these may be is judged by the action."""

    def to_internal_value(self, data: Any) -> dict[str, int]:
        if not isinstance(data, dict) or any(type(one) is not int for one in data.values()):
            raise serializers.ValidationError(_('Give the numbers by item: {"strength": 12}.'))
        if len(data) > ANSWERS_AT_MOST or any(len(item) > 20 for item in data):
            raise serializers.ValidationError(_("At most %(most)s answers.") % {"most": ANSWERS_AT_MOST})
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class FileUnitSerializer(StrictSerializer):
    unit = Text(max_length=100)
    slot = Whole(**SLOT)
    answers = Answers(required=False, default=dict)
    numbers = Numbers(required=False, default=dict)
    note = Text(max_length=1000, required=False, allow_blank=True, default="")
    revision = Whole(min_value=0, **REVISION)


class VerifyUnitSerializer(StrictSerializer):
    unit = Text(max_length=100)
    slot = Whole(**SLOT)
    revision = Whole(min_value=1, **REVISION)


class ReturnUnitSerializer(VerifyUnitSerializer):
    items = Few(most=ANSWERS_AT_MOST, child=Text(max_length=20), allow_empty=False)
    reason = Text(max_length=500)


class UnitReportSerializer(RowSerializer):
    """The last revision that stands; `reasons`: what was sent back, and why."""

    unit = serializers.CharField(source="path")
    slot = serializers.IntegerField(source="slot_id")
    source = serializers.ChoiceField(list(SOURCES))
    verdict = serializers.ChoiceField(list(checklist.VERDICTS))

    class Meta:
        model = UnitReport
        fields = [
            "unit", "slot", "revision", "source", "answers", "numbers", "reasons", "note", "verdict", "late", "at",
            "post",
        ]  # fmt: skip
