"""How do the rows of readiness come into their tables? As lines of COPY, a province at a time."""

import datetime as dt
from collections.abc import Iterable, Mapping

from django.db import connection

from command_center.demo.copying import copy_lines
from journal.log import canonical
from sites.models import Site
from sites.readiness.models import Finding, Slot
from subcommittees.models import Operation, Unit, User

REPORT = (
    "id", "slot_id", "site_id", "path", "answers", "note", "verdict", "source", "level", "revision", "late", "at",
    "by_id", "post",
)  # fmt: skip
STATUS = (
    "operation_id",
    "site_id",
    "path",
    "venue",
    "state",
    "since",
    "moved_post",
    "due",
    "verdict",
    "report_id",
)
UNIT_REPORT = (
    "id", "slot_id", "unit_id", "path", "answers", "numbers", "note", "verdict", "source", "revision", "late", "at",
    "by_id", "post",
)  # fmt: skip
UNIT_STATUS = ("operation_id", "unit_id", "path", "due", "verdict", "report_id")
FINDING = (
    "id", "operation_id", "site_id", "unit_id", "path", "kind", "item", "critical", "slot_id", "opened_at", "level",
    "escalate_at", "closed_at", "closed_post",
)  # fmt: skip
TABLES = {
    "sites_sitereport": REPORT,
    "sites_sitestatus": STATUS,
    "sites_unitreport": UNIT_REPORT,
    "sites_unitstatus": UNIT_STATUS,
    "sites_finding": FINDING,
}
NONE = "\\N"


class Rows:
    def __init__(self, operation: Operation) -> None:
        self.operation = operation.pk
        self.lines: dict[str, list[str]] = {table: [] for table in TABLES}
        self.last = {"sites_sitereport": 0, "sites_unitreport": 0}

    def report(
        self,
        slot: Slot,
        site: Site,
        said: tuple[str, str, str],
        *,
        at: dt.datetime,
        by: User | None,
        post: str,
        level: int,
    ) -> int:
        packed, verdict, note = said
        number = self._next("sites_sitereport")
        self.lines["sites_sitereport"].append(
            f"{number}\t{slot.pk}\t{site.pk}\t{site.path}\t{packed}\t{note}\t{verdict}\t{_source(level)}\t{level}\t1\tf"
            f"\t{at}\t{by.pk if by else NONE}\t{post}"
        )
        return number

    def status(
        self,
        site: Site,
        state: str,
        since: dt.datetime,
        post: str,
        due: dt.datetime | None,
        verdict: str,
        report: int | None,
    ) -> None:
        self.lines["sites_sitestatus"].append(
            f"{self.operation}\t{site.pk}\t{site.path}\t\t{state}\t{since}\t{post}\t{due or NONE}\t{verdict}"
            f"\t{report or NONE}"
        )

    def unit_report(
        self,
        slot: Slot,
        unit: Unit,
        answers: Mapping[str, str],
        numbers: Mapping[str, int],
        verdict: str,
        *,
        at: dt.datetime,
        by: User | None,
        post: str,
        level: int,
    ) -> int:
        number = self._next("sites_unitreport")
        self.lines["sites_unitreport"].append(
            f"{number}\t{slot.pk}\t{unit.pk}\t{unit.path}\t{canonical(answers)}\t{canonical(numbers)}\t\t{verdict}"
            f"\t{_source(level)}\t1\tf\t{at}\t{by.pk if by else NONE}\t{post}"
        )
        return number

    def unit_status(self, unit: Unit, due: dt.datetime, verdict: str, report: int) -> None:
        self.lines["sites_unitstatus"].append(
            f"{self.operation}\t{unit.pk}\t{unit.path}\t{due}\t{verdict}\t{report}"
        )

    def findings(self, rows: Iterable[Finding]) -> None:
        for row in rows:
            cells = (getattr(row, name) for name in FINDING)
            self.lines["sites_finding"].append(
                "\t".join(NONE if cell is None else str(cell) for cell in cells)
            )

    def write(self) -> None:
        """Write what has come together, and forget it."""
        for table, columns in TABLES.items():
            if self.lines[table]:
                copy_lines(table, columns, self.lines[table])
                self.lines[table] = []

    def end(self) -> None:
        self.write()
        with connection.cursor() as cursor:
            for table, last in self.last.items():
                if last:
                    cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, last])

    def _next(self, table: str) -> int:
        self.last[table] += 1
        return self.last[table]


def _source(level: int) -> str:
    return "on_behalf" if level else "own"
