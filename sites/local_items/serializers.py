"""What do the items of a province take and give?"""

from rest_framework import serializers

from sites import checklist, states
from sites.readiness.models import LocalItem
from subcommittees.serializers import RowSerializer, StrictSerializer, Text


class AddItemSerializer(StrictSerializer):
    province = Text(max_length=100, help_text="path of the province")
    name_vi = Text(max_length=200)
    name_en = Text(max_length=200, required=False, allow_blank=True, default="")
    phase = serializers.ChoiceField(list(checklist.PHASES))
    serves = serializers.ChoiceField(list(checklist.PILLARS))
    critical = serializers.BooleanField(required=False, default=False)
    kind = serializers.ChoiceField(["", *states.KINDS], required=False, default="")


class LocalItemSerializer(RowSerializer):
    """`item`: what answers call it."""

    item = serializers.CharField(source="item.code")
    province = serializers.CharField(source="path")
    phase = serializers.ChoiceField(list(checklist.PHASES))

    class Meta:
        model = LocalItem
        fields = [
            "id", "item", "province", "name_vi", "name_en", "phase", "serves", "critical", "kind", "added_at",
            "retired_at",
        ]  # fmt: skip
