"""What does the append-only log keep?"""

import json
import uuid
from functools import cached_property
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q, functions
from django.utils.translation import gettext_lazy as _


class Said(models.Func):
    """What the canonical body says at `path` (a text array literal, e.g. `{unit,path}`), as text."""

    template = "((%(expressions)s)::jsonb #>> '%(path)s')"
    output_field: ClassVar[Any] = models.TextField()


class SaidInteger(Said):
    template = "(((%(expressions)s)::jsonb #>> '%(path)s')::integer)"
    output_field = models.IntegerField()


class SaidList(Said):
    template = "((%(expressions)s)::jsonb #> '%(path)s')"
    output_field = models.JSONField()


class SaidMoment(Said):
    """The moment at `path`; through a function of ours, for text::timestamptz is not immutable."""

    template = "journal_moment((%(expressions)s)::jsonb #>> '%(path)s')"
    output_field = models.DateTimeField()


class CurrentTransaction(models.Func):
    """The number of the top-level transaction, also inside savepoints."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()


def said(path: str, expression: type[Said] = Said, **options: Any) -> models.GeneratedField:
    field = type(expression.output_field)(**options)
    return models.GeneratedField(
        expression=expression("body", path=path), output_field=field, db_persist=True
    )


class Clock(models.Model):
    """One row: how far the product's time stands from the database's. Only tests and the demo move it."""

    shift = models.DurationField()


class Epoch(models.Model):
    """A life of the journal; a restore from backup begins a new one and makes every older cursor void."""

    name = models.CharField(max_length=32, unique=True)
    at = models.DateTimeField()
    reason = models.TextField()


class Head(models.Model):
    """The end of one stream: the only row of the journal that changes, and only the trigger changes it."""

    stream = models.CharField(max_length=80, unique=True)
    seq = models.BigIntegerField(default=0)
    hash = models.BinaryField()
    genesis = models.BinaryField()
    epoch = models.CharField(max_length=32)


class Event(models.Model):
    """One fact, as the canonical text that is hashed verbatim; every other column is generated from it."""

    n = models.BigAutoField(primary_key=True)
    body = models.TextField()
    xact = models.BigIntegerField(db_default=CurrentTransaction())
    uid = said("{id}", max_length=16)
    stream = said("{stream}")
    operation = said("{operation}")
    verb = said("{verb}")
    at = said("{at}", SaidMoment)
    path = said("{unit,path}", db_collation="C")
    audience = said("{audience}", SaidList)
    topic = said("{topic}")
    secrecy = said("{secrecy}", SaidInteger)
    subject = said("{about}")

    class Meta:
        indexes = [
            models.Index(fields=["xact"], name="journal_event_xact"),
            models.Index(fields=["subject"], name="journal_event_subject"),
            models.Index(fields=["operation", "path", "n"], name="journal_event_path"),
        ]

    @cached_property
    def said(self) -> dict[str, Any]:
        return json.loads(self.body)


class Entry(models.Model):
    """The number of an event in its stream, given at commit; `pos` rises with `seq` inside every stream."""

    pos = models.BigAutoField(primary_key=True)
    stream = models.CharField(max_length=80)
    seq = models.BigIntegerField()
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="entry")
    hash = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stream", "seq"], name="journal_entry_once")]


class Notice(models.Model):
    """An event owed to one person, written in the transaction of the event itself."""

    person = models.BigIntegerField()
    operation = models.CharField(max_length=50)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="notices")
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "event"], name="journal_notice_once")]
        indexes = [
            models.Index(fields=["person", "operation", "-id"], name="journal_notice_person"),
        ]


class Channel(models.TextChoices):
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")


class Address(models.Model):
    """Where one person's notices can leave the house to: the desk of a post, never somebody's own."""

    person = models.BigIntegerField()
    channel = models.CharField(max_length=10, choices=Channel.choices)
    address = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "channel"], name="journal_address_once")]


class Delivery(models.Model):
    """One message to one address; `uid` is the same at every try, so that a gateway can drop a double."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting to be sent")
        SENT = "sent", _("Handed to the gateway")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Refused by the gateway")
        EXPIRED = "expired", _("Not sent in time")
        SEEN = "seen", _("Read in the system first")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    address = models.CharField(max_length=200)
    person = models.BigIntegerField()
    operation = models.CharField(max_length=50)
    text = models.TextField(default="")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    tries = models.SmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    result = models.CharField(max_length=200, default="")
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(state="queued"), name="journal_delivery_due"),
        ]


class Carried(models.Model):
    """A notice in a message. An event goes to an address once, however many people read there."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="carried")
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="+", db_index=False)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+", db_index=False)
    address = models.CharField(max_length=220)  # with its channel: `email:truc@sonla.example`

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "address"], name="journal_carried_once")]


class Gathered(models.Model):
    """One row: how far in every stream notices have been handed to addresses."""

    epoch = models.CharField(max_length=32, default="")
    heads = models.JSONField(default=dict)


class Key(models.Model):
    """An Idempotency-Key of one user with the answer that it got."""

    user = models.BigIntegerField()
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.SmallIntegerField(null=True)
    answer = models.TextField(default="")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="journal_key_once")]


class Seal(models.Model):
    """The heads of all streams at one minute, under one signed root."""

    minute = models.DateTimeField(unique=True)
    heads = models.TextField()
    root = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)
    signer = models.CharField(max_length=64)


class Sweep(models.Model):
    """When a sweep last went round: the age that is shown."""

    name = models.CharField(max_length=40, primary_key=True)
    ran_at = models.DateTimeField()

    @classmethod
    def ran(cls, name: str) -> None:
        """Say that the sweep `name` has just gone round; deadlines are in the product's time, this is not."""
        cls.objects.update_or_create(name=name, defaults={"ran_at": functions.Now()})
