"""How long does a nation's file take to come in, against a bare COPY of its rows into the same table?"""

import csv
import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import xlsxwriter

from bench import figures, house
from bench.figures import Figure
from bench.nation import Nation, copied
from command_center.up import install

ROUNDS = 3
MANY = 180_000
MARK = "T7-"  # codes begin with it: rows that are there only to be measured
WIDTH = len("-14-03646-010")
COLUMNS = "code, number, name, unit_id, path, kind, early, lat, lon, sort_key, search_key"
HEAD = ["Mã điểm", "Số khu vực", "Tên điểm", "Mã xã", "Loại", "Bỏ phiếu sớm", "Vĩ độ", "Kinh độ"]
MEMORY = 250


def bring_in(_nation: Nation) -> list[Figure]:
    """T7: the whole way of a file, from the door to the last event, in a worker of its own."""
    csv_figure = Figure("T7", "import 72,195 sites, CSV", "s", "≤ 8×", most=8)
    xlsx_figure = Figure("T7", "import 72,195 sites, XLSX", "s", "≤ 25×", most=25)
    many_figure = Figure("T7", f"import {MANY:,} sites, CSV", "s")
    growth = Figure("T7", "time of 180,000 rows ÷ of 72,195", "×", "≤ 2.7×", limit=2.7)
    memory = Figure("T7", "peak memory of worker and reader", "MiB", f"≤ {MEMORY} MiB", limit=MEMORY)
    with house.asking() as cursor, tempfile.TemporaryDirectory(prefix="bench-") as folder:
        clean(cursor)
        sites = _sites(cursor)
        many = [one for times in range(1, 4) for one in _again(sites, times)][:MANY]
        nation = _again(sites, 1)
        plain, book, large = (Path(folder) / name for name in ("plain.csv", "book.xlsx", "large.csv"))
        write_csv(plain, nation)
        write_xlsx(book, nation)
        write_csv(large, many)
        for figure, path, rows in (
            (csv_figure, plain, nation), (xlsx_figure, book, nation), (many_figure, large, many),
        ):  # fmt: skip
            text = "".join(copied(row) for row in rows)
            for floor, (seconds, heaviest, said) in house.by_turns(
                ROUNDS, _copy(cursor, text), _bring(cursor, path, len(rows))
            ):
                figure.floor.append(floor)
                figure.product.append(seconds)
                memory.product.append(heaviest)
                figure.note = said
    growth.product = [figures.middle(many_figure.product) / figures.middle(csv_figure.product)]
    memory.product = [max(memory.product)]
    return [csv_figure, xlsx_figure, many_figure, growth, memory]


def _sites(cursor: Any) -> list[tuple[Any, ...]]:
    cursor.execute(f"SELECT {COLUMNS} FROM sites_site ORDER BY path, number")
    return list(cursor.fetchall())


def _again(sites: list[tuple[Any, ...]], times: int) -> list[tuple[Any, ...]]:
    """The same sites under other codes and numbers."""
    return [(f"{MARK}{times}-{one[0]}"[:20], one[1] + 1_000 * times, *one[2:]) for one in sites]


def write_csv(path: Path, rows: list[tuple[Any, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, delimiter=";")
        out.writerow(HEAD)
        out.writerows(_cells(row) for row in rows)


def write_xlsx(path: Path, rows: list[tuple[Any, ...]]) -> None:
    with xlsxwriter.Workbook(str(path), {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for at, cells in enumerate([HEAD, *map(_cells, rows)]):
            sheet.write_row(at, 0, cells)


def _cells(row: tuple[Any, ...]) -> list[Any]:
    code, number, name, _unit, path, kind, early, lat, lon, *_keys = row
    return [code, number, name, path.split("/")[2], kind, "có" if early else "không", lat, lon]


def clean(cursor: Any) -> None:
    cursor.execute("DELETE FROM sites_site WHERE code LIKE %s", [f"{MARK}%"])
    cursor.execute("TRUNCATE subcommittees_import CASCADE")
    cursor.execute("VACUUM (ANALYZE) sites_site")


def _copy(cursor: Any, text: str) -> Callable[[], float]:
    def measure() -> float:
        began = time.perf_counter()
        cursor.copy_expert(f"COPY sites_site ({COLUMNS}) FROM STDIN", io.StringIO(text))
        took = time.perf_counter() - began
        clean(cursor)
        return took

    return measure


def _bring(cursor: Any, path: Path, wanted: int) -> Callable[[], tuple[float, float, str]]:
    def measure() -> tuple[float, float, str]:
        command = [sys.executable, "-m", "bench.importer", str(path)]
        worker = subprocess.Popen(command, cwd=install.ROOT, stdout=subprocess.PIPE)
        peaks: dict[int, int] = {}
        while worker.poll() is None:
            for pid in (worker.pid, *house.children(worker.pid)):
                peaks[pid] = max(peaks.get(pid, 0), house.most_resident(pid))
            time.sleep(0.05)
        told = worker.stdout.read() if worker.stdout else b""
        said = json.loads(told)
        if said["counts"] != {"good": wanted, "bad": 0, "created": wanted}:
            raise RuntimeError(f"not all rows came in: {said}")
        clean(cursor)
        own = peaks.pop(worker.pid)
        heaviest = (own + max(peaks.values(), default=0)) / 2**20
        return said["seconds"], heaviest, f"{said['events']:,} events, {said['statements']:,} statements"

    return measure
