"""What shape do units, people and appointments have outside?"""

import datetime as dt
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from subcommittees.models import Appointment, Operation, Unit, User

MOST_NAMED = 20


class StrictSerializer(serializers.Serializer[Any]):
    """Takes what it names and nothing else; a number is a number, a text is a text."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = [name for name in data if name not in self.fields]
            if unknown:
                named = unknown[:MOST_NAMED]
                raise serializers.ValidationError({name[:60]: [_("Unknown field.")] for name in named})
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


class Moment(serializers.DateTimeField):
    """A moment, told in UTC; taken with its zone only, for a program's local time is anybody's guess."""

    def __init__(self, **options: Any) -> None:
        super().__init__(default_timezone=dt.UTC, **options)

    def to_internal_value(self, value: Any) -> dt.datetime:
        if not isinstance(value, str) or not value.isascii():
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ss+07:00")
        return super().to_internal_value(value)

    def enforce_timezone(self, value: dt.datetime) -> dt.datetime:
        if timezone.is_naive(value):
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ss+07:00")
        try:
            return value.astimezone(dt.UTC)
        except OverflowError:
            self.fail("overflow", timezone="UTC")


class RowSerializer(serializers.ModelSerializer[Any]):
    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: Moment,
    }


class UnitSerializer(serializers.ModelSerializer[Unit]):
    parent = serializers.SlugRelatedField(slug_field="path", read_only=True)

    class Meta:
        model = Unit
        fields = ["path", "code", "name", "kind", "parent", "lat", "lon"]


class OperationSerializer(serializers.ModelSerializer[Operation]):
    class Meta:
        model = Operation
        fields = ["slug", "name", "election_day", "current", "exercise"]


class AppointmentSerializer(RowSerializer):
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
    starts_at = Moment(required=False, allow_null=True)
    ends_at = Moment(required=False, allow_null=True)


class AccountSerializer(StrictSerializer):
    username = Text(max_length=60)
    title = Text(max_length=200)
    unit = Text(max_length=100)


class NothingSerializer(StrictSerializer):
    """A body without content."""
