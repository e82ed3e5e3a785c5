"""What can be asked about a file that comes in?"""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from subcommittees.imports import faults
from subcommittees.imports.kinds import Kind
from subcommittees.imports.models import RUNNING, Import, Row
from subcommittees.models import Operation, User
from subcommittees.sheets.formulas import defused


def mine(user: User, operation: Operation) -> QuerySet[Import]:
    """The files of this sender, newest first; anybody else's are as if absent."""
    return Import.objects.filter(by=user, operation=operation).order_by("-created_at")


def running(by: User) -> int:
    """How many files of this sender are being imported."""
    return Import.objects.filter(by=by, state__in=RUNNING).count()


def counted(job: Import) -> dict[str, int]:
    """How many rows are good and bad as they stand, and what became of the good ones so far."""
    rows = Row.objects.filter(of=job)
    bad = rows.exclude(faults=[]).count()
    became = {word: number for word, number in job.counts.items() if word not in {"good", "bad"}}
    return {"good": rows.count() - bad, "bad": bad, **became}


def without_point(job: Import) -> int:
    """How many good rows have no coordinates of their own."""
    return Row.objects.filter(of=job, faults=[], said__lat=None).exclude(place="").count()


def bad_rows(job: Import) -> QuerySet[Row]:
    return Row.objects.filter(of=job).exclude(faults=[]).order_by("n")


def told(row: Row, kind: Kind) -> list[dict[str, str]]:
    """What is wrong with a row, in the reader's language: `{column, header, code, message, value}` each."""
    return [_told(row, kind, *fault) for fault in row.faults]


def _told(row: Row, kind: Kind, column: str, code: str, shown: str) -> dict[str, str]:
    name = str(kind.column(column).words) if column else ""
    value = row.said.get(column) if column else None
    return {
        "column": column,
        "name": name,
        "code": code,
        "message": f"{name}: {faults.of_row(code, shown)}" if name else faults.of_row(code, shown),
        "value": "" if value is None else str(value),
    }


def error_of(job: Import, kind: Kind) -> str:
    """Why the file is not taken, in the reader's language; the columns that were not found by their names."""
    if not job.error:
        return ""
    given = dict(job.error.get("given", {}))
    if isinstance(given.get("columns"), list):
        given["columns"] = ", ".join(str(kind.column(name).words) for name in given["columns"])
    return faults.of_file({**job.error, "given": given})


def notes_of(job: Import) -> list[str]:
    return [faults.note(one) for one in job.notes]


def progress(job: Import) -> int:
    """How much of the work is done, in hundredths: reading is a third of it."""
    if job.state == "reading":
        return min(33, job.total // 5_000)
    if job.state != "writing":
        return 100
    good = int(job.counts.get("good", 0))
    return 34 + (66 * min(job.written, good) // good if good else 0)


def returned(job: Import, kind: Kind) -> Iterator[str]:
    """The bad rows as a CSV file for whoever sent them: their own columns, then the number and the reasons.

    No cell can be a formula where the file is opened.
    """
    yield "\ufeff" + _line([*job.headers, _("Row"), _("What is wrong")])
    width = len(job.headers)
    for row in bad_rows(job).iterator(chunk_size=1_000):
        cells = [_shown(cell) for cell in row.cells if not (isinstance(cell, list) and len(cell) == 1)]
        cells = (cells + [""] * width)[: max(width, len(cells))]
        reasons = "; ".join(one["message"] for one in told(row, kind))
        yield _line([*cells, row.n, reasons])


def _line(cells: list[Any]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerow(
        [defused(one) if isinstance(one, str) else one for one in cells]
    )
    return out.getvalue()


def _shown(cell: Any) -> Any:
    if isinstance(cell, list):
        return str(cell[-1])
    return cell


def mapped(job: Import, kind: Kind) -> list[tuple[Any, str]]:
    """Our columns, each with the header that stands for it or ""."""
    chosen: Mapping[str, str] = job.mapping
    return [(column, chosen.get(column.name, "")) for column in kind.columns]
