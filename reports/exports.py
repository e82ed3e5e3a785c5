"""How far is a file that is being made, and who may take it?"""

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from django.db import transaction
from django.db.models import F, QuerySet

from journal import clock
from journal.clock import Now
from reports.models import Export, Part
from subcommittees.models import Operation, User
from subcommittees.scope import reaches

PIECE = 512 * 1024
LIFE = dt.timedelta(minutes=15)
UNFINISHED = ("waiting", "making")


class Superseded(Exception):
    """Another worker has begun this file again, or it is gone."""


def standing(user: User) -> str:
    """What this person sees right now, as a text to compare: a file holds what was in reach when it was made."""
    return repr(reaches([user.pk])[user.pk])


def asked(
    *,
    user: User,
    operation: Operation,
    listing: str,
    filters: Mapping[str, str],
    language: str,
    file_name: str,
    total: int,
) -> tuple[Export, bool]:
    """The file for this question, and whether it is new: what was just asked for is not made a second time."""
    same = {
        "person": user.pk,
        "operation": operation.slug,
        "listing": listing,
        "filters": dict(filters),
        "language": language,
        "reach": standing(user),
    }
    now = clock.now()
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        known = Export.objects.filter(**same, state__in=UNFINISHED, ends_at__gt=now).first()
        if known:
            return known, False
        made = Export(**same, file_name=file_name, total=total, asked_at=now, ends_at=now + LIFE)
        made.save(force_insert=True)
        return made, True


def mine(user: User, token: str) -> Export:
    """The file, if it was made for this person and is still to be had; else Export.DoesNotExist."""
    return Export.objects.get(token=token, person=user.pk, ends_at__gt=Now())


def make(export: Export, write: Callable[[Path, Callable[[int], None]], None]) -> None:
    """Let `write` fill a file, then keep it in pieces; `write` says how far it has come, and stops where it is told to.

    Safe to run twice or in two workers at once: the later attempt wins.
    """
    Export.objects.filter(pk=export.pk, state__in=UNFINISHED).update(run=F("run") + 1, state="making", done=0)
    export.refresh_from_db()
    if export.state != "making":
        return

    def done(count: int) -> None:
        if not _running(export).update(done=count):
            raise Superseded(export.pk)

    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        place = Path(folder) / "file"
        write(place, done)
        with place.open("rb") as file:
            for number, data in enumerate(iter(lambda: file.read(PIECE), b"")):
                Part.objects.create(export=export, run=export.run, number=number, data=data)
            size = file.tell()
    _running(export).update(state="ready", size=size, done=F("total"))


def _running(export: Export) -> QuerySet[Export]:
    return Export.objects.filter(pk=export.pk, run=export.run, state="making")


def end(export: Export, state: str) -> None:
    """Give up: `failed` or `withdrawn`; what was already written goes too."""
    Export.objects.filter(pk=export.pk).update(state=state)
    Part.objects.filter(export=export).delete()


def pieces(export: Export) -> Iterator[bytes]:
    """The file, one piece in memory at a time."""
    number = 0
    while True:
        part = Part.objects.filter(export=export, run=export.run, number=number).first()
        if part is None:
            return
        yield bytes(part.data)
        number += 1


def forget() -> int:
    """Drop what nobody may take any more; how many files."""
    _all, of_each = Export.objects.filter(ends_at__lte=Now()).delete()
    return of_each.get(Export._meta.label, 0)
