"""How do the rows of a file reach the database, and which of them repeat each other?"""

import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from subcommittees.imports.cells import storable
from subcommittees.imports.kinds import Judged
from subcommittees.imports.models import Import, Row

TABLE = "subcommittees_importrow"
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def add(job: Import, rows: Sequence[tuple[int, list[Any], Judged]]) -> None:
    """Write rows by COPY."""
    of = str(job.pk)
    lines = "".join(
        f"{of}\t{number}\t{_flat(judged.key)}\t{_flat(judged.place)}\t{_json([storable(cell) for cell in cells])}"
        f"\t{_json(judged.said)}\t{_json(judged.faults)}\n"
        for number, cells, judged in rows
    )
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY {TABLE} (of_id, n, key, place, cells, said, faults) FROM STDIN", io.StringIO(lines)
        )


def repeated(job: Import, column: str, code: str, by: Iterable[str], where: str = "true") -> None:
    """Mark all rows that agree in `by` (SQL over the rows) with another row of the file, naming that row."""
    parts = ", ".join(by)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {TABLE} r
               SET faults = r.faults || jsonb_build_array(jsonb_build_array(%s::text, %s::text, d.other::text))
              FROM (SELECT n, CASE WHEN n = min(n) OVER same THEN max(n) OVER same ELSE min(n) OVER same END AS other
                      FROM {TABLE} WHERE of_id = %s AND key <> '' AND ({where})
                    WINDOW same AS (PARTITION BY {parts})) d
             WHERE r.of_id = %s AND r.n = d.n AND d.other <> d.n
            """,  # noqa: S608
            [column, code, job.pk, job.pk],
        )


def mark(job: Import, column: str, code: str, select: str, given: Sequence[Any] = ()) -> None:
    """Mark the rows that `select` (SQL giving `n` and `shown` of rows r of this import) finds."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {TABLE} t
               SET faults = t.faults || jsonb_build_array(jsonb_build_array(%s::text, %s::text, d.shown::text))
              FROM (WITH r AS MATERIALIZED (SELECT * FROM {TABLE} WHERE of_id = %s) {select}) d
             WHERE t.of_id = %s AND t.n = d.n
            """,  # noqa: S608
            [column, code, job.pk, *given, job.pk],
        )


def lost_zeros(job: Import, table: str) -> None:
    """Mark codes of digits that are another code of the file or of `table` but for the zeros in front.

    Or that are shorter than those of the file that begin with one.
    """
    mark(
        job,
        "code",
        "lost_zeros",
        f"""
        , d AS MATERIALIZED (SELECT n, key FROM r WHERE key ~ '^[0-9]+$'),
        w AS (SELECT max(length(key)) AS wide FROM d WHERE key LIKE '0%%'),
        z AS MATERIALIZED (SELECT key FROM d WHERE key LIKE '0%%'
              UNION SELECT code FROM {table} WHERE code ~ '^0[0-9]+$' AND EXISTS (SELECT 1 FROM d))
        SELECT d.n, COALESCE((SELECT min(z.key) FROM z WHERE ltrim(z.key, '0') = d.key),
                             lpad(d.key, w.wide, '0')) AS shown
          FROM d, w WHERE d.key NOT LIKE '0%%' AND (length(d.key) < w.wide
               OR EXISTS (SELECT 1 FROM z WHERE ltrim(z.key, '0') = d.key))
        """,  # noqa: S608
    )


def plan_for_many() -> None:
    """Until the end of the transaction join whole tables.

    What is known of a table that has just filled is that it was empty; compared with itself row by row, a nation's
    file would never end.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")


def clear(job: Import) -> None:
    Row.objects.filter(of=job).delete()


def _flat(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", " ").replace("\n", " ").replace("\r", " ")


def _json(value: Any) -> str:
    return _encode(value).replace("\\", "\\\\")
