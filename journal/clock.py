"""What time is it, for everybody?"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections, models


class Now(models.Func):
    """The product's time inside a query: the database's clock and the one offset row."""

    template = "journal_now()"
    output_field = models.DateTimeField()


def now() -> dt.datetime:
    """The product's time, aware, in UTC."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT journal_now()")
        return cursor.fetchone()[0]


def set_shift(shift: dt.timedelta, using: str = "owner") -> None:
    """Stand `shift` away from the database's clock, for every process. Needs the owner's role."""
    with connections[using].cursor() as cursor:
        cursor.execute("UPDATE journal_clock SET shift = make_interval(secs => %s)", [shift.total_seconds()])


@contextmanager
def shifted(using: str = "owner") -> Iterator[Any]:
    """Lend a function that moves the clock, and set it right again at the end."""
    try:
        yield lambda shift: set_shift(shift, using)
    finally:
        set_shift(dt.timedelta(0), using)


def wire(moment: dt.datetime | None) -> str | None:
    """A moment as it stands in events, frames and the API: UTC, microseconds, Z."""
    if moment is None:
        return None
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
