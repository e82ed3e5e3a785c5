"""What shape does a finding have outside?"""

from typing import Any

from rest_framework import serializers

from sites.models import Finding
from subcommittees.serializers import RowSerializer, StrictSerializer, Text


class FindingSerializer(RowSerializer):
    site = serializers.SlugRelatedField(slug_field="code", read_only=True)
    site_name = serializers.CharField(source="site.name", read_only=True, default=None)
    unit = serializers.CharField(source="path", read_only=True)
    item_name = serializers.SerializerMethodField()
    open = serializers.SerializerMethodField()
    slot = serializers.IntegerField(source="slot_id", read_only=True)
    closed_by = serializers.CharField(source="closed_post", read_only=True)

    class Meta:
        model = Finding
        fields = [
            "id", "unit", "site", "site_name", "kind", "item", "item_name", "critical", "level", "open", "slot",
            "opened_at", "escalate_at", "closed_at", "closed_by",
        ]  # fmt: skip

    def get_item_name(self, finding: Finding) -> str:
        return str(self.context.get("names", {}).get(finding.item, ""))

    def get_open(self, finding: Finding) -> bool:
        return finding.closed_at is None


class ReasonSerializer(StrictSerializer):
    reason = Text(max_length=1000)

    def validated(self) -> dict[str, Any]:
        self.is_valid(raise_exception=True)
        return dict(self.validated_data)


class UrgeSerializer(StrictSerializer):
    unit = Text(max_length=100)


class UrgedSerializer(serializers.Serializer[Any]):
    units = serializers.IntegerField(help_text="how many units have been reminded now")
