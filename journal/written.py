"""How is a question asked many times without its SQL being written anew each time?"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ParamSpec, cast

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

Given = ParamSpec("Given")
KEPT = 1_000


def sql_of(write: Callable[Given, QuerySet[Any, Any]]) -> Callable[Given, tuple[str, tuple[Any, ...]]]:
    """The SQL of what `write` builds and its values, kept for each set of arguments.

    Django takes longer to write most questions than PostgreSQL to answer them. What is kept is the question, never
    an answer: whatever changes it stands in the arguments, time is asked of the database.
    """

    @lru_cache(maxsize=KEPT)
    def kept(*given: Any, **named: Any) -> tuple[str, tuple[Any, ...]]:
        return write(*given, **named).query.sql_with_params()

    return cast("Callable[Given, tuple[str, tuple[Any, ...]]]", wraps(write)(kept))


def written_once(write: Callable[Given, QuerySet[Any, Any]]) -> Callable[Given, list[tuple[Any, ...]]]:
    """Ask what `write` builds: its rows as PostgreSQL gives them."""
    kept = sql_of(write)

    @wraps(write)
    def ask(*given: Given.args, **named: Given.kwargs) -> list[tuple[Any, ...]]:
        try:
            sql, values = kept(*given, **named)
        except EmptyResultSet:
            return []
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall()

    return ask
