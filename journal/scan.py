"""How is the whole journal read, in order, once, and in bounded memory?"""

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction

# A row is handed on as (stream, seq, body, hash): the very bytes that were hashed, never decoded on the way.
Row = Callable[[bytes, int, bytes, bytes], None]

ALL = """
SELECT e.seq, e.hash, e.stream, v.body FROM journal_entry e JOIN journal_event v ON v.n = e.event_id
 WHERE %s::text[] IS NULL OR e.stream = ANY (%s) ORDER BY e.pos
"""
BEHIND = """
SELECT r.* FROM unnest(%s::text[], %s::bigint[]) AS known (stream, seq) CROSS JOIN LATERAL (
  SELECT e.seq, e.hash, e.stream, v.body FROM journal_entry e JOIN journal_event v ON v.n = e.event_id
   WHERE e.stream = known.stream AND e.seq > known.seq ORDER BY e.seq) AS r
"""
# In commit order both tables are read from front to back; sorting a gigabyte of bodies is what must not happen.
IN_ORDER = (
    "SET LOCAL enable_sort = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;"
    "SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off"
)
HEADER = 19  # bytes before the first row of COPY's binary format
FRONT = struct.Struct(">hiqi")  # the number of fields, seq with its length before it, the length of the hash


@contextmanager
def snapshot(using: str) -> Iterator[Any]:
    """A cursor that sees one moment of the database however long it reads, beside any writers."""
    connection = connections[using]
    nested = connection.in_atomic_block
    with transaction.atomic(using=using), connection.cursor() as cursor:
        if not nested:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield cursor


def everything(cursor: Any, row: Row, streams: Sequence[str] | None = None) -> None:
    """Hand every numbered event to `row` (of these streams only), in commit order."""
    wanted = None if streams is None else list(streams)
    _copy(cursor, ALL, [wanted, wanted], row)


def behind(cursor: Any, after: Mapping[str, int], row: Row) -> None:
    """Hand every event of these streams behind these positions to `row`, stream by stream."""
    _copy(cursor, BEHIND, [list(after), list(after.values())], row)


class _Rows:
    """Takes COPY's binary messages, one for each row, and takes them apart."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.begun = False

    def write(self, data: bytes) -> None:
        if not self.begun:
            data, self.begun = data[HEADER:], True
        if len(data) <= 2:  # the end mark
            return
        _, _, seq, size = FRONT.unpack_from(data)
        stream = FRONT.size + size + 4
        body = stream + int.from_bytes(data[stream - 4 : stream], "big") + 4
        self.row(data[stream : body - 4], seq, data[body:], data[FRONT.size : stream - 4])


def _copy(cursor: Any, query: str, values: Sequence[Any], row: Row) -> None:
    cursor.execute(IN_ORDER)
    copy = f"COPY ({cursor.mogrify(query, values).decode()}) TO STDOUT (FORMAT binary)"
    with cursor.db.wrap_database_errors:
        cursor.copy_expert(copy, _Rows(row))
