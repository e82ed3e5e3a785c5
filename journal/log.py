"""Where is every event of the product written? Here, and nowhere else."""

import datetime as dt
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection, transaction

from journal import clock, nudge
from journal.models import Event, Notice
from journal.prepared import Prepared
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


@dataclass(frozen=True, kw_only=True)
class Fact:
    """An event that is to be written; see `record`."""

    verb: str
    at: dt.datetime
    operation: str
    unit: Place
    subject: Subject
    topic: str
    actor: str
    post: str
    line: Mapping[str, Any]
    after: Mapping[str, Any] | None
    also: Mapping[str, Mapping[str, Any]] | None = None
    secrecy: int = 0
    audience: Iterable[str] = ()
    notify: Iterable[int] = ()

    @property
    def stream(self) -> str:
        return stream_of(self.operation, self.unit.path)

    def body(self, uid: str) -> str:
        key = self.subject.key
        return canonical(
            {
                "id": uid,
                "verb": self.verb,
                "at": clock.wire(self.at),
                "operation": self.operation,
                "stream": self.stream,
                "unit": {"path": self.unit.path, "name": self.unit.name},
                "audience": sorted(self.audience),
                "topic": self.topic,
                "secrecy": self.secrecy,
                "actor": self.actor,
                "post": self.post,
                "about": key,
                "subject": {"kind": self.subject.kind, "id": self.subject.id, "ref": self.subject.ref},
                "line": self.line,
                "after": {**({key: self.after} if self.after is not None else {}), **(self.also or {})},
            }
        )


_WRITE = Prepared(
    "record",
    """
WITH event AS (INSERT INTO journal_event (body) VALUES ($1) RETURNING n), owed AS (
  INSERT INTO journal_notice (person, operation, event_id)
  SELECT person, $2, n FROM event, unnest($3::bigint[]) AS person)
SELECT n FROM event
""",
)


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
    fact = Fact(
        verb=verb, at=at, operation=operation, unit=unit, subject=subject, topic=topic, actor=actor, post=post,
        line=line, after=after, also=also, secrecy=secrecy, audience=audience, notify=notify,
    )  # fmt: skip
    _in_a_transaction()
    body = fact.body(secrets.token_hex(8))
    [(n,)] = _WRITE.rows(body, operation, sorted(set(notify)))
    transaction.on_commit(lambda: nudge.send(fact.stream))
    return Event.from_db("default", ["n", "body"], [n, body])


def record_all(facts: Sequence[Fact]) -> None:
    """Write the events of one act in this order, and the notices they owe, in one statement for each table."""
    _in_a_transaction()
    told = {secrets.token_hex(8): fact for fact in facts}
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_event (body) SELECT f.body FROM unnest(%s::text[]) WITH ORDINALITY AS f(body, n)"
            " ORDER BY f.n RETURNING uid, n",
            [[fact.body(uid) for uid, fact in told.items()]],
        )
        _owe([(told[uid], number) for uid, number in cursor.fetchall()])
    for stream in sorted({fact.stream for fact in facts}):
        transaction.on_commit(partial(nudge.send, stream))


def _in_a_transaction() -> None:
    if not connection.in_atomic_block:
        message = "an event is written in the transaction of its act"
        raise RuntimeError(message)


def _owe(written: Iterable[tuple[Fact, int]]) -> None:
    owed = [
        Notice(person=person, operation=fact.operation, event_id=event)
        for fact, event in written
        for person in sorted(set(fact.notify))
    ]
    if owed:
        Notice.objects.bulk_create(owed)
