"""What shape does an incident have outside?"""

from typing import Any

from rest_framework import serializers

from incidents.models import Incident
from subcommittees.serializers import Moment, RowSerializer, StrictSerializer, Text, Whole


class IncidentSerializer(RowSerializer):
    site = serializers.SlugRelatedField(slug_field="code", read_only=True)
    site_name = serializers.CharField(source="site.name", read_only=True)
    unit = serializers.SlugRelatedField(slug_field="path", read_only=True)
    reported_by = serializers.CharField(source="reported_post", read_only=True)
    acknowledged_by = serializers.SerializerMethodField()

    class Meta:
        model = Incident
        fields = [
            "id", "ref", "state", "site", "site_name", "unit", "category", "severity", "summary", "happened_at",
            "reported_at", "reported_by", "answer_by", "unanswered_at", "acknowledged_at", "acknowledged_by",
            "moved_at", "moved_post",
        ]  # fmt: skip

    def get_acknowledged_by(self, incident: Incident) -> str | None:
        return incident.acknowledged_post or None


# One for all: to build its fields takes longer than to answer with them.
shown = IncidentSerializer().to_representation


class ReportSerializer(StrictSerializer):
    site = Text(max_length=20)
    category = Text(max_length=20)
    severity = Whole()
    summary = Text(max_length=2000, required=False, allow_blank=True, default="")
    happened_at = Moment(required=False, allow_null=True, default=None)


class ActSerializer(StrictSerializer):
    """What the verbs take: a reason where something is undone or ended, a text, a severity."""

    reason = Text(max_length=2000, required=False, allow_blank=True, default="")
    text = Text(max_length=2000, required=False, allow_blank=True, default="")
    severity = Whole(required=False, allow_null=True, default=None)

    def validated(self) -> dict[str, Any]:
        self.is_valid(raise_exception=True)
        return dict(self.validated_data)
