"""What shape do units, people and appointments have outside?"""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from subcommittees.models import Appointment, Operation, Unit, User


class StrictSerializer(serializers.Serializer[Any]):
    """Takes what it names and nothing else; a number is a number, a text is a text."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = {name: [_("Unknown field.")] for name in data if name not in self.fields}
            if unknown:
                raise serializers.ValidationError(unknown)
        return super().to_internal_value(data)


class Text(serializers.CharField):
    """A text; numbers and booleans are not quietly turned into one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    """A whole number; "1", 1.0 and true are not."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


class UnitSerializer(serializers.ModelSerializer[Unit]):
    parent = serializers.SlugRelatedField(slug_field="path", read_only=True)

    class Meta:
        model = Unit
        fields = ["path", "code", "name", "kind", "parent", "lat", "lon"]


class OperationSerializer(serializers.ModelSerializer[Operation]):
    class Meta:
        model = Operation
        fields = ["slug", "name", "election_day", "current", "exercise"]


class AppointmentSerializer(serializers.ModelSerializer[Appointment]):
    user = serializers.SlugRelatedField(slug_field="username", read_only=True)
    unit = serializers.SlugRelatedField(slug_field="path", read_only=True)
    title = serializers.CharField(source="user.title", read_only=True)

    class Meta:
        model = Appointment
        fields = ["id", "user", "title", "unit", "role", "starts_at", "ends_at"]


class UserSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ["username", "title", "is_active"]


class GrantSerializer(StrictSerializer):
    user = Text(max_length=60)
    unit = Text(max_length=100)
    role = Text(max_length=30)
    starts_at = serializers.DateTimeField(required=False, allow_null=True)
    ends_at = serializers.DateTimeField(required=False, allow_null=True)


class AccountSerializer(StrictSerializer):
    username = Text(max_length=60)
    title = Text(max_length=200)
    unit = Text(max_length=100)


class NothingSerializer(StrictSerializer):
    """A body without content."""
