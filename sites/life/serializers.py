"""What do the verbs on a polling site take and give?"""

from rest_framework import serializers

from sites import states
from sites.models import SiteStatus
from subcommittees.serializers import Moment, StrictSerializer, Text


class StepSerializer(StrictSerializer):
    """A reason where one is needed, and what single verbs need."""

    reason = Text(max_length=2000, required=False, allow_blank=True, default="")
    text = Text(max_length=2000, required=False, allow_blank=True, default="")
    sealed = serializers.BooleanField(
        required=False, default=False, help_text="interrupt: box and documents are sealed"
    )
    venue = Text(max_length=200, required=False, allow_blank=True, default="", help_text="relocate")
    zone_from = Moment(required=False, allow_null=True, default=None, help_text="protect")
    zone_until = Moment(required=False, allow_null=True, default=None, help_text="protect")
    closes_at = Moment(required=False, allow_null=True, default=None, help_text="extend")


class StatusSerializer(serializers.ModelSerializer[SiteStatus]):
    site = serializers.SlugRelatedField(slug_field="code", read_only=True)
    moves = serializers.SerializerMethodField()

    class Meta:
        model = SiteStatus
        fields = [
            "site", "state", "since", "moved_post", "due", "verdict", "venue", "zone_from", "zone_until", "closes_at",
            "moves",
        ]  # fmt: skip

    def get_moves(self, status: SiteStatus) -> list[str]:
        """The verbs that its state allows."""
        return [verb for verb, move in states.MOVES.items() if status.state in move.sources]
