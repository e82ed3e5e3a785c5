"""Is one altered, removed, inserted or cut-off event found?"""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as trials
from hypothesis import strategies as st

from journal import seal, verdict, verify
from journal.log import canonical
from journal.models import Entry, Event, Seal
from tests.journal.ledger import LAO_CAI, SON_LA, body, cut, rechain, tamper, write


def breaks(**options: Any) -> str:
    return "\n".join(verify.verify(**options).breaks)


def event(seq: int, stream: str = SON_LA) -> int:
    return Entry.objects.get(stream=stream, seq=seq).event_id


def test_an_honest_journal_is_whole(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = verify.verify()
    assert (found.breaks, found.notes) == ([], [])
    assert (found.events, found.streams, found.seals) == (9, 2, 2)
    call_command("verify_journal")
    assert "9 events in 2 streams, 2 seals" in capsys.readouterr().out
    found = verify.verify(since_seal=True)
    assert (found.breaks, found.events) == ([], 1)


def test_an_empty_journal_is_whole(sealed: Path) -> None:
    found = verify.verify()
    assert (found.breaks, found.events, found.notes) == ([], 0, ["Nothing is sealed yet."])
    assert verify.verify(since_seal=True).breaks == []


def test_it_is_told_at_the_terminal(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tamper("UPDATE journal_event SET body = replace(body, 'Tô Hiệu', 'Chiềng An') WHERE n = %s", event(2))
    with pytest.raises(SystemExit) as ended:
        call_command("verify_journal")
    assert ended.value.code == 1
    said = capsys.readouterr()
    assert said.err == "bau-cu/14: event 2 was altered.\n"
    assert said.out.startswith("BROKEN: ")


def test_a_table_that_cannot_be_read_is_a_break(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with transaction.atomic(using="owner"):
        connections["owner"].cursor().execute("REVOKE SELECT ON journal_entry FROM baucu_web")
    try:
        with pytest.raises(SystemExit) as ended:
            call_command("verify_journal")
        assert ended.value.code == 1
        assert "permission denied for table journal_entry cannot be read." in capsys.readouterr().err
    finally:
        with transaction.atomic(using="owner"):
            connections["owner"].cursor().execute("GRANT SELECT ON journal_entry TO baucu_web")


def test_one_altered_event_is_found(ledger: Path) -> None:
    tamper("UPDATE journal_event SET body = body || ' ' WHERE n = %s", event(3))
    assert breaks() == "bau-cu/14: event 3 was altered."


def test_an_altered_hash_is_found(ledger: Path) -> None:
    tamper("UPDATE journal_entry SET hash = sha256(hash) WHERE stream = %s AND seq = 1", SON_LA)
    assert "bau-cu/14: event 1 was altered." in breaks()
    tamper("UPDATE journal_entry SET hash = '' WHERE stream = %s AND seq = 3", SON_LA)
    assert "bau-cu/14: event 3 was altered." in breaks()


def test_one_removed_event_is_found(ledger: Path) -> None:
    tamper(
        "DELETE FROM journal_entry WHERE event_id = %s; DELETE FROM journal_event WHERE n = %s",
        *[event(3)] * 2,
    )
    assert breaks() == "bau-cu/14: event 3 is missing."


def test_an_event_that_lost_its_number_is_found(ledger: Path) -> None:
    tamper("DELETE FROM journal_entry WHERE event_id = %s", event(3))
    lost = Event.objects.get(entry=None).pk
    assert breaks() == f"bau-cu/14: event 3 is missing.\nEvent {lost} of bau-cu/14 has no number."


def test_an_inserted_event_is_found(ledger: Path) -> None:
    tamper("INSERT INTO journal_event (body) VALUES (%s)", body(SON_LA, forged=True))
    forged = Event.objects.get(entry=None).pk
    tamper("UPDATE journal_entry SET seq = -seq WHERE stream = %s AND seq > 2", SON_LA)
    tamper("UPDATE journal_entry SET seq = 1 - seq WHERE stream = %s AND seq < 0", SON_LA)
    tamper(
        "INSERT INTO journal_entry (stream, seq, event_id, hash) SELECT %s, 3, %s, hash FROM journal_entry LIMIT 1",
        SON_LA, forged,
    )  # fmt: skip
    assert "bau-cu/14: event 3" in breaks()
    rechain(SON_LA)
    assert "bau-cu/14: event 5 is not the one that was sealed" in breaks()


def test_an_event_behind_the_head_is_found(ledger: Path) -> None:
    tamper("INSERT INTO journal_event (body) VALUES (%s)", body(SON_LA, forged=True))
    tamper(
        "INSERT INTO journal_entry (stream, seq, event_id, hash) VALUES (%s, 7, %s, sha256(''))",
        SON_LA, Event.objects.get(entry=None).pk,
    )  # fmt: skip
    assert "event 7 was altered" in breaks()
    assert "its head says 6 events, the last that stands is 7" in breaks()
    assert "event 7 was altered" in breaks(since_seal=True)


def test_swapped_texts_are_found(ledger: Path) -> None:
    one, other = event(2), event(4)
    bodies = dict(Event.objects.filter(pk__in=[one, other]).values_list("pk", "body"))
    tamper(
        "UPDATE journal_event SET body = CASE n WHEN %s THEN %s ELSE %s END WHERE n IN (%s, %s)",
        one, bodies[other], bodies[one], one, other,
    )  # fmt: skip
    assert breaks() == "bau-cu/14: event 2 was altered.\nbau-cu/14: event 4 was altered."


def test_swapped_numbers_are_found(ledger: Path) -> None:
    tamper("UPDATE journal_entry SET seq = -seq WHERE stream = %s AND seq IN (2, 3)", SON_LA)
    tamper("UPDATE journal_entry SET seq = 5 + seq WHERE seq < 0")  # -2 → 3, -3 → 2
    assert "bau-cu/14: event 2" in breaks()


def test_cutting_the_end_off_is_found_through_the_seal(ledger: Path) -> None:
    cut(SON_LA, 3)
    assert breaks() == f"bau-cu/14: event 5 is not the one that was sealed at {_minute(1)}."
    assert "bau-cu/14: event 5" in breaks(since_seal=True)


def test_cutting_the_seal_off_too_is_found_through_the_file(ledger: Path) -> None:
    cut(SON_LA, 3)
    cut(LAO_CAI, 2)
    minute = _minute(1)
    Seal.objects.using("owner").latest("pk").delete()
    assert breaks().endswith(f": the seal of {minute} does not stand in the table.")
    assert breaks(since_seal=True) == "The newest seal of the files does not stand in the table."


def test_a_rewritten_chain_is_found_through_the_seal(ledger: Path) -> None:
    tamper("UPDATE journal_event SET body = body || ' ' WHERE n = %s", event(1))
    rechain(SON_LA)
    assert breaks() == "\n".join(
        f"bau-cu/14: event {seq} is not the one that was sealed at {_minute(number)}."
        for number, seq in enumerate([2, 5])
    )


def test_a_rewritten_chain_with_its_own_seals_is_found_through_the_key(ledger: Path) -> None:
    tamper("UPDATE journal_event SET body = body || ' ' WHERE n = %s", event(1))
    rechain(SON_LA)
    _reseal(Ed25519PrivateKey.generate())
    assert "is signed with a key that seal.pub does not know" in breaks()
    assert "does not stand in the table" in breaks()


def test_even_with_the_stolen_key_it_is_found_through_the_file(ledger: Path) -> None:
    tamper("UPDATE journal_event SET body = body || ' ' WHERE n = %s", event(1))
    rechain(SON_LA)
    key = serialization.load_pem_private_key((ledger / "seal.key").read_bytes(), None)
    assert isinstance(key, Ed25519PrivateKey)
    _reseal(key)
    assert "The files lack the seal" in breaks()
    assert "does not stand in the table" in breaks()


def _minute(number: int) -> str:
    return seal.read(Seal.objects.order_by("pk")[number].heads).minute


def _reseal(key: Ed25519PrivateKey) -> None:
    """Write every seal anew over the chain as it is now."""
    root = seal.NOTHING
    for row in Seal.objects.using("owner").order_by("pk"):
        said = seal.read(row.heads)
        heads = {
            stream: (seq, bytes(Entry.objects.get(stream=stream, seq=seq).hash).hex())
            for stream, (seq, _) in said.heads.items()
        }
        row.heads = seal.Statement(said.minute, said.epoch, root, heads).text
        row.root = root = seal.root_of(row.heads)
        row.signature, row.signer = key.sign(bytes.fromhex(root)).hex(), seal._public(key)
        row.save(using="owner")


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE journal_head SET seq = seq - 1 WHERE stream = 'bau-cu/14'", "its head says 5 events"),
        ("UPDATE journal_head SET hash = sha256('') WHERE stream = 'bau-cu/14'", "its head says 6 events"),
        ("DELETE FROM journal_head WHERE stream = 'bau-cu/14'", "has an event 1 but no head"),
        ("UPDATE journal_head SET genesis = sha256('')", "does not begin as it must"),
        ("UPDATE journal_head SET epoch = 'another'", "does not begin as it must"),
        ("UPDATE journal_seal SET root = repeat('0', 64)", "is forged or altered"),
        ("UPDATE journal_seal SET heads = replace(heads, ' 5 ', ' 4 ')", "is forged or altered"),
        ("UPDATE journal_seal SET minute = minute + interval '1 hour'", "is forged or altered"),
        ("DELETE FROM journal_seal WHERE id = (SELECT min(id) FROM journal_seal)", "another one is missing"),
        ("TRUNCATE journal_seal", "does not stand in the table"),
    ],
)
def test_whatever_else_was_changed_is_found(ledger: Path, sql: str, words: str) -> None:
    tamper(sql)
    assert words in breaks()


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("ALTER TABLE journal_event DISABLE TRIGGER journal_number", "switched off or gone"),
        ("ALTER TABLE journal_event ALTER verb DROP EXPRESSION", "no longer all generated"),
    ],
)
def test_a_database_that_no_longer_proves_itself_is_found(ledger: Path, sql: str, words: str) -> None:
    with transaction.atomic(using="owner"):
        connections["owner"].cursor().execute(sql)
        assert words in breaks(using="owner")
        transaction.set_rollback(True, using="owner")


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda lines: [lines[0].replace(b" 2 ", b" 3 "), lines[1]], "The files say another thing"),
        (
            lambda lines: [lines[0].replace(b'"root":"', b'"root":"00', 1), lines[1]],
            "The files lack the seal",
        ),
        (lambda lines: [lines[1]], "The files lack the seal"),
        (lambda lines: [b"{}\n", *lines], "cannot be read"),
        (lambda lines: [b"\xff\n", *lines], "cannot be read"),
        (lambda lines: lines[:0], "The files lack the seal"),
    ],
)
def test_an_edited_file_is_found(
    ledger: Path, edit: Callable[[list[bytes]], list[bytes]], words: str
) -> None:
    files = sorted(ledger.glob("*.jsonl"))
    lines = edit([line for file in files for line in file.read_bytes().splitlines(keepends=True)])
    for file in files:
        file.unlink()
    files[0].write_bytes(b"".join(lines))
    assert words in breaks()


def test_a_copy_kept_elsewhere_is_compared(ledger: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in ledger.iterdir():
        if file.is_file() and file.name != "seal.key":
            (copy / file.name).write_bytes(file.read_bytes())
    assert breaks(files=copy) == ""
    assert "is signed with a key that seal.pub does not know" in breaks(files=tmp_path / "empty")


def test_many_breaks_are_counted_not_listed(sealed: Path) -> None:
    write(SON_LA, 60)
    tamper("UPDATE journal_event SET body = body || ' '")
    found = verify.verify().breaks
    assert len(found) == verdict.SHOWN + 1
    assert found[-1] == "… and 40 more of the same kinds."


def test_it_holds_while_writers_write(sealed: Path) -> None:
    done = threading.Event()

    def work(stream: str) -> None:
        while not done.is_set():
            write(stream, 3)
        connection.close()

    writers = [threading.Thread(target=work, args=[stream]) for stream in (SON_LA, LAO_CAI, SON_LA)]
    for writer in writers:
        writer.start()
    try:
        for turn in range(12):
            if turn == 3:
                seal.seal()
            assert verify.verify(since_seal=bool(turn % 2)).breaks == []
    finally:
        done.set()
        for writer in writers:
            writer.join()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    lambda one: st.lists(one, max_size=4) | st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), one, max_size=4
    ),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), JSON))
def test_a_canonical_text_says_the_same_again(value: dict[str, Any]) -> None:
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text
    assert "\n" not in text


@trials(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(JSON, min_size=1, max_size=8))
def test_whatever_an_event_says_is_proved(values: list[Any], sealed: Path) -> None:
    with transaction.atomic():
        rows = [Event.objects.create(body=body(SON_LA, said=value)) for value in values]
    kept = Event.objects.in_bulk([row.pk for row in rows])
    assert [kept[row.pk].body for row in rows] == [row.body for row in rows]
    assert verify.verify().breaks == []
