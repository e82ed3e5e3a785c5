"""What does a cell of somebody else's table mean, and what is wrong with it?"""

import contextlib
import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from subcommittees.vietnamese import fold

Cell = Any  # a text, a number, a truth, or ["at", moment] where a spreadsheet made a moment of it
_EXCEL = re.compile(r"\d+([.,]\d+)?[eE]\+?\d+\Z")
_DECIMAL = re.compile(r"[+-]?\d{1,3}([.,]\d{1,15})?\Z")
_WHOLE = re.compile(r"\d{1,9}(?:[.,]0+)?\Z")
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
_DOUBLY = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0178\u0192\u02c6\u02dc\u2013-\u2122]")
_YES = {"co", "x", "dung", "yes", "y", "true", "1", "som", "v"}
_NO = {"khong", "sai", "no", "n", "false", "0"}
HERE = ZoneInfo("Asia/Ho_Chi_Minh")


class Fault(Exception):
    """A cell cannot be taken: `code` stands in the table of words, `shown` fills it in."""

    def __init__(self, code: str, shown: object = "") -> None:
        super().__init__(code)
        self.code, self.shown = code, str(shown)[:100]


def text(most: int) -> Callable[[Cell], str]:
    """One line of at most `most` letters, composed, without spaces around."""

    def read(cell: Cell) -> str:
        said = _said(cell)
        if len(said) > most:
            raise Fault("too_long", most)
        return said

    return read


def code(most: int, pattern: str = r"[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?") -> Callable[[Cell], str]:
    """A code as it is written; one that a spreadsheet has turned into a number or a date is refused."""
    allowed = re.compile(rf"{pattern}\Z")

    def read(cell: Cell) -> str:
        if isinstance(cell, bool):
            raise Fault("not_a_code", cell)
        if isinstance(cell, float):
            if not cell.is_integer() or abs(cell) >= 1e15:
                raise Fault("number_not_code", cell)
            cell = int(cell)
        said = _said(cell)
        if _EXCEL.match(said):
            raise Fault("number_not_code", said)
        if len(said) > most:
            raise Fault("too_long", most)
        if said and not allowed.match(said):
            raise Fault("not_a_code", said)
        return said

    return read


def decimal(cell: Cell) -> float | None:
    """A number of degrees; a decimal comma is one, as everywhere in the country."""
    if isinstance(cell, bool | list):
        raise Fault("not_a_number", _shown(cell))
    if isinstance(cell, int | float):
        return float(cell)
    said = _said(cell)
    if not said:
        return None
    if not said.isascii() or not _DECIMAL.match(said):
        raise Fault("not_a_number", said)
    return float(said.replace(",", "."))


def whole(least: int, most: int) -> Callable[[Cell], int | None]:
    def read(cell: Cell) -> int | None:
        if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e9:
            cell = int(cell)
        said = _said(cell) if not isinstance(cell, bool) else "?"
        if not said:
            return None
        if not said.isascii() or not _WHOLE.match(said):
            raise Fault("not_a_number", said)
        value = int(re.split(r"[.,]", said)[0])
        if not least <= value <= most:
            raise Fault("out_of_range", f"{least}–{most}")
        return value

    return read


def truth(cell: Cell) -> bool | None:
    if isinstance(cell, bool):
        return cell
    said = _said(cell)
    if not said:
        return None
    folded = fold(said)
    if folded not in _YES | _NO:
        raise Fault("yes_or_no", said)
    return folded in _YES


def choice(words: Mapping[str, Any]) -> Callable[[Cell], str]:
    """One of a table of words, by its code or by its name in either language."""
    known = {fold(name): one for one, both in words.items() for name in (one, both.vi, both.en)}
    known |= {one: one for one in words}

    def read(cell: Cell) -> str:
        said = _said(cell)
        if not said:
            return ""
        found = known.get(said) or known.get(fold(said))
        if found is None:
            raise Fault("not_a_choice", said)
        return found

    return read


def moment(cell: Cell) -> str | None:
    """A day or a moment in the country's time, as `dd/mm/yyyy [hh:mm]` or as a spreadsheet's own."""
    if isinstance(cell, list):
        at = dt.datetime.fromisoformat(cell[1]) if "T" in cell[1] or "-" in cell[1] else None
        if at is None:
            raise Fault("not_a_moment", cell[1])
        return at.replace(tzinfo=at.tzinfo or HERE).isoformat()
    said = _said(cell)
    if not said:
        return None
    for form in ("%d/%m/%Y %H:%M", "%d/%m/%Y", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"):
        try:
            at = dt.datetime.strptime(said, form)  # noqa: DTZ007
        except ValueError:
            continue
        if not 2000 <= at.year <= 2100:
            break
        return at.replace(tzinfo=at.tzinfo or HERE).isoformat()
    raise Fault("not_a_moment", said)


def storable(cell: Cell) -> Cell:
    """The cell as it came, but for what the database cannot hold."""
    if isinstance(cell, str):
        return (
            cell if cell.isprintable() else cell.replace("\0", "\u2400").encode("utf-8", "replace").decode()
        )
    if isinstance(cell, float) and not abs(cell) < float("inf"):
        return str(cell)
    return cell


def _said(cell: Cell) -> str:
    if not isinstance(cell, str):
        if isinstance(cell, list):
            raise Fault("date_not_text", _shown(cell))
        return str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell)
    if cell.isascii() and cell.isprintable():
        if "#" in cell and cell.strip() in _ERRORS:
            raise Fault("error_of_formula", cell.strip())
        return " ".join(cell.split()) if " " in cell else cell
    said = unicodedata.normalize("NFC", cell.replace("\u200b", "").replace("\ufeff", ""))
    said = " ".join(said.split())
    if said.isprintable() and "\ufffd" not in said:
        if _DOUBLY.search(cell):
            _read_twice(cell)
        return said
    strange = next((one for one in said if unicodedata.category(one) in _UNSEEN), "")
    if strange or "\ufffd" in said:
        raise Fault("unreadable", f"U+{ord(strange or chr(0xFFFD)):04X}")
    return said


def _read_twice(said: str) -> None:
    """UTF-8 that some program took for Windows Western: of all true names none reads as UTF-8 this way."""
    with contextlib.suppress(UnicodeError):
        raise Fault("wrong_letters", " ".join(said.encode("cp1252").decode().split()))


def _shown(cell: Cell) -> str:
    return str(cell[1] if isinstance(cell, list) else cell)
