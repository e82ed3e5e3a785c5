"""Which column of a stranger's table is which of ours?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from subcommittees.vietnamese import fold
from subcommittees.words import Words

TOP = 15  # so many rows may stand above the names of the columns, or be them


@dataclass(frozen=True)
class Column:
    """`synonyms` are folded: without accents, in lower case."""

    name: str
    words: Words
    read: Callable[[Any], Any]
    synonyms: tuple[str, ...] = ()
    required: bool = False

    @property
    def called(self) -> frozenset[str]:
        own = (self.name.replace("_", " "), fold(self.words.vi), fold(self.words.en))
        return frozenset((*own, *self.synonyms))


def header(
    rows: Sequence[tuple[int, list[Any]]], columns: Sequence[Column], wanted: Mapping[str, str]
) -> tuple[int, list[str]] | None:
    """The number of the row that names the columns, and the names; two rows where cells were merged.

    The row in which most of our columns (or of the headers `wanted`) are recognised; else the first that has two cells.
    """
    best: tuple[int, int, list[str]] | None = None
    top = rows[:TOP]
    for at, (number, cells) in enumerate(top):
        single = [_name(cell) for cell in cells]
        found = [(number, single)]
        if at + 1 < len(top):
            below = [_name(cell) for cell in top[at + 1][1]]
            found.append((top[at + 1][0], _merged(single, below)))
        for last, names in found:
            worth = len(recognised(names, columns, wanted))
            if worth and (best is None or worth > best[0]):
                best = worth, last, names
    if best:
        return best[1], best[2]
    for number, cells in top:
        names = [_name(cell) for cell in cells]
        if sum(1 for name in names if name) >= 2:
            return number, names
    return None


def recognised(names: Sequence[str], columns: Sequence[Column], wanted: Mapping[str, str]) -> dict[str, int]:
    """Our column → the place of the header that means it: as said in `wanted`, else by its words."""
    folded = [fold(name) for name in names]
    found: dict[str, int] = {}
    for name, text in wanted.items():
        if text and fold(text) in folded:
            found[name] = folded.index(fold(text))
    for column in columns:
        if column.name in wanted:
            continue
        for at, said in enumerate(folded):
            if said in column.called and at not in found.values():
                found[column.name] = at
                break
    return found


def _merged(above: list[str], below: list[str]) -> list[str]:
    width = max(len(above), len(below))
    above, below = above + [""] * (width - len(above)), below + [""] * (width - len(below))
    return [low or high for high, low in zip(above, below, strict=True)]


def _name(cell: Any) -> str:
    return str(cell if not isinstance(cell, list) else cell[-1]).replace("\0", "").strip()[:200]
