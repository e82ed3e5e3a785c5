"""Is every fault that somebody plants in a file named at its row, and nothing else?"""

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl.worksheet.formula import ArrayFormula

from command_center.imports import KINDS
from journal.models import Event
from sites.models import Site
from subcommittees.imports import faults, jobs, queries
from subcommittees.imports.models import Import, Row
from subcommittees.models import Unit, User

HEAD = "Mã điểm;Tên điểm;Tỉnh;Mã xã;Số khu vực;Loại;Bỏ phiếu sớm;Vĩ độ;Kinh độ"
PLACES = {
    "code": 0,
    "name": 1,
    "province": 2,
    "unit": 3,
    "number": 4,
    "kind": 5,
    "early": 6,
    "lat": 7,
    "lon": 8,
}

# What is put into a sound row, and what is said of it.
PLANTED: dict[str, dict[str, list[str]]] = {
    "code": {
        "missing": ["", "   ", "\u00a0"],
        "number_not_code": ["1E5", "1,4E+10", "1.23E+12", "9e9"],
        "not_a_code": [
            "mã số",
            "A B",
            "=1+1",
            "@x",
            "+84",
            "-5",
            "１４",
            "А-1",
            "14/03646",
            "Tổng cộng: 3",
            "x'--",
        ],
        "too_long": ["x" * 21, "9" * 400],
        "unreadable": ["a\u202eb", "a\x07b", "a\0b", "a\u00adb", "a\u2066b"],
        "error_of_formula": ["#REF!", "#N/A"],
    },
    "name": {
        "missing": ["", " \u3000 "],
        "too_long": ["x" * 201, "ế" * 300, "y" * 140_000],
        "unreadable": ["Tr\ufffdờng", "Nhà\x1bvăn", "a\u200db", "\ue000"],
        "error_of_formula": ["#NAME?", " #VALUE! ", "#DIV/0!"],
        "wrong_letters": ["NhÃ\u00a0 vÄƒn hÃ³a", "Thanh HÃ³a", "TÃ´ Hiá»‡u"],
    },
    "province": {"no_unit": ["15", "Lào Cai", "Hà Tây", "99"]},
    "unit": {
        "missing": [""],
        "lost_zeros": ["3646", "3664"],
        "no_unit": ["03006", "99999", "Xã không có", "14", "vn/15/03006/", "Sa Pa", "03646.5"],
    },
    "number": {
        "not_a_number": ["x", "1.5", "một", "１２", "1e3", "-1", "1 2", "12a"],
        "out_of_range": ["0", "100000"],
        "number_taken": ["1", "2"],
    },
    "kind": {"not_a_choice": ["Cung điện", "5", "=1"]},
    "early": {"yes_or_no": ["có lẽ", "2", "?"]},
    "lat": {
        "not_a_number": ["1.234,5", "21°19", "N21,3", "2133", "abc", "1e1", "nan", "inf", "21 3", "２１"],
        "abroad": ["48,85", "0", "-21,3"],
        "half_a_point": [""],
    },
    "lon": {
        "not_a_number": ["103..9", "10391", "E103,9"],
        "abroad": ["2,35", "-103,9", "0"],
        "half_a_point": [""],
    },
}
WHOLE = {
    '{code};"open;14;03646;;;;21,3;103,9': {"quote"},
    '{code};Nhà 5" cửa;14;03646;;;;21,3;103,9': {"quote"},
    '{code};"open";14;03646;;;;21,3;"103,9': {"quote"},
    '{code};Nhà 5";14;03646;;;;21,3;103,9': {"quote"},
    "{code};Tên;14;03646;;;;103,9;21,3": {"swapped"},
    "{code};Nhà văn hóa; tầng 2;14;03646;;;;21,3;103,9": {"no_unit", "too_many_cells", "half_a_point"},
    "{code};Tên;14;03646;;;;21,3;103,9;;x": {"too_many_cells"},
    "14-03664-001;Tên;14;03646;;;;21,3;103,9": {"elsewhere"},
    "15-03006-001;Tên;14;03646;;;;21,3;103,9": {"not_free"},
    "{code};w" + "w" * 300_000 + ";14;03646;;;;21,3;103,9": {"line_too_long"},
    "Mã điểm;Tên điểm;Tỉnh;Mã xã;Số khu vực;Loại;Bỏ phiếu sớm;Vĩ độ;Kinh độ": {
        "not_a_code", "no_unit", "not_a_number", "not_a_choice", "yes_or_no",
    },
    "{code}": {"missing"},
    "7001;Tên;14;03646;;;;21,3;103,9": {"lost_zeros"},
    "0700123;Tên;14;03646;;;;21,3;103,9": set(),
}  # fmt: skip


def brought(by: User, operation, content: bytes, name: str = "a.csv", kind: str = "sites", **more) -> Import:
    file: Any = SimpleUploadedFile(name, content)
    job = jobs.begin(by=by, operation=operation, kind=KINDS[kind], file=file, file_name=name, **more)
    while jobs.carry_on(str(job.pk), KINDS, 20):
        pass
    job.refresh_from_db()
    return job


def found(job: Import) -> dict[int, set[str]]:
    return {row.n: {one[1] for one in row.faults} for row in queries.bad_rows(job)}


def planted() -> tuple[list[str], dict[int, set[str]]]:
    lines, expected = [HEAD], {}

    def plant(line: str, codes: set[str]) -> None:
        lines.append(f"14-03646-A{len(lines)};Điểm tốt {len(lines)};14;03646;;;;21,3;103,9")
        lines.append(line)
        if codes:
            expected[len(lines)] = codes

    for column, kinds in PLANTED.items():
        for code, values in kinds.items():
            for value in values:
                cells = [f"14-03646-B{len(lines)}", "Tên", "14", "03646", "", "", "", "21,3", "103,9"]
                cells[PLACES[column]] = value
                plant(";".join(cells), {code})
    for line, codes in WHOLE.items():
        plant(line.replace("{code}", f"14-03646-C{len(lines)}"), codes)
    for n in range(12):  # pairs
        plant(f"14-03646-D{n};Tên;14;03646;;;;21,3;103,9", {"twice"})
        plant(f" 14-03646-D{n} ;Tên khác;14;Phường Tô Hiệu;;;;21,3;103,9", {"twice"})
        plant(f"14-03646-E{n};Tên;14;03646;{n + 50};;;21,3;103,9", {"number_twice"})
        plant(f"14-03646-F{n};Tên;14;Tô Hiệu;{n + 50}.0;;;21,3;103,9", {"number_twice"})
    return lines, expected


@pytest.mark.parametrize("shape", ["utf-8", "utf-8-sig", "utf-16", "tabs", "mixed ends"])
def test_two_hundred_planted_faults_are_all_named_at_their_rows(shape, cast):
    lines, expected = planted()
    assert len(expected) >= 140
    text = "\n".join(lines) + "\n"
    if shape == "tabs":
        text = text.replace(";", "\t")
    elif shape == "mixed ends":
        text = "".join(line + ("\r\n", "\n", "\r")[n % 3] for n, line in enumerate(lines))
    job = brought(
        cast.sonla_staff, cast.operation, text.encode(shape if shape.startswith("utf") else "utf-8")
    )
    told = found(job)
    wrong = {
        n: (lines[n - 1][:80], told.get(n), expected.get(n))
        for n in {*told, *expected}
        if told.get(n) != expected.get(n)
    }
    assert wrong == {}
    assert job.state == "refused"
    assert not Event.objects.exists()
    assert Site.objects.count() == 8
    for row in queries.bad_rows(job):
        for one in queries.told(row, KINDS["sites"]):
            assert one["code"] in faults.ROW
            assert "%s" not in one["message"]


def test_a_broken_byte_spoils_its_row_and_no_other(cast):
    good = "".join(f"14-03646-{n};Nhà văn hóa {n};;03646;;;;21,3;103,9\n" for n in range(100, 150))
    text = f"{HEAD}\n{good}".encode() + b"14-03646-200;Tr\xc6\xffng;;03646;;;;21,3;103,9\n"
    assert found(brought(cast.sonla_staff, cast.operation, text)) == {52: {"unreadable"}}


def test_a_workbook_with_the_wrong_sorts_of_cells(cast):
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(HEAD.split(";"))
    rows = [
        ([dt.date(2026, 3, 14), "Tên", 14, "03646", None, None, None, 21.3, 103.9], {"date_not_text"}),
        ([True, "Tên", 14, "03646", None, None, None, 21.3, 103.9], {"not_a_code"}),
        ([14.5, "Tên", 14, "03646", None, None, None, 21.3, 103.9], {"number_not_code"}),
        ([1e15, "Tên", 14, "03646", None, None, None, 21.3, 103.9], {"number_not_code"}),
        (["=A2&1", "Tên", 14, "03646", None, None, None, 21.3, 103.9], {"not_a_code"}),
        (["X-1", "Tên", 14, 3646, None, None, None, 21.3, 103.9], {"lost_zeros"}),
        (["X-2", "Tên", 14, 3646.0, None, None, None, 21.3, 103.9], {"lost_zeros"}),
        (["X-3", "Tên", 14, "03646", dt.date(2026, 1, 2), None, None, 21.3, 103.9], {"date_not_text"}),
        (["X-4", "Tên", 14, "03646", 1.5, None, None, 21.3, 103.9], {"not_a_number"}),
        (["X-5", "Tên", 14, "03646", None, None, 2, 21.3, 103.9], {"yes_or_no"}),
        (["X-6", "Tên", 14, "03646", None, None, None, True, 103.9], {"not_a_number"}),
        (["X-7", "Tên", 14, "03646", None, None, None, dt.time(21, 3), 103.9], {"not_a_number"}),
        (["X-8", "#REF!", 14, "03646", None, None, None, 21.3, 103.9], {"error_of_formula"}),
        (["X-9", None, 14, "03646", None, None, None, 21.3, 103.9], {"missing"}),
        (["X-10", "Tên", 14, "03646", None, None, None, "=21+0,3", 103.9], {"not_a_number"}),
        (["X-11", "Tên", 14, "03646", None, None, None, 213.3, 103.9], {"abroad"}),
        (
            ["X-12", dt.datetime(2026, 1, 1, 8, 0), 14, "03646", None, None, None, 21.3, 103.9],  # noqa: DTZ001
            {"date_not_text"},
        ),
        (["X-13", "Tên", 14, "03646", 3.0, None, True, "21,3", 103.9], set()),
        (["X-14", "=1+1", "Tỉnh Sơn La", "03646", 4, None, False, 21, 103], set()),
    ]
    for row, _codes in rows:
        sheet.append(row)
    sheet["B20"] = ArrayFormula("B20", "=A1:A2")
    sheet.merge_cells("A4:A5")
    kept = io.BytesIO()
    book.save(kept)
    job = brought(cast.sonla_staff, cast.operation, kept.getvalue(), "a.xlsx")
    told = found(job)
    expected = {n: codes for n, (_row, codes) in enumerate(rows, 2) if codes}
    expected[5] = {"missing"}  # what a merged cell covers is empty
    assert told == expected


def test_units_with_lost_zeros_are_not_made_anew(cast):
    text = (
        "Mã;Tên;Cấp;Trực thuộc\n3646;Phường Tô Hiệu;commune;14\n1;Tỉnh;province;\n04444;Xã;commune;4\n"
        "03646;;commune;14\n1E5;Xã;commune;14\n;Xã;commune;14\n05555;Xã;làng;14\n05556;Xã;commune;\n"
        "06666;Xã;commune;14\n06666;Xã;commune;14\n03006;Phường Sa Pa;commune;14\n07777;Xã;commune;03646\n"
    )
    job = brought(cast.secretary, cast.operation, text.encode(), kind="units")
    assert found(job) == {
        2: {"lost_zeros"}, 3: {"province_code"}, 4: {"no_parent"}, 5: {"missing"}, 6: {"number_not_code"},
        7: {"missing"}, 8: {"not_a_choice"}, 9: {"parent_wanted"}, 10: {"twice"}, 11: {"twice"}, 12: {"elsewhere"},
        13: {"no_parent"},
    }  # fmt: skip
    assert Unit.objects.count() == 9


AUSTRALIA = (
    "2022 Federal Election Polling Places [Event:27966]\n"
    "State,DivisionID,DivisionNm,PollingPlaceID,PollingPlaceTypeID,PollingPlaceNm,PremisesNm,PremisesPostCode,"
    "Latitude,Longitude\n"
    'ACT,318,Bean,93925,5,Belconnen BEAN PPVC,"Belconnen, Community Centre",2617,-35.238,149.069\n'
    "ACT,318,Bean,11877,1,Bonython,Bonython Primary School,2905,-35.4318,149.083\n"
)
CHOSEN = {"code": "PollingPlaceID", "name": "PollingPlaceNm", "unit": "DivisionID"}


def test_the_register_of_another_country_is_told_what_it_lacks_and_what_is_unknown(cast):
    job = brought(cast.sonla_staff, cast.operation, AUSTRALIA.encode())
    assert (job.state, (job.error or {}).get("code")) == ("failed", "columns_missing")
    assert "PollingPlaceID" in job.headers
    for words in ("Mã khu vực bỏ phiếu", "Tên khu vực bỏ phiếu", "Xã, phường, đặc khu"):
        assert words in queries.error_of(job, KINDS["sites"])
    job = brought(cast.sonla_staff, cast.operation, AUSTRALIA.encode(), mapping=CHOSEN)
    assert found(job) == {3: {"no_unit", "abroad"}, 4: {"no_unit", "abroad"}}
    assert Row.objects.filter(of=job).count() == 2


def test_a_unit_and_a_province_that_contradict_each_other_are_told(cast):
    text = f"{HEAD}\n15-A;Tên;15;03646;;;;21,3;103,9\n15-B;Tên;Tỉnh Sơn La;Sa Pa;;;;21,3;103,9\n"
    job = brought(cast.secretary, cast.operation, text.encode())
    assert found(job) == {2: {"not_below"}, 3: {"not_below"}}


def test_a_header_that_stands_twice_is_told(cast):
    text = "Mã;Tên;Mã xã;Tên\n14-03646-300;A;03646;B\n"
    Unit.objects.filter(code="03646").update(lat=21.3, lon=103.9)
    job = brought(cast.sonla_staff, cast.operation, text.encode(), dry_run=True)
    assert ["doubled_column", "Tên"] in job.notes
