"""Does a limited child read what people send, and refuse what only looks like a table?"""

import io
import re
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest

from subcommittees.sheets import reader
from subcommittees.sheets.refusal import Refused


def rows_of(path: Path):
    with reader.opened(path) as sheet:
        return sheet.notes, list(sheet.rows)


def book(path: Path, *rows, **sheets) -> Path:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for title, state in sheets.items():
        made.create_sheet(title).sheet_state = state
    made.save(path)
    return path


def repacked(path: Path, **changes: bytes | None) -> Path:
    """The workbook with parts replaced (`xl__workbook_xml`), added or taken out."""
    inside = {}
    with zipfile.ZipFile(path) as archive:
        inside = {one.filename: archive.read(one) for one in archive.infolist()}
    inside.update({name.replace("__", "/"): text for name, text in changes.items()})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in inside.items():
            if text is not None:
                archive.writestr(name, text)
    return path


TABLE = "mã;tên\n01;Tô Hiệu\n02;Chiềng An\n"


@pytest.mark.parametrize(("encoding", "noted"), [
    ("utf-8", []), ("utf-8-sig", []), ("utf-16", []), ("utf-16-le", []), ("utf-16-be", []),
])  # fmt: skip
def test_a_text_file_is_read_in_its_own_encoding(encoding, noted, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(TABLE.encode(encoding))
    notes, rows = rows_of(path)
    assert notes == noted
    assert rows == [(1, ["mã", "tên"]), (2, ["01", "Tô Hiệu"]), (3, ["02", "Chiềng An"])]


def test_a_file_that_is_no_utf8_is_read_and_it_is_said(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("code;name\n01;Thanh Hóa é\n".encode("latin-1"))
    notes, rows = rows_of(path)
    assert notes == [["latin_1"]]
    assert rows[1] == (2, ["01", "Thanh Hóa é"])


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_separator_is_found(separator, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(TABLE.replace(";", separator), encoding="utf-8")
    assert rows_of(path)[1][1] == (2, ["01", "Tô Hiệu"])


def test_a_messy_text_file_loses_no_row(tmp_path):
    """Mixed line ends, blank rows, a cell of two lines, NUL, a quotation mark that never closes, a huge cell."""
    path = tmp_path / "a.csv"
    text = 'a,b\r\n1,"x\ny"\r2,z\n\n ,\n3,"open\n4,\0\n5,' + "w" * 300_000 + "\n6,end\n"
    path.write_bytes(text.encode())
    rows = dict(rows_of(path)[1])
    assert rows[2] == ["1", "x\ny"]
    assert rows[4] == ["2", "z"]
    assert rows[7][0] == ["quote"]
    assert rows[8] == ["4", "\0"]
    assert rows[9][0] == ["line_too_long"]
    assert rows[10] == ["6", "end"]


def test_a_workbook_gives_texts_numbers_formulas_and_moments_as_they_are(tmp_path):
    path = book(tmp_path / "a.xlsx", ["code", "n"], ["001", 1.5], ["=1+1", True], [None, None], ["x", 7])
    rows = dict(rows_of(path)[1])
    assert rows == {1: ["code", "n"], 2: ["001", 1.5], 3: ["=1+1", True], 5: ["x", 7]}


def test_hidden_sheets_are_left_out_and_it_is_said(tmp_path):
    path = book(tmp_path / "a.xlsx", ["code", "n"], Secret="hidden", Zweite="visible")
    assert rows_of(path)[0] == [["hidden_sheet", "Secret"], ["other_sheet", "Zweite"]]


def test_a_claimed_range_of_millions_is_a_claim(tmp_path):
    path = book(tmp_path / "a.xlsx", ["code", "n"], ["1", "2"])
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").replace(b'ref="A1:B2"', b'ref="A1:XFD1048576"')
    repacked(path, **{"xl__worksheets__sheet1.xml": sheet})
    began = time.monotonic()
    assert [number for number, _cells in rows_of(path)[1]] == [1, 2]
    assert time.monotonic() - began < 5


BOMB = b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'>]><x>&b;</x>"
XXE = b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>"


def hostile(name: str, path: Path) -> Path:
    book(path, ["code", "n"], ["1", "2"])
    if name == "zip bomb":
        return repacked(path, **{"xl__worksheets__sheet1.xml": b" " * 200_000_000})
    if name == "many entries":
        return repacked(path, **{f"xl__x{n}.xml": b"" for n in range(2_100)})
    if name == "entities in the strings":
        return repacked(path, **{"xl__sharedStrings.xml": BOMB})
    if name == "entities in the sheet":
        return repacked(path, **{"xl__worksheets__sheet1.xml": XXE})
    if name == "entities in the book":
        return repacked(path, **{"xl__workbook.xml": XXE})
    if name == "macros":
        return repacked(path, **{"xl__vbaProject.bin": b"x"})
    if name == "no sheet inside":
        return repacked(path, **{"xl__worksheets__sheet1.xml": None})
    whole = path.read_bytes()
    made = {
        "truncated": whole[: len(whole) // 2],
        "encrypted or .xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "empty": b"",
        "a PDF": b"%PDF-1.7\n" + b"x" * 300,
        "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4,
        "a zip of something": _zip(),
    }[name]
    path.write_bytes(made)
    return path


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("hello.txt", "x")
    return out.getvalue()


@pytest.mark.parametrize(("name", "code", "status"), [
    ("zip bomb", "too_heavy", 413), ("many entries", "too_heavy", 413), ("entities in the strings", "entities", 400),
    ("entities in the sheet", "entities", 400), ("entities in the book", "entities", 400), ("macros", "macros", 400),
    ("no sheet inside", "broken", 400), ("truncated", "broken", 400), ("encrypted or .xls", "encrypted_or_old", 400),
    ("empty", "empty", 400), ("a PDF", "not_a_table", 400), ("a picture", "not_a_table", 400),
    ("a zip of something", "not_a_table", 400),
])  # fmt: skip
def test_what_is_no_table_is_refused_soon(name, code, status, tmp_path):
    path = hostile(name, tmp_path / "a.xlsx")
    began = time.monotonic()
    with pytest.raises(Refused) as refused:
        reader.check(path)
    assert (refused.value.code, refused.value.status) == (code, status)
    assert time.monotonic() - began < 4, "two seconds on a machine of its own"


def test_a_million_rows_are_refused_before_they_are_read(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,2\n" * 1_000_000)
    with pytest.raises(Refused) as refused:
        reader.check(path)
    assert (refused.value.code, refused.value.status) == ("too_many_rows", 413)


@pytest.mark.slow
def test_many_rows_need_little_memory(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("code;name;unit\n" + "".join(f"A-{n};Điểm bầu cử {n};03646\n" for n in range(180_000)))
    with reader.opened(path) as sheet:
        peak = 0
        for number, _row in enumerate(sheet.rows, start=1):
            if number % 20_000 == 0:
                said = Path(f"/proc/{sheet.process.pid}/status").read_text()
                peak = max(peak, int(re.search(r"VmHWM:\s+(\d+)", said)[1]))
    assert number == 180_001
    assert 0 < peak < 100 * 1024
