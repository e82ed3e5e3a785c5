"""Where is every event of the product written? Here, and nowhere else."""

import datetime as dt
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from journal import clock, nudge
from journal.models import Event, Notice
from journal.streams import stream_of


@dataclass(frozen=True)
class Subject:
    """What an event is about; names are kept as text so that history outlives rows."""

    kind: str
    id: str
    ref: str

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True)
class Place:
    path: str
    name: str


def canonical(value: Mapping[str, Any]) -> str:
    """The one text of `value`: sorted keys, no spaces, UTF-8 as it is."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def record(
    verb: str,
    *,
    at: dt.datetime,
    operation: str,
    unit: Place,
    subject: Subject,
    topic: str,
    actor: str,
    post: str,
    line: Mapping[str, Any],
    after: Mapping[str, Any] | None,
    also: Mapping[str, Mapping[str, Any]] | None = None,
    secrecy: int = 0,
    audience: Iterable[str] = (),
    notify: Iterable[int] = (),
) -> Event:
    """Write one event and the notices it owes, in the transaction of the act itself.

    `at` is the moment of the act; `after` every counted column of the subject afterwards, or None where
    nothing counted changed; `also` the same of other subjects, by key, where one act changes many; `notify` the
    ids of the people who are owed a notice. The number in the stream is given at commit.
    """
    if not connection.in_atomic_block:
        message = "an event is written in the transaction of its act"
        raise RuntimeError(message)
    stream = stream_of(operation, unit.path)
    body = canonical(
        {
            "id": secrets.token_hex(8),
            "verb": verb,
            "at": clock.wire(at),
            "operation": operation,
            "stream": stream,
            "unit": {"path": unit.path, "name": unit.name},
            "audience": sorted(audience),
            "topic": topic,
            "secrecy": secrecy,
            "actor": actor,
            "post": post,
            "about": subject.key,
            "subject": {"kind": subject.kind, "id": subject.id, "ref": subject.ref},
            "line": line,
            "after": {**({subject.key: after} if after is not None else {}), **(also or {})},
        }
    )
    event = Event.objects.create(body=body)
    people = set(notify)
    if people:
        Notice.objects.bulk_create(
            [Notice(person=person, operation=operation, event=event) for person in sorted(people)]
        )
    transaction.on_commit(lambda: nudge.send(stream))
    return event
