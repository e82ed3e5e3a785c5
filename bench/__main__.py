"""Which rows are measured, in which order, and where are they told?"""

import argparse
import datetime as dt
import os
import platform
import subprocess
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "command_center.settings")
django.setup()

from bench import (  # noqa: E402
    check,
    cold,
    fanout,
    figures,
    filing,
    house,
    imports,
    intake,
    nation,
    pages,
    proof,
    reconnect,
)
from bench.figures import Figure  # noqa: E402
from bench.nation import Nation  # noqa: E402
from command_center.up import install, screen  # noqa: E402

Row = Callable[[Nation], list[Figure]]

# A new row: a module with a function that measures, and its line here.
ROWS: dict[str, Row] = {
    "T1": intake.spread,
    "T2": intake.storm,
    "T3": fanout.fan_out,
    "T4": reconnect.reconnect,
    "T5": pages.desks,
    "T6": pages.lists,
    "T7": imports.bring_in,
    "T8": pages.search,
    "T9": check.national,
    "T10": filing.file,
    "T12": cold.start,
    "T13": proof.recompute,
}
ON_REQUEST = {"T12"}  # takes minutes, and downloads
GROW = ("T5", "T6", "T8", "T13")  # measured again with twice the incidents
BETWEEN = ("<!-- figures: written by `make bench` -->", "<!-- end of figures -->")
PAGE = install.ROOT / "docs" / "benchmarks.md"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {' '.join(ROWS)}; without: all but T12")
    parser.add_argument("--once", action="store_true", help="not again with twice the data")
    asked = parser.parse_args()
    unknown = set(asked.rows) - set(ROWS)
    if unknown:
        parser.error(f"there is no row {' '.join(sorted(unknown))}")
    rows = asked.rows or [row for row in ROWS if row not in ON_REQUEST]
    here = nation.stand_up()
    nation.happen(nation.INCIDENTS)
    found = measured(rows, here)
    if not asked.rows:
        write(found)
    again = [row for row in rows if row in GROW]
    if again and not asked.once:
        nation.happen(2 * nation.INCIDENTS)
        grown = measured(again, here)
        for figure in grown:
            figure.what += ", 2× data"
        _growth(found, grown)
        found += grown
    screen.flush()
    print(figures.table(found))
    if not asked.rows:
        write(found)


def measured(rows: list[str], here: Nation) -> list[Figure]:
    found: list[Figure] = []
    for row in rows:
        with screen.bar(row, 1) as bar:
            try:
                found += ROWS[row](here)
            except Exception as error:  # noqa: BLE001  # the others are measured all the same
                traceback.print_exc()
                found.append(Figure(row, f"failed: {type(error).__name__}", ""))
            bar.step()
    return found


def _growth(found: list[Figure], grown: list[Figure]) -> None:
    """From 1× to 2× data, of the product alone."""
    before = {(one.row, one.what.partition(" events")[0]): one for one in found}
    for figure in grown:
        old = before.get((figure.row, figure.what.removesuffix(", 2× data").partition(" events")[0]))
        if old and old.product and figure.product:
            figure.note += f"; {figures.middle(figure.product) / figures.middle(old.product):.2f} of 1×"


def write(found: list[Figure]) -> None:
    """Put the figures between the marks of the page; the story around them is people's."""
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition(BETWEEN[0])
    _old, _, tail = rest.partition(BETWEEN[1])
    told = f"{BETWEEN[0]}\n{machine()}\n\n{figures.table(found)}\n{BETWEEN[1]}"
    PAGE.write_text(head + told + tail, encoding="utf-8")


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    with house.asking() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0].split()[0]
    load = Path("/proc/loadavg").read_text().split()[0] if Path("/proc/loadavg").exists() else "?"
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=install.ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    return (
        f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC, commit {commit}: {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"Python {platform.python_version()}, PostgreSQL {version} with fsync and synchronous_commit on, "
        f"{house.WEB_PROCESSES} web processes; load average at the end {load} "
        f"(the bench itself keeps both cores busy); took {time.process_time():.0f} s of the bench's own time."
    )


main()
