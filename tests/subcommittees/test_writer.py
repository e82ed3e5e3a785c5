"""Does a list become a file that keeps its values and in which nothing runs?"""

import csv
import datetime as dt
import io

import openpyxl
import pytest

from subcommittees.sheets.formulas import LEADS, defused, restored
from subcommittees.sheets.writer import DIALECTS, Column, xlsx
from subcommittees.sheets.writer import csv as written

HOSTILE = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x", " =1", "\u3000=1", "'=1", "''-1",
    '=HYPERLINK("x")', "=cmd|'/c calc'!A1",
]  # fmt: skip
PLAIN = ["", "Điểm 1 – Nhà văn hóa", "'abc", "a=b", "1-2", "03646", "14-03646-012", "x\ny", 'a"b', "a;b,c"]
MOMENT = dt.datetime(2026, 3, 14, 22, 30, 5, tzinfo=dt.UTC)
COLUMNS = [Column(f"c{at}", lambda row, at=at: row[at]) for at in range(6)]


def read(columns, rows, dialect):
    body = b"".join(written(columns, rows, dialect)).decode("utf-8")
    assert body.startswith("\ufeff")
    return list(csv.reader(io.StringIO(body[1:], newline=""), delimiter=dialect.separator))


@pytest.mark.parametrize("text", HOSTILE + PLAIN)
def test_what_is_defused_comes_back_whole(text):
    assert restored(defused(text)) == text
    assert defused(text) == text or defused(text)[0] == "'"


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_of_a_text_file_begins_a_formula(text):
    said = read([Column("c", lambda row: row)], [text], DIALECTS["vi"])[1][0]
    assert said[0] not in LEADS
    assert restored(said) == text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("vi", ["7", "-21,345", "Có", "15/03/2026 05:30:05", "15/03/2026", ""]),
        ("en", ["7", "-21.345", "Yes", "2026-03-15 05:30:05", "2026-03-15", ""]),
    ],
)
def test_a_value_is_written_as_the_country_reads_it(language, said):
    row = (7, -21.345, True, MOMENT, dt.date(2026, 3, 15), None)
    assert read(COLUMNS, [row], DIALECTS[language])[1] == said


def test_a_long_list_flows_in_pieces():
    asked = []

    def rows():
        for number in range(5_000):
            asked.append(number)
            yield number

    pieces = written([Column("n", lambda row: row)], rows(), DIALECTS["vi"])
    next(pieces)
    assert len(asked) <= 500
    assert sum(piece.count(b"\r\n") for piece in pieces) == 4_500


def test_a_workbook_keeps_types_and_holds_no_formula(tmp_path):
    place = tmp_path / "file.xlsx"
    rows = [(text, 7, -21.345, True, MOMENT, dt.date(2026, 3, 15)) for text in HOSTILE + PLAIN]
    about = [("Dòng", len(rows)), ("Lọc", "=1+1")]
    assert xlsx(place, COLUMNS, rows, titles=("Danh sách", "Thông tin"), facts=about) == len(rows)
    book = openpyxl.load_workbook(place)
    assert book.sheetnames == ["Danh sách", "Thông tin"]
    sheet = book["Danh sách"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:F{len(rows) + 1}"
    for row, text in zip(sheet.iter_rows(min_row=2), HOSTILE + PLAIN, strict=True):
        assert row[0].data_type in {"s", "inlineStr", "n"}
        assert (row[0].value or "").replace("_x000D_", "\r") == text
        assert [cell.value for cell in row[1:4]] == [7, -21.345, True]
        assert row[4].value.isoformat() == "2026-03-15T05:30:05"
    facts = {row[0].value: row[1] for row in book["Thông tin"].iter_rows()}
    assert (facts["Dòng"].value, facts["Lọc"].value, facts["Lọc"].data_type) == (len(rows), "=1+1", "s")
