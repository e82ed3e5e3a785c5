"""How does a grid become a workbook, and how do its cells come back?"""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from journal import clock
from sites import checklist
from sites.checklist import Item
from sites.grid import cells
from sites.grid.actions import Typed
from sites.grid.queries import NOTE, Grid, Row
from sites.readiness.actions import NOTE_AT_MOST
from subcommittees.imports import faults
from subcommittees.sheets import reader, writer
from subcommittees.sheets.refusal import Refused
from subcommittees.sheets.writer import Column
from subcommittees.vietnamese import fold

CODE = re.compile(r"\s*(x?\d{1,9})\s*[.)]")
ROWS = 500  # of a commune; more are somebody else's file
SHOWN = 60  # letters of a wrong cell that are told


@dataclass(frozen=True)
class Fault:
    """What is wrong with a cell, or a row or the file (column, row empty)."""

    row: int
    column: str
    value: str
    message: str


@dataclass
class Read:
    """The cells of a file that say something, and all that is wrong with it: then nothing of it is taken."""

    typed: list[Typed] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def columns(grid: Grid) -> list[Column]:
    fixed = [
        Column(_("Site code"), lambda row: row.site.code, 18),
        Column(_("Polling site"), lambda row: row.site.name, 40),
    ]
    return [
        *fixed,
        *(_column(one) for one in grid.items),
        Column(_("Note"), lambda row: row.note, 40),
    ]


def _column(item: Item) -> Column:
    words = {
        letter: str(checklist.ANSWERS[answer])
        for letter, answer in checklist.UNPACKED.items()
        if answer in checklist.ANSWERS
    }

    def value(row: Row) -> str:
        return words.get(row.shown.get(item.code, ""), "") if item.code in row.asked else cells.NOT_ASKED

    offered = tuple(words[one] for one in ("o", "n", "a") if one != "a" or not item.critical)
    return Column(heading(item), value, 14, offered)


def heading(item: Item) -> str:
    return f"{item.code}. {item.name}"


def book(grid: Grid) -> bytes:
    """The workbook: a row a site, a column an item; what can be chosen is offered in every cell."""
    facts = [
        (_("Unit"), grid.unit.name),
        (_("Due"), grid.slot.due_at),
        (_("Made at"), clock.now()),
        (
            _("How to fill in"),
            _(
                "Choose an answer in each cell; an empty cell changes nothing. "
                "Leave the first row and the codes of the sites as they are."
            ),
        ),
    ]
    with tempfile.TemporaryDirectory(prefix="grid-") as folder:
        place = Path(folder) / "file"
        writer.xlsx(place, columns(grid), grid.rows, titles=(_("Readiness"), _("About")), facts=facts)
        return place.read_bytes()


def read(file: BinaryIO, grid: Grid) -> Read:
    """What a workbook (or CSV) says of this grid's cells. Raises Refused for what is no table."""
    with tempfile.NamedTemporaryFile(prefix="grid-") as kept:
        for piece in iter(lambda: file.read(1 << 20), b""):
            kept.write(piece)
        kept.flush()
        with reader.opened(Path(kept.name), within_s=20) as sheet:
            rows = []
            for row in sheet.rows:
                rows.append(row)
                if len(rows) > ROWS:
                    raise Refused("too_many_rows", 413, most=ROWS)
    found = Read()
    if not rows:
        raise Refused("empty")
    head = _head(rows[0][1], grid, found)
    if found.faults:
        return found
    seen: dict[str, int] = {}
    for number, line in rows[1:]:
        _line(number, line, head, grid, seen, found)
    if len(rows) == 1:
        raise Refused("no_rows")
    return found


def words(refused: Refused) -> str:
    return faults.of_file({"code": refused.code, "given": refused.given})


Head = list[tuple[int, str, str]]  # place of the column, what it holds (site, note, an item), its heading


def _head(line: list[Any], grid: Grid, found: Read) -> Head:
    """Which column holds what; a column nobody asked for is told, for somebody filled it in for something."""
    known = {fold(str(one.name)): one.code for one in grid.items}
    codes = {one.code for one in grid.items}
    fixed = {"ma diem": "site", "site code": "site", "ghi chu": NOTE, "note": NOTE}
    fixed |= {fold(_("Site code")): "site", fold(_("Note")): NOTE}
    ignored = {"diem bau cu", "polling site", fold(_("Polling site")), ""}
    head: Head = []
    for place, cell in enumerate(line):
        title = cell if isinstance(cell, str) else str(cell)
        number = CODE.match(title)
        what = fixed.get(fold(title)) or known.get(fold(title)) or (number[1] if number else "")
        if what in {one for _at, one, _title in head}:
            found.faults.append(Fault(1, title[:SHOWN], "", _("This column stands twice.")))
        elif what in codes or what in fixed.values():
            head.append((place, what, title))
        elif fold(title) not in ignored:
            found.faults.append(Fault(1, title[:SHOWN], "", _("This column is not in the grid.")))
    if not found.faults and "site" not in {what for _at, what, _title in head}:
        found.faults.append(Fault(1, "", "", _("The column with the codes of the sites is missing.")))
    return head


def _line(number: int, line: list[Any], head: Head, grid: Grid, seen: dict[str, int], found: Read) -> None:
    at = {what: line[place] if place < len(line) else "" for place, what, _title in head}
    titles = {what: title for _place, what, title in head}
    code = str(at.pop("site")).strip()
    row = grid.row(code)

    def told(column: str, value: Any, why: str) -> None:
        found.faults.append(Fault(number, column[:SHOWN], str(value)[:SHOWN], why))

    if not code and not any(at.values()):
        return
    if row is None:
        told(titles["site"], code, _("This site is not in this grid."))
        return
    if code in seen:
        told(titles["site"], code, _("The same site stands in row %(row)d too.") % {"row": seen[code]})
        return
    seen[code] = number
    for typed, why in _cells(row, at, grid):
        if why:
            told(titles[typed.item], typed.value, why)
        else:
            found.typed.append(typed)


def _cells(row: Row, at: dict[str, Any], grid: Grid) -> Iterator[tuple[Typed, str]]:
    critical = {one.code for one in grid.items if one.critical}
    for item, cell in at.items():
        if cell in ("", None):
            continue
        text = cell if isinstance(cell, str) else str(cell)
        if item == NOTE:
            why = _("A formula is not taken.") if text.startswith("=") and text != row.note else ""
            if len(text) > NOTE_AT_MOST:
                why = _("At most %(most)s characters.") % {"most": NOTE_AT_MOST}
            yield Typed(row.site.code, item, text), why
            continue
        letter = cells.letter(cell)
        if letter == "":
            continue
        why = ""
        if letter is None:
            why = _("Write in order, not in order or not applicable.")
        elif item not in row.asked:
            why = _("This item is not asked of this site.")
        elif letter == "a" and item in critical:
            why = _("A critical item is either in order or not.")
        yield Typed(row.site.code, item, text if why else str(letter)), why
