"""What is not in order, for how long, and when was it last looked at?"""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import EmptyResultSet

from sites.readiness.models import Finding
from subcommittees.models import Operation
from subcommittees.scope import Reach, condition


def open_under(held: Iterable[Reach], operation: Operation, path: str) -> tuple[str, tuple[Any, ...]]:
    """The open findings at and below `path` that these roles see: rows of (path, critical), with their values."""
    rows = Finding.objects.filter(
        condition(held, Finding), operation=operation, path__startswith=path, closed_at=None
    )
    try:
        return rows.values("path", "critical").query.sql_with_params()
    except EmptyResultSet:  # of roles that see no sites
        return "SELECT '' AS path, false AS critical WHERE false", ()
