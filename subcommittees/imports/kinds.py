"""What has a kind of thing to say so that it can be brought in from a file?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from subcommittees.imports.cells import Cell, Fault
from subcommittees.imports.columns import Column
from subcommittees.imports.models import Import
from subcommittees.models import Operation, User
from subcommittees.words import Words

Faults = list[list[str]]


@dataclass
class Judged:
    """What a row says: `key` is what makes it one thing, `place` the unit that it touches."""

    key: str = ""
    place: str = ""
    said: dict[str, Any] = field(default_factory=dict)
    faults: Faults = field(default_factory=list)

    def fault(self, column: str, code: str, shown: object = "") -> None:
        self.faults.append([column, code, str(shown)[:100]])


@dataclass(frozen=True)
class Outcome:
    """What became of each row by its number; `late` are faults that came up only now."""

    became: Mapping[int, str]
    late: Mapping[int, list[str]]


Judge = Callable[[Judged], None]
Write = Callable[[User, Operation, str, Sequence[tuple[int, dict[str, Any]]]], Outcome]


@dataclass(frozen=True)
class Kind:
    """`prepare` gives what judges one row; `against` marks faults that only all rows together show; `write` writes
    the rows of one group of places in one transaction.
    """

    code: str
    words: Words
    verb: str
    topic: str
    columns: tuple[Column, ...]
    prepare: Callable[[User], Judge]
    against: Callable[[Import], None]
    write: Write
    depth: int = 2  # rows whose places agree in so many steps of their path are written together

    def column(self, name: str) -> Column:
        return next(one for one in self.columns if one.name == name)

    def read(
        self, at: Mapping[str, int], cells: Sequence[Cell], judge: Judge, width: int | None = None
    ) -> Judged:
        """What the row says; where it has a `width`, what stands beyond has been cut off from a cell before."""
        found = Judged()
        if cells and isinstance(cells[0], list) and len(cells[0]) == 1:
            found.fault("", cells[0][0])
            return found
        if width is not None and len(cells) > width and any(cells[width:]):
            found.fault("", "too_many_cells", len(cells))
        for column in self.columns:
            place = at.get(column.name)
            cell = cells[place] if place is not None and place < len(cells) else ""
            try:
                value = column.read(cell)
            except Fault as fault:
                found.fault(column.name, fault.code, fault.shown)
                continue
            if column.required and value in {"", None}:
                found.fault(column.name, "missing")
            found.said[column.name] = value
        judge(found)
        return found
