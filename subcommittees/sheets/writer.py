"""How does a list become a file that a spreadsheet program opens, and of which it runs nothing?"""

import csv as text_csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils import timezone

from subcommittees.sheets.formulas import defused

TOGETHER = 500  # rows in one piece of the stream
EXCEL_TEXT = 32_767


@dataclass(frozen=True)
class Column:
    """`value` gives a text, a number, a truth, a moment, a day or None for a row; `width` in letters.

    `choices` are offered in every cell of a workbook's column; another text can still be written.
    """

    name: str
    value: Callable[[Any], Any]
    width: int = 16
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dialect:
    """How a country's spreadsheet program reads plain text."""

    separator: str
    decimal: str
    moment: str
    day: str
    yes: str
    no: str


# A Vietnamese Excel takes the comma for the decimal sign and therefore splits columns at semicolons only; what has
# a point it would read as thousands (21.345 as 21 345). An English one expects the comma between and the point within.
DIALECTS = {
    "vi": Dialect(";", ",", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y", "Có", "Không"),
    "en": Dialect(",", ".", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "Yes", "No"),
}


def csv(columns: Sequence[Column], rows: Iterable[Any], dialect: Dialect) -> Iterator[bytes]:
    """The file in pieces, in as little memory as one piece; with the mark by which Excel knows UTF-8."""
    page = io.StringIO()
    write = text_csv.writer(page, delimiter=dialect.separator, lineterminator="\r\n").writerow
    page.write("\ufeff")
    write([defused(column.name) for column in columns])
    for count, row in enumerate(rows, 1):
        write([_plain(column.value(row), dialect) for column in columns])
        if count % TOGETHER == 0:
            yield page.getvalue().encode()
            page.seek(0)
            page.truncate()
    yield page.getvalue().encode()


def _plain(value: Any, dialect: Dialect) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return dialect.yes if value else dialect.no
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value).replace(".", dialect.decimal)
    if isinstance(value, dt.datetime):
        return _here(value).strftime(dialect.moment)
    if isinstance(value, dt.date):
        return value.strftime(dialect.day)
    return defused(str(value).replace("\0", ""))


def _here(moment: dt.datetime) -> dt.datetime:
    """The hour on the wall in Viet Nam; a cell has no zone."""
    return timezone.localtime(moment).replace(tzinfo=None)


class _Exact(float):
    """A number that is written with all its digits: 16 of 17 would be another number when it is read again."""

    def __format__(self, form: str) -> str:
        return repr(float(self))


OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
Facts = Sequence[tuple[str, Any]]


def xlsx(
    place: Path, columns: Sequence[Column], rows: Iterable[Any], *, titles: tuple[str, str], facts: Facts
) -> int:
    """Write the rows to a workbook at `place`, and `facts` about them to a second sheet; how many rows.

    A number is a number there, a moment a moment, and every text a text, whatever it begins with.
    """
    with xlsxwriter.Workbook(place, {**OPTIONS, "tmpdir": str(place.parent)}) as book:
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        looks: dict[type, Any] = {
            dt.datetime: book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"}),
            dt.date: book.add_format({"num_format": "dd/mm/yyyy"}),
        }
        sheet = book.add_worksheet(titles[0])
        for at, column in enumerate(columns):
            sheet.set_column(at, at, column.width)
            sheet.write_string(0, at, column.name, head)
        count = 0
        for count, row in enumerate(rows, 1):
            for at, column in enumerate(columns):
                _cell(sheet, count, at, column.value(row), looks)
        for at, column in enumerate(columns):
            if column.choices and count:
                offered = {"validate": "list", "source": list(column.choices), "error_type": "information"}
                sheet.data_validation(1, at, count, at, offered)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, count, len(columns) - 1)
        about = book.add_worksheet(titles[1])
        about.set_column(0, 0, 24)
        about.set_column(1, 1, 60)
        for at, (name, value) in enumerate(facts):
            about.write_string(at, 0, name, head)
            _cell(about, at, 1, value, looks)
    return count


def _cell(sheet: Any, row: int, at: int, value: Any, looks: dict[type, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, at, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, at, _Exact(value) if isinstance(value, float) else value)
    elif isinstance(value, dt.datetime):
        sheet.write_datetime(row, at, _here(value), looks[dt.datetime])
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, at, value, looks[dt.date])
    else:
        sheet.write_string(row, at, str(value)[:EXCEL_TEXT])
