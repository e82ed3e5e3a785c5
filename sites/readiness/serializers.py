"""What shape do slots, reports and the checklist have outside?"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from journal import clock
from sites import checklist
from sites.models import Site
from sites.readiness.models import SOURCES, TRACKS, SiteReport
from subcommittees.serializers import Moment, StrictSerializer, Text, Whole

REPORTS_AT_MOST = 200  # in one POST: several communes, not a nation
ANSWERS_AT_MOST = 100  # of one site


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": "string", "enum": list(checklist.ANSWERS)},
        "description": "by item of /api/checklist/; what is not answered is not in order",
    }
)
class Answers(serializers.Field[Any, Any, Any, Any]):
    """`{item: "ok" | "no" | "na"}`; what these may be is judged with the site."""

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if not isinstance(data, dict):
            raise serializers.ValidationError(_('Give the answers by item: {"1": "ok"}.'))
        if len(data) > ANSWERS_AT_MOST:
            raise serializers.ValidationError(_("At most %(most)s answers.") % {"most": ANSWERS_AT_MOST})
        if any(len(item) > 20 or not isinstance(answer, str) for item, answer in data.items()):
            raise serializers.ValidationError(_('Give the answers by item: {"1": "ok"}.'))
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class OneReportSerializer(StrictSerializer):
    site = Text(max_length=20)
    answers = Answers()
    note = Text(max_length=1000, required=False, allow_blank=True, default="")
    revision = Whole(required=False, allow_null=True, default=None, min_value=0, max_value=32767)


class Few(serializers.ListField):
    """A list that is looked into only where it is not too long."""

    def __init__(self, *, most: int, **options: Any) -> None:
        self.most = most
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list) and len(data) > self.most:
            raise serializers.ValidationError(_("At most %(most)s at once.") % {"most": self.most})
        return super().to_internal_value(data)


class FileSerializer(StrictSerializer):
    slot = Whole(min_value=1, max_value=2**63 - 1)
    reports = Few(most=REPORTS_AT_MOST, child=OneReportSerializer(), allow_empty=False)
    said_at = Moment(required=False, allow_null=True, default=None)


class VerifySerializer(StrictSerializer):
    unit = Text(max_length=100)
    slot = Whole(min_value=1, max_value=2**63 - 1)
    seen_at = Moment(required=False, allow_null=True, default=None)


class ReturnSerializer(StrictSerializer):
    slot = Whole(min_value=1, max_value=2**63 - 1)
    site = Text(max_length=20)
    items = Few(most=ANSWERS_AT_MOST, child=Text(max_length=20), allow_empty=False)
    reason = Text(max_length=500)
    revision = Whole(required=False, allow_null=True, default=None, min_value=1, max_value=32767)


class FiledSerializer(serializers.Serializer[Any]):
    site = serializers.CharField()
    verdict = serializers.ChoiceField(list(checklist.VERDICTS))
    revision = serializers.IntegerField()
    late = serializers.BooleanField()


class BatchSerializer(serializers.Serializer[Any]):
    """`unchanged`: sites that had said the same before; nothing was written for these."""

    slot = serializers.IntegerField()
    filed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    reports = FiledSerializer(many=True)


class VerifiedSerializer(serializers.Serializer[Any]):
    slot = serializers.IntegerField()
    unit = serializers.CharField()
    verified = serializers.IntegerField()
    reports = FiledSerializer(many=True)


def filed_shape(report: SiteReport, code: str) -> dict[str, Any]:
    return {"site": code, "verdict": report.verdict, "revision": report.revision, "late": report.late}


class StandingSerializer(serializers.Serializer[Any]):
    """How a site stands: `silent` where it has answered no slot since the last one that ran out."""

    site = serializers.CharField()
    site_name = serializers.CharField()
    unit = serializers.CharField()
    unit_name = serializers.CharField()
    track = serializers.ChoiceField(list(TRACKS))
    verdict = serializers.ChoiceField(list(checklist.VERDICTS))
    due = Moment(allow_null=True, help_text="of the slot that was answered last")
    slot = serializers.IntegerField(allow_null=True)
    revision = serializers.IntegerField(help_text="0: none")
    source = serializers.ChoiceField(list(SOURCES), allow_null=True)
    late = serializers.BooleanField()
    said_at = Moment(allow_null=True)
    said_by = serializers.CharField(allow_null=True)
    verified_at = Moment(allow_null=True)
    note = serializers.CharField()
    answers = serializers.DictField(
        child=serializers.CharField(), help_text="ok, no, na or returned, by item"
    )
    reasons = serializers.DictField(child=serializers.CharField(), help_text="of what was sent back, by item")


def standing_shape(site: Site, reports: Mapping[int, SiteReport]) -> dict[str, Any]:
    told: Any = site  # with what queries.how_sites_stand says of it
    report = reports.get(told.said)
    return {
        "site": site.code,
        "site_name": site.name,
        "unit": site.path,
        "unit_name": site.unit.full_name,
        "track": "early" if site.early else "regular",
        "verdict": told.stands,
        "due": clock.wire(told.due) if report else None,
        "slot": report.slot_id if report else None,
        "revision": report.revision if report else 0,
        "source": report.source if report else None,
        "late": bool(report and report.late),
        "said_at": clock.wire(report.at) if report else None,
        "said_by": report.post if report else None,
        "verified_at": clock.wire(told.verified_at) if report and told.stands_by == report.pk else None,
        "note": report.note if report else "",
        "answers": {**checklist.unpacked(report.answers), **(report.local or {})} if report else {},
        "reasons": (report.reasons or {}) if report else {},
    }


class ItemSerializer(serializers.Serializer[Any]):
    item = serializers.CharField()
    phase = serializers.ChoiceField(list(checklist.PHASES))
    name = serializers.CharField()
    serves = serializers.ChoiceField(list(checklist.PILLARS))
    critical = serializers.BooleanField()
    kind = serializers.CharField(help_text="asked of this kind of site only; empty: of every site")
    local = serializers.BooleanField(help_text="asked by one province in this operation")


def item_shape(item: checklist.Item) -> dict[str, Any]:
    return {
        "item": item.code,
        "phase": item.phase,
        "name": str(item.name),
        "serves": item.serves,
        "critical": item.critical,
        "kind": item.kind,
        "local": item.code not in checklist.ITEMS,
    }
