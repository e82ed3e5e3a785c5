"""What do inspections take and give?"""

from typing import Any

from rest_framework import serializers

from sites.readiness.models import Inspection
from sites.readiness.serializers import Answers
from subcommittees.serializers import Moment, RowSerializer, StrictSerializer, Text


class InspectSerializer(StrictSerializer):
    """A site, or a unit, and what was found there."""

    site = Text(max_length=20, required=False, default="")
    unit = Text(max_length=100, required=False, default="")
    answers = Answers()
    note = Text(max_length=1000, required=False, allow_blank=True, default="")
    looked_at = Moment(required=False, allow_null=True, default=None)


class InspectionSerializer(RowSerializer):
    """`contradicts`: the items that are said to be in order there now, and were found not to be."""

    site = serializers.CharField(source="site.code", default=None)
    unit = serializers.CharField(source="path")
    contradicts = serializers.SerializerMethodField()

    class Meta:
        model = Inspection
        fields = ["id", "site", "unit", "answers", "contradicts", "note", "looked_at", "at", "post"]

    def get_contradicts(self, row: Inspection) -> list[str]:
        told: dict[Any, list[str]] = self.context["contradicts"]
        return told[row.pk]
