"""What are the rows of a text file with separators, whatever wrote it?"""

import codecs
import csv
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from subcommittees.sheets.formulas import restored
from subcommittees.sheets.refusal import CELL, COLUMNS, ROWS, Refused

JOINED = 20  # so many lines may one quoted cell have
LINE = 262_144
SAMPLE = 65_536


def opened(path: str) -> tuple[list[list[str]], Iterator[tuple[int, list[Any]]]]:
    """Notes about the file, and its rows with the number of the line where each begins."""
    file = Path(path)
    if file.stat().st_size == 0:
        raise Refused("empty")
    encoding, notes = _encoding(file)
    if _lines(file) > ROWS:
        raise Refused("too_many_rows", 413, most=ROWS)
    csv.field_size_limit(LINE * JOINED)
    separator, usual = _separator(file, encoding)
    return notes, _rows(file, encoding, separator, usual)


def _encoding(file: Path) -> tuple[str, list[list[str]]]:
    with file.open("rb") as raw:
        start = raw.read(SAMPLE)
    if start.startswith(codecs.BOM_UTF8):
        return _if_it_reads(file, "utf-8-sig")
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", []
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) > len(start) // 5:
        return ("utf-16-be" if even > odd else "utf-16-le"), []
    if start.count(0) > len(start) // 50 or _is_binary(start):
        raise Refused("not_a_table")
    return _if_it_reads(file, "utf-8")


def _is_binary(start: bytes) -> bool:
    known = (b"%PDF", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"{\\rtf", b"<html", b"<!DOC", b"<?xml")
    strange = sum(1 for byte in start if byte < 32 and byte not in b"\t\r\n\f\0")
    return start.lstrip()[:5].startswith(known) or strange > len(start) // 50


def _if_it_reads(file: Path, encoding: str) -> tuple[str, list[list[str]]]:
    """UTF-8 also where a few bytes are broken: then their rows are, and not all the others."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    broken = foreign = 0
    with file.open("rb") as raw:
        while part := raw.read(1 << 20):
            text = decoder.decode(part)
            if not text.isascii():
                broken += text.count("\ufffd")
                foreign += len(text) - len(text.encode("ascii", "ignore"))
    if broken * 2 > foreign:
        return "cp1252", [["latin_1"]]
    return encoding, []


def _lines(file: Path) -> int:
    with file.open("rb") as raw:
        return sum(part.count(b"\n") for part in iter(lambda: raw.read(1 << 20), b""))


def _separator(file: Path, encoding: str) -> tuple[str, int]:
    """The one that cuts the first lines into the most equal number of cells, and how many these are."""
    with file.open(encoding=encoding, errors="replace") as text:
        lines = [line for line in text.read(SAMPLE).splitlines()[:20] if line.strip()]
    if lines and lines[0].lower().startswith("sep=") and len(lines[0].strip()) == 5:
        return lines[0].strip()[4], len(lines[-1].split(lines[0].strip()[4]))

    def worth(separator: str) -> tuple[int, int]:
        counts = [len(next(csv.reader([line], delimiter=separator), [])) for line in lines]
        usual = max(set(counts), key=counts.count) if counts else 1
        return (0, 0) if usual < 2 else (counts.count(usual), usual)

    separator = max((";", "\t", ",", "|"), key=worth)
    return separator, worth(separator)[1]


def _physical(text: TextIO) -> Iterator[str]:
    """The lines; of one that is too long, its beginning without a line end."""
    while line := text.readline(LINE):
        cut = len(line) >= LINE and not line.endswith("\n")
        while cut and (rest := text.readline(LINE)) and not rest.endswith("\n"):
            pass
        yield line


def _rows(file: Path, encoding: str, separator: str, usual: int) -> Iterator[tuple[int, list[Any]]]:
    with file.open(encoding=encoding, errors="replace") as text:
        lines, number = _physical(text), 0
        back: deque[str] = deque()  # given back by a quotation mark that never closed
        while line := back.popleft() if back else next(lines, ""):
            number += 1
            first, joined = number, [line]
            marks = line.count('"')
            while (
                marks % 2 and len(joined) < JOINED and (more := back.popleft() if back else next(lines, ""))
            ):
                joined.append(more)
                marks += more.count('"')
            cells = _split(joined, separator, usual) if marks % 2 == 0 else None
            if cells is None:
                back.extendleft(reversed(joined[1:]))
                yield first, [["quote"], *_cut(line.rstrip("\n").split(separator))]
                continue
            number += len(joined) - 1
            if len(line) >= LINE and not line.endswith("\n"):
                yield first, [["line_too_long"], *_cut(line.split(separator))]
                continue
            told = first == 1 and line.lower().startswith("sep=")
            if not told and any(cell and not cell.isspace() for cell in cells):
                yield first, _cut(cells)


def _split(lines: list[str], separator: str, usual: int) -> list[str] | None:
    """The cells; None where a quotation mark that never closed has met one of another row."""
    whole = usual - 1
    if len(lines) > 1 and whole and min(lines[0].count(separator), lines[-1].count(separator)) >= whole:
        return None
    try:
        return next(csv.reader(["".join(lines)], delimiter=separator, strict=len(lines) > 1), [])
    except csv.Error:
        return None


def _cut(cells: list[str]) -> list[Any]:
    if len(cells) > COLUMNS:
        raise Refused("too_many_columns", most=COLUMNS)
    return [restored(cell)[:CELL] for cell in cells]
