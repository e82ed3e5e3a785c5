"""How do the tests of seals and proofs write events, and how would somebody tamper with them?"""

import hashlib
import secrets
from typing import Any

from django.db import connections, transaction

from journal.log import canonical
from journal.models import Event

SON_LA, LAO_CAI = "bau-cu/14", "bau-cu/15"


def body(stream: str, **line: Any) -> str:
    return canonical({
        "id": secrets.token_hex(8), "stream": stream, "operation": "bau-cu", "verb": "test.written", "secrecy": 0,
        "at": "2026-03-15T00:00:00.000000Z", "unit": {"path": "vn/14/03646/", "name": "Phường Tô Hiệu"},
        "audience": [], "topic": "order", "about": "test:1", "line": line,
    })  # fmt: skip


def write(stream: str = SON_LA, count: int = 1, **line: Any) -> None:
    with transaction.atomic():
        for number in range(count):
            Event.objects.create(body=body(stream, number=number, **line))


def tamper(sql: str, *values: Any) -> None:
    """As the owner of the tables, past every trigger and foreign key that an owner can get past."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE journal_event DISABLE TRIGGER journal_number")
        cursor.execute(sql, values or None)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE journal_event ENABLE TRIGGER journal_number")


def rechain(stream: str) -> None:
    """Recompute a whole stream from its texts as they are now, head included: what only a seal can tell."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT genesis FROM journal_head WHERE stream = %s", [stream])
        chain = bytes(cursor.fetchone()[0])
        cursor.execute(
            "SELECT e.pos, e.seq, v.body FROM journal_entry e JOIN journal_event v ON v.n = e.event_id "
            "WHERE e.stream = %s ORDER BY e.seq",
            [stream],
        )
        seq = 0
        for pos, seq, text in cursor.fetchall():
            chain = hashlib.sha256(chain + f"{stream}|{seq}|{text}".encode()).digest()
            cursor.execute("UPDATE journal_entry SET hash = %s WHERE pos = %s", [chain, pos])
        cursor.execute("UPDATE journal_head SET seq = %s, hash = %s WHERE stream = %s", [seq, chain, stream])


def cut(stream: str, upto: int) -> None:
    """Take the last events of a stream away and set its head back, so that the chain itself is whole again."""
    tamper(
        "DELETE FROM journal_entry WHERE stream = %s AND seq > %s;"
        "DELETE FROM journal_event v WHERE NOT EXISTS (SELECT 1 FROM journal_entry e WHERE e.event_id = v.n);"
        "UPDATE journal_head h SET seq = e.seq, hash = e.hash FROM journal_entry e"
        " WHERE e.stream = h.stream AND h.stream = %s AND e.seq = %s",
        stream, upto, stream, upto,
    )  # fmt: skip
