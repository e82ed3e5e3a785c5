"""What are the rows of a spreadsheet, when nobody knows who packed it?"""

import datetime as dt
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError, iterparse

import defusedxml
import openpyxl
from openpyxl.reader import strings
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet import _reader as worksheets
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from subcommittees.sheets.refusal import CELL, COLUMNS, ROWS, Refused

EMPTY_RUN = 100_000  # after so many empty rows nothing is expected any more

if not openpyxl.DEFUSEDXML:
    message = "spreadsheets are read with defusedxml only"
    raise RuntimeError(message)
# defusedxml parses in Python. The two parts that grow with the rows go through the parser written in C, which is
# as safe for them: subcommittees/sheets/archive.py has seen that no part of the archive declares any.
worksheets.iterparse = strings.iterparse = iterparse  # type: ignore[attr-defined]


def opened(path: str) -> tuple[list[list[str]], Iterator[tuple[int, list[Any]]]]:
    """Notes about the file, and the rows of its first visible sheet with their numbers."""
    try:
        # As a file, not by its name: a kept file has none that ends in .xlsx. The rows are read from it later.
        file = Path(path).open("rb")  # noqa: SIM115
        book = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
    except defusedxml.DefusedXmlException as error:
        raise Refused("entities") from error
    except (
        InvalidFileException, zipfile.BadZipFile, KeyError, ParseError, ValueError, TypeError, EOFError, OSError,
        AttributeError, IndexError,
    ) as error:  # fmt: skip
        raise Refused("broken") from error
    sheets = [one for one in book.worksheets if isinstance(one, ReadOnlyWorksheet)]
    shown = [one for one in sheets if one.sheet_state == "visible"]
    if not shown:
        raise Refused("empty")
    notes = [["hidden_sheet", one.title] for one in sheets if one.sheet_state != "visible"][:10]
    notes += [["other_sheet", one.title] for one in shown[1:]][:10]
    return notes, _rows(shown[0])


def _rows(sheet: ReadOnlyWorksheet) -> Iterator[tuple[int, list[Any]]]:
    reading: Any = sheet  # its stubs know the writable sheet only
    sheet.reset_dimensions()  # what the file says of its size is a claim
    count, empty = 0, 0
    try:
        for number, cells in enumerate(reading.iter_rows(values_only=True), start=1):
            if not any(cell is not None and cell != "" for cell in cells):
                empty += 1
                if empty > EMPTY_RUN:
                    return
                continue
            empty, count = 0, count + 1
            if count > ROWS:
                raise Refused("too_many_rows", 413, most=ROWS)
            yield number, [_plain(cell) for cell in _within(cells)]
    except defusedxml.DefusedXmlException as error:
        raise Refused("entities") from error
    except (
        zipfile.BadZipFile, ParseError, ValueError, TypeError, KeyError, EOFError, IndexError, OverflowError,
    ) as error:  # fmt: skip
        raise Refused("broken") from error


def _within(cells: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(cells) <= COLUMNS:
        return cells
    last = max((at for at, cell in enumerate(cells) if cell is not None), default=-1)
    if last >= COLUMNS:
        raise Refused("too_many_columns", most=COLUMNS)
    return cells[: last + 1]


def _plain(cell: Any) -> Any:
    """A cell as JSON has it; a moment is `["at", text]`, for where none belongs it is a spreadsheet's guess."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell[:CELL]
    if isinstance(cell, bool | int | float):
        return cell
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        return ["at", cell.isoformat()]
    return str(getattr(cell, "text", None) or "=")[:CELL]  # a formula of several cells
