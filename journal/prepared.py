"""How is what every request asks put to the database without being planned each time?"""

import re
from collections.abc import Sequence
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from django.db import connection
from django.db.models import Model

M = TypeVar("M", bound=Model)


class Prepared:
    """One statement with `$1`, `$2` … for its values; each connection plans it once and keeps the plan."""

    _known: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()  # by the connections beneath Django's

    def __init__(self, name: str, sql: str) -> None:
        self.name = name
        self.prepare = f"PREPARE {name} AS {sql}"
        values = len(set(re.findall(r"\$\d+", sql)))
        self.execute = f"EXECUTE {name}" + (f" ({', '.join(['%s'] * values)})" if values else "")

    def rows(self, *values: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            known = self._known.setdefault(connection.connection, set())
            if self.name not in known:
                with connection.wrap_database_errors:
                    cursor.cursor.execute(self.prepare)  # beneath Django's: nothing is asked yet
                known.add(self.name)
            cursor.execute(self.execute, values)
            return cursor.fetchall() if cursor.description else []

    def row(self, *values: Any) -> tuple[Any, ...] | None:
        return next(iter(self.rows(*values)), None)


def columns(model: type[Model], table: str) -> str:
    """All columns of `model`, for a statement in which its table is called `table`."""
    return ", ".join(f'{table}."{field.column}"' for field in model._meta.concrete_fields)


def built(model: type[M], row: Sequence[Any]) -> tuple[M, Sequence[Any]]:
    """The object that `columns` begin `row` with, and the rest of the row."""
    names = [field.attname for field in model._meta.concrete_fields]
    return model.from_db("default", names, row[: len(names)]), row[len(names) :]
