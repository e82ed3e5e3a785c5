"""Does a reader who follows the numbers ever miss an event?"""

import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from types import SimpleNamespace
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.db import connection, transaction

from journal.log import canonical
from journal.models import Entry, Event, Head

WRITERS, TURNS = 8, 40
STREAMS = ["bau-cu/14", "bau-cu/15", "bau-cu/bo"]
# Takes a number when the row is written, in the manner of a sequence, and so before anybody knows who commits first.
AT_INSERT = """
CREATE SEQUENCE mutant; GRANT USAGE ON SEQUENCE mutant TO baucu_web; GRANT INSERT ON journal_entry TO baucu_web;
GRANT USAGE ON SEQUENCE journal_entry_pos_seq TO baucu_web;
CREATE FUNCTION number_at_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO journal_entry (stream, seq, event_id, hash) VALUES (NEW.stream, nextval('mutant'), NEW.n, '');
  RETURN NULL; END $$;
ALTER TABLE journal_event DISABLE TRIGGER journal_number;
CREATE TRIGGER mutant AFTER INSERT ON journal_event FOR EACH ROW EXECUTE FUNCTION number_at_insert();
"""
HEALED = """
DROP TRIGGER mutant ON journal_event; DROP FUNCTION number_at_insert(); DROP SEQUENCE mutant;
ALTER TABLE journal_event ENABLE TRIGGER journal_number; REVOKE INSERT ON journal_entry FROM baucu_web;
"""


def open_connection(alias: str) -> Any:
    kept = settings.DATABASES[alias]
    return psycopg2.connect(
        dbname=kept["NAME"], user=kept["USER"], host=kept["HOST"], password=kept["PASSWORD"] or None
    )


def body(stream: str, name: str) -> str:
    return canonical({
        "id": name[:16], "stream": stream, "operation": "bau-cu", "verb": "test.written", "secrecy": 0,
        "at": "2026-03-15T00:00:00.000000Z", "unit": {"path": "vn/", "name": ""}, "audience": [], "topic": "order",
        "about": "test:1",
    })  # fmt: skip


def write(number: int, turns: int) -> None:
    rng = random.Random(number)
    with closing(open_connection("default")) as session, session.cursor() as cursor:
        for turn in range(turns):
            for stream in rng.sample(STREAMS, rng.choice([1, 1, 2])):
                if rng.random() < 0.2:
                    cursor.execute("SAVEPOINT one")
                cursor.execute(
                    "INSERT INTO journal_event (body) VALUES (%s)", [body(stream, f"{number:08d}{turn:08d}")]
                )
            time.sleep(rng.random() * 0.006)
            if rng.random() < 0.05:
                session.rollback()
            else:
                session.commit()


def follow(stop: threading.Event, seen: dict[str, list[int]]) -> None:
    """What a reader with a position does: everything behind it, in order, and never back."""
    with closing(open_connection("default")) as session, session.cursor() as cursor:
        session.autocommit = True
        last_round = False
        while not last_round:
            last_round = stop.is_set()
            for stream in STREAMS:
                at = seen[stream][-1] if seen[stream] else 0
                cursor.execute(
                    "SELECT seq FROM journal_entry WHERE stream = %s AND seq > %s ORDER BY seq", [stream, at]
                )
                seen[stream] += [row[0] for row in cursor.fetchall()]
            time.sleep(0.001)


def missed(writers: int = WRITERS) -> int:
    """How many events a reader misses while writers commit and roll back, a foreign transaction being open."""
    stop, seen = threading.Event(), defaultdict[str, list[int]](list)
    reader = threading.Thread(target=follow, args=(stop, seen))
    crew = [threading.Thread(target=write, args=(number, TURNS)) for number in range(writers)]
    with closing(open_connection("default")) as foreign, foreign.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE foreign_work (i int); INSERT INTO foreign_work VALUES (1)")
        for thread in [reader, *crew]:
            thread.start()
        for thread in crew:
            thread.join()
        stop.set()
        reader.join()
    return Entry.objects.count() - sum(len(numbers) for numbers in seen.values())


def test_nobody_who_follows_the_numbers_misses_anything(committed: SimpleNamespace) -> None:
    assert missed() == 0
    assert Event.objects.count() == Entry.objects.count() > 250
    for head in Head.objects.all():
        numbers = list(Entry.objects.filter(stream=head.stream).order_by("pos").values_list("seq", flat=True))
        assert numbers == list(range(1, head.seq + 1))


@pytest.fixture
def mutant(committed: SimpleNamespace) -> Iterator[None]:
    with closing(open_connection("owner")) as owner, owner.cursor() as cursor:
        owner.autocommit = True
        cursor.execute(AT_INSERT)
        yield
        cursor.execute(HEALED)


@pytest.mark.usefixtures("mutant")
def test_the_mutant_that_numbers_at_insert_is_caught() -> None:
    assert missed() > 0


def test_what_is_rolled_back_leaves_no_hole(committed: SimpleNamespace) -> None:
    for keep in (True, False, True):
        with transaction.atomic():
            Event.objects.create(body=body("bau-cu/14", "a" * 16))
            transaction.set_rollback(not keep)
    assert list(Entry.objects.values_list("seq", flat=True)) == [1, 2]


def test_what_one_transaction_wrote_stands_in_the_order_in_which_it_was_written(
    committed: SimpleNamespace,
) -> None:
    with transaction.atomic():
        for number, stream in enumerate(["bau-cu/15", "bau-cu/14", "bau-cu/15", "bau-cu/bo", "bau-cu/14"]):
            Event.objects.create(body=body(stream, f"{number:016d}"))
    in_order = list(Entry.objects.order_by("pos").values_list("stream", "seq"))
    assert in_order == [
        ("bau-cu/15", 1), ("bau-cu/14", 1), ("bau-cu/15", 2), ("bau-cu/bo", 1), ("bau-cu/14", 2),
    ]  # fmt: skip
    assert list(Entry.objects.order_by("event_id").values_list("stream", "seq")) == in_order


def test_events_inside_savepoints_are_numbered_and_those_undone_are_not(committed: SimpleNamespace) -> None:
    with transaction.atomic():
        for keep in (True, False, True):
            with transaction.atomic():
                Event.objects.create(body=body("bau-cu/14", "b" * 16))
                transaction.set_rollback(not keep)
    assert list(Entry.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2]


@pytest.mark.parametrize("table", ["event", "entry", "head", "seal", "clock", "epoch"])
def test_the_web_role_changes_nothing_in_the_journal(cast: SimpleNamespace, table: str) -> None:
    for statement in (
        f"UPDATE journal_{table} SET id = id"
        if table not in {"event", "entry"}
        else f"DELETE FROM journal_{table}",
        f"TRUNCATE journal_{table} CASCADE",
        f"DELETE FROM journal_{table}",
    ):
        with (
            pytest.raises(Exception, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
