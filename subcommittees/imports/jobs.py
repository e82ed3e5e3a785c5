"""How does a file come in, step by step, so that any worker can carry it on after any other was killed?"""

import contextlib
import datetime as dt
import logging
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from journal import clock
from subcommittees.imports import columns, queries, staging
from subcommittees.imports.kinds import Kind
from subcommittees.imports.models import RUNNING, Import, Part, Row
from subcommittees.models import Operation, User
from subcommittees.scope import reach
from subcommittees.sheets import reader
from subcommittees.sheets.refusal import Refused
from subcommittees.vietnamese import fold

PIECE = 1 << 20
CHUNK = 2_000  # rows staged in one transaction
AT_ONCE = 5  # files of one sender
# Whatever a file may still provoke; a database that cannot be reached is none of it, for that passes.
FAULTS = (
    ArithmeticError, AssertionError, AttributeError, DataError, IntegrityError, LookupError, TypeError, ValueError,
)  # fmt: skip
SILENT_S = 10  # a worker that has not been heard of for so long is looked after
log = logging.getLogger(__name__)


def may(by: User, kind: Kind) -> list[str]:
    """The paths at which `by` may bring in this kind."""
    return [
        one.path
        for one in reach(by)
        if kind.verb in one.can.verbs and (one.can.topics is None or kind.topic in one.can.topics)
    ]


def allowed(by: User, kind: Kind) -> str:
    """The highest of them; PermissionDenied if there is none."""
    held = may(by, kind)
    if not held:
        raise PermissionDenied(_("Your post does not allow this action here."))
    return min(held, key=len)


def check_file(file: BinaryIO) -> None:
    """Refused, within two seconds, if it is plainly no table."""
    with _on_disk(iter(lambda: file.read(PIECE), b"")) as path:
        reader.check(path)
    file.seek(0)


@transaction.atomic
def begin(
    *,
    by: User,
    operation: Operation,
    kind: Kind,
    file: BinaryIO,
    file_name: str,
    mapping: Mapping[str, str] | None = None,
    good_rows: bool = False,
    dry_run: bool = False,
) -> Import:
    """Keep the file and say that it waits to be read."""
    path = allowed(by, kind)
    check_file(file)
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if queries.running(by) >= AT_ONCE:
        raise ValidationError(_("Several of your files are still being imported; wait for one of them."))
    at = clock.now()
    job = Import.objects.create(
        operation=operation,
        kind=kind.code,
        by=by,
        path=path,
        file_name=file_name[:200],
        mapping=dict(mapping or {}),
        by_hand=mapping is not None,
        good_rows=good_rows,
        dry_run=dry_run,
        created_at=at,
        beat_at=at,
    )
    for number, piece in enumerate(iter(lambda: file.read(PIECE), b"")):
        Part.objects.create(of=job, n=number, data=piece)
    return job


@transaction.atomic
def go_on(*, job: Import, good_rows: bool) -> bool:
    """Let a checked file be written; a second press changes nothing. False where it stands otherwise."""
    row = Import.objects.select_for_update().get(pk=job.pk)
    if row.state != "checked" or (row.counts.get("bad") and not good_rows) or not row.counts.get("good"):
        return row.state in {"writing", "done"}
    Import.objects.filter(pk=row.pk).update(
        state="writing", good_rows=good_rows, dry_run=False, beat_at=clock.now()
    )
    return True


@transaction.atomic
def read_again(*, job: Import, mapping: Mapping[str, str]) -> bool:
    """Read a checked file once more with columns chosen by hand."""
    row = Import.objects.select_for_update().get(pk=job.pk)
    mendable = row.state == "failed" and (row.error or {}).get("code") in {"columns_missing", "no_header"}
    if not (row.state == "checked" or mendable) or not row.parts.exists():
        return False
    at = clock.now()
    Import.objects.filter(pk=row.pk).update(
        state="reading", mapping=dict(mapping), by_hand=True, error=None, finished_at=None, beat_at=at
    )
    return True


@transaction.atomic
def cancel(*, job: Import) -> None:
    """Stop before the next transaction; what is written stays written and is told."""
    row = Import.objects.select_for_update().get(pk=job.pk)
    if row.running:
        Import.objects.filter(pk=row.pk).update(cancel_asked=True)
    elif row.state == "checked":
        _end(row, "cancelled")


def waiting(silent_s: float = SILENT_S) -> list[str]:
    """The imports that should be running and of which nothing was heard."""
    since = clock.now() - dt.timedelta(seconds=silent_s)
    rows = Import.objects.filter(state__in=RUNNING, beat_at__lt=since)
    return [str(one) for one in rows.order_by("beat_at").values_list("pk", flat=True)[:50]]


def forget(days: int = 30) -> int:
    """Drop files and rows of imports that ended long ago; the journal keeps what they did."""
    old = Import.objects.exclude(state__in=RUNNING).filter(
        created_at__lt=clock.now() - dt.timedelta(days=days)
    )
    return old.delete()[0]


def give_up(job_id: str) -> None:
    job = Import.objects.get(pk=job_id)
    if job.running:
        _end(job, "failed", {"code": "fault"})


def carry_on(job_id: str, kinds: Mapping[str, Kind], within_s: float) -> bool:
    """Do what comes next for about `within_s` seconds; whether there is more. Safe to call twice or late.

    A lock of the connection keeps a second worker out and falls with the process that held it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 3))", [f"import {job_id}"])
        if not cursor.fetchone()[0]:
            return False
        try:
            return _carry_on(job_id, kinds, time.monotonic() + within_s)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 3))", [f"import {job_id}"])


def _carry_on(job_id: str, kinds: Mapping[str, Kind], until: float) -> bool:
    job = Import.objects.select_related("by", "operation").filter(pk=job_id, state__in=RUNNING).first()
    if job is None:
        return False
    kind = kinds[job.kind]
    try:
        allowed(job.by, kind)
        if job.state == "reading":
            _read(job, kind)
            _judge(job, kind)
        if job.state == "writing":
            return _write(job, kind, until)
    except _Cancelled:
        _end(job, "cancelled")
    except PermissionDenied:
        _end(job, "failed", {"code": "no_right"})
    except Refused as refused:
        _end(job, "failed", {"code": refused.code, "given": refused.given})
    return False


class _Cancelled(Exception):
    """The sender wants no more of it."""


def _beat(job: Import, **more: Any) -> None:
    """Say that somebody is at work, and hear whether they still should be."""
    Import.objects.filter(pk=job.pk).update(beat_at=clock.Now(), **more)
    if Import.objects.filter(pk=job.pk, cancel_asked=True).exists():
        raise _Cancelled


def _end(job: Import, state: str, error: dict[str, Any] | None = None) -> None:
    at = clock.now()
    Import.objects.filter(pk=job.pk).update(
        state=state, error=error, finished_at=at, beat_at=at, counts=queries.counted(job)
    )
    mendable = error and error["code"] in {"columns_missing", "no_header"}
    if not mendable and state != "checked":
        Part.objects.filter(of=job).delete()


@contextlib.contextmanager
def _on_disk(pieces: Iterator[bytes]) -> Iterator[Path]:
    with tempfile.NamedTemporaryFile(prefix="import-") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        yield Path(file.name)


def _read(job: Import, kind: Kind) -> None:
    """Stage all rows anew: a reading that was broken off is begun again."""
    staging.clear(job)
    job.counts = {}
    judge = kind.prepare(job.by)
    pieces = (
        bytes(one) for one in job.parts.order_by("n").values_list("data", flat=True).iterator(chunk_size=4)
    )
    with _on_disk(pieces) as path, reader.opened(path) as sheet:
        rows = sheet.rows
        top = [row for _number, row in zip(range(columns.TOP), rows, strict=False)]
        at, names, number = _columns(job, kind, top)
        job.notes = [*sheet.notes, *_notes(at, names)]
        width = len(names) if sheet.plain else None
        _beat(job, headers=names, header_row=number, mapping=_chosen(at, names), notes=job.notes, total=0)
        total, chunk = 0, []
        for row in _from(top, rows, number):
            chunk.append((*row, kind.read(at, row[1], judge, width)))
            if len(chunk) >= CHUNK:
                staging.add(job, chunk)
                total, chunk = total + len(chunk), []
                _beat(job, total=total)
        staging.add(job, chunk)
        total += len(chunk)
    if not total:
        raise Refused("no_rows")
    _beat(job, total=total)


def _from(top: list[reader.Row], rows: Iterator[reader.Row], header: int) -> Iterator[reader.Row]:
    yield from (row for row in top if row[0] > header)
    yield from rows


def _columns(job: Import, kind: Kind, top: list[reader.Row]) -> tuple[dict[str, int], list[str], int]:
    wanted = job.mapping if job.by_hand else remembered(job)
    found = columns.header(top, kind.columns, wanted)
    if found is None:
        raise Refused("no_header")
    number, names = found
    at = columns.recognised(names, kind.columns, wanted)
    missing = [one.name for one in kind.columns if one.required and one.name not in at]
    if missing:
        Import.objects.filter(pk=job.pk).update(
            headers=names, header_row=number, mapping=_chosen(at, names), beat_at=clock.now()
        )
        raise Refused("columns_missing", columns=missing)
    return at, names, number


def remembered(job: Import) -> dict[str, str]:
    """What the same sender's unit chose by hand the last time it went well."""
    last = (
        Import.objects.filter(
            kind=job.kind, path=job.path, by_hand=True, state__in=("checked", "writing", "done")
        )
        .exclude(pk=job.pk)
        .order_by("-created_at")
        .values_list("mapping", flat=True)
        .first()
    )
    return {column: text for column, text in (last or {}).items() if text}


def _chosen(at: Mapping[str, int], names: list[str]) -> dict[str, str]:
    return {column: names[place] for column, place in at.items()}


def _notes(at: Mapping[str, int], names: list[str]) -> list[list[str]]:
    """Which columns are not read, and which of ours stand more than once."""
    said = {fold(names[place]) for place in at.values()}
    unread = [name for place, name in enumerate(names) if name and place not in at.values()]
    return [["doubled_column" if fold(name) in said else "unknown_column", name] for name in unread[:10]]


def _judge(job: Import, kind: Kind) -> None:
    """Mark what only all rows together and the database show, and say how it stands."""
    with transaction.atomic():
        staging.plan_for_many()
        kind.against(job)
        counts = queries.counted(job)
        state = "checked" if job.dry_run else "refused" if counts["bad"] and not job.good_rows else "writing"
        _beat(job, counts=counts, state=state)
        job.state, job.counts = state, counts
        if state == "refused":
            _end(job, state)


def _write(job: Import, kind: Kind, until: float) -> bool:
    while time.monotonic() < until:
        _beat(job)  # who has asked to stop meanwhile, while no worker listened too, gets no row more
        group = _next_group(job, kind)
        if group is None:
            _end(job, "done")
            return False
        for attempt in (1, 2, 3):
            try:
                job.counts, job.reached = _write_group(job, kind, group), group
                break
            except IntegrityError:  # somebody took a code in the same moment: now it is there to be seen
                if attempt == 3:
                    raise
    return True


def _next_group(job: Import, kind: Kind) -> str | None:
    """The group of places that follows the one reached last."""
    rows = Row.objects.filter(of=job, faults=[], place__gt=job.reached).order_by("place")
    if _deep(job.reached, kind):
        rows = rows.exclude(place__startswith=job.reached)
    place = rows.values_list("place", flat=True).first()
    return None if place is None else "/".join(place.split("/")[: kind.depth]).rstrip("/") + "/"


def _deep(group: str, kind: Kind) -> bool:
    """Whether all that lies below belongs to the group too."""
    return group.count("/") >= kind.depth


@transaction.atomic
def _write_group(job: Import, kind: Kind, group: str) -> dict[str, int]:
    """The act of one group and what became of its rows, by kinds of change, stand or fall together."""
    whole = {"place__startswith": group} if _deep(group, kind) else {"place": group}
    rows = Row.objects.filter(of=job, faults=[], **whole).order_by("n")
    given = list(rows.values_list("n", "said"))
    by = User.objects.get(pk=job.by_id)  # with the reach of this moment
    done = kind.write(by, job.operation, group, given)
    for number, fault in done.late.items():
        Row.objects.filter(of=job, n=number).update(faults=[fault])
    counts = {**job.counts, **(Counter(job.counts) + Counter(done.became.values()))}
    Import.objects.filter(pk=job.pk).update(written=F("written") + len(given), reached=group, counts=counts)
    return counts
