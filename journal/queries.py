"""What stands in the journal?"""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from journal import clock
from journal.models import Delivery, Entry, Epoch, Notice
from journal.streams import stream_under


@dataclass(frozen=True)
class Fact:
    """An event as it goes out: encoded once, handed to everybody who may see it."""

    stream: str
    seq: int
    uid: str
    operation: str
    path: str
    topic: str
    secrecy: int
    audience: tuple[str, ...]
    kind: str
    frame: dict[str, Any]
    people: tuple[tuple[int, int], ...] = ()  # (person, notice id)

    @cached_property
    def text(self) -> str:
        """The JSON object of the frame, open at its end."""
        return json.dumps(self.frame, ensure_ascii=False, separators=(",", ":"))[:-1]

    @property
    def code(self) -> str:
        return self.stream.rpartition("/")[2]


def frame_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """What goes over the wire of an event: its line, never the whole body."""
    return {
        "type": "event",
        "id": said["id"],
        "at": said["at"],
        "verb": said["verb"],
        "subject": said["subject"],
        "unit": said["unit"],
        "line": said["line"],
    }


def fact_of(entry: Entry, people: tuple[tuple[int, int], ...] = ()) -> Fact:
    said = json.loads(entry.event.body)
    return Fact(
        stream=entry.stream,
        seq=entry.seq,
        uid=said["id"],
        operation=said["operation"],
        path=said["unit"]["path"],
        topic=said["topic"],
        secrecy=said["secrecy"],
        audience=tuple(said["audience"]),
        kind=said["subject"]["kind"],
        frame=frame_of(said),
        people=people,
    )


def epoch() -> str:
    return Epoch.objects.order_by("-pk").values_list("name", flat=True)[0][:16]


def heads() -> tuple[dict[str, int], str]:
    """The end of every stream and the epoch, in one snapshot."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce((SELECT jsonb_object_agg(stream, seq) FROM journal_head), '{}'),"
            " (SELECT name FROM journal_epoch ORDER BY id DESC LIMIT 1)"
        )
        ends, name = cursor.fetchone()
    return (json.loads(ends) if isinstance(ends, str) else ends), name[:16]


def between(
    after: Mapping[str, int], upto: Mapping[str, int] | None = None, seen: Q | None = None
) -> QuerySet[Entry]:
    """The entries of these streams behind `after` (up to `upto`), in commit order of every stream."""
    spans = Q(pk__in=[])
    for stream, seq in after.items():
        if upto is None:
            spans |= Q(stream=stream, seq__gt=seq)
        elif upto.get(stream, 0) > seq:
            spans |= Q(stream=stream, seq__gt=seq, seq__lte=upto[stream])
    rows = Entry.objects.filter(spans).select_related("event").order_by("pos")
    return rows if seen is None else rows.filter(seen)


def facts(entries: Iterable[Entry], *, with_people: bool) -> list[Fact]:
    rows = list(entries)
    owed: dict[int, list[tuple[int, int]]] = {}
    if with_people and rows:
        notices = Notice.objects.filter(event__in=[row.event_id for row in rows])
        for event, person, notice in notices.values_list("event_id", "person", "id"):
            owed.setdefault(event, []).append((person, notice))
    return [fact_of(row, tuple(owed.get(row.event_id, ()))) for row in rows]


def last_seen(stream: str, upto: int, seen: Q) -> str:
    """The id of the last event up to `upto` that passes `seen`, or ""."""
    rows = Entry.objects.filter(seen, stream=stream, seq__lte=upto).order_by("-seq")
    return rows.values_list("event__uid", flat=True).first() or ""


def notices(person: int, operation: str) -> QuerySet[Notice]:
    return Notice.objects.filter(person=person, operation=operation).select_related("event").order_by("-pk")


def unseen(person: int, operation: str) -> QuerySet[Notice]:
    return Notice.objects.filter(person=person, operation=operation, seen_at=None)


def see(person: int, operation: str) -> int:
    """Mark all notices of one person as seen; how many were new."""
    return unseen(person, operation).update(seen_at=clock.now())


def sweep_ages() -> dict[str, float]:
    """Seconds since each sweep last went round, to a tenth; one that never did is not there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, round(extract(epoch FROM now() - ran_at), 1)::float FROM journal_sweep")
        return dict(cursor.fetchall())


def undelivered() -> int:
    """How many messages to addresses outside the house should have been sent a minute ago and are not."""
    late = clock.Now() - dt.timedelta(minutes=1)
    return Delivery.objects.filter(state=Delivery.State.QUEUED, created_at__lt=late).count()


def under(path: str, rows: QuerySet[Entry], operation: str) -> QuerySet[Entry]:
    """Those at and below `path`; of a province its stream alone is read, not all that happened since elsewhere."""
    stream = stream_under(operation, path)
    rows = rows.filter(event__path__startswith=path)
    return rows.filter(stream=stream) if stream else rows


def latest(seen: Q, operation: str, path: str, most: int) -> QuerySet[Entry, tuple[str]]:
    """The bodies of the latest events under `path` that pass `seen`, latest first."""
    rows = under(path, Entry.objects.filter(seen, event__operation=operation), operation)
    return rows.order_by("-pos").values_list("event__body")[:most]
