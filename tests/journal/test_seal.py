"""Does every minute get one seal, in the table and outside of it?"""

import datetime as dt
import hashlib
import json
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction

from journal import clock, queries, seal, tasks, verify
from journal.models import Epoch, Head, Seal
from tests.journal.ledger import LAO_CAI, SON_LA, cut, write

TABLES = ["journal_event", "journal_entry", "journal_head", "journal_seal"]


def lines(folder: Path) -> list[dict[str, str]]:
    return [
        json.loads(line) for file in sorted(folder.glob("*.jsonl")) for line in file.read_text().splitlines()
    ]


def at_once(act: Callable[[], Any], times: int = 4) -> list[Any]:
    """What this many workers get who act together."""
    found: list[Any] = []
    start = threading.Barrier(times)

    def work() -> None:
        start.wait()
        found.append(act())
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(times)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return found


def test_a_seal_signs_the_heads_of_all_streams(sealed: Path) -> None:
    write(SON_LA, 3)
    write(LAO_CAI, 2)
    assert seal.seal()
    row = Seal.objects.get()
    said = row.heads.split("\n")
    ends = [f"{head.stream} {head.seq} {bytes(head.hash).hex()}" for head in Head.objects.order_by("stream")]
    assert said[3:] == ends
    assert ends[0].startswith("bau-cu/14 3 ")
    root = hashlib.sha256(b"".join(hashlib.sha256(line.encode()).digest() for line in said)).hexdigest()
    assert row.root == root
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(row.signer))
    key.verify(bytes.fromhex(row.signature), bytes.fromhex(root))
    assert seal.latest() == row
    assert seal.short(row.root) == f"{root[:4]}-{root[4:8]}-{root[8:12]}-{root[12:16]}"
    assert lines(sealed) == [
        {"minute": said[0].split()[1], "root": root, "signature": row.signature, "signer": row.signer,
         "heads": row.heads}
    ]  # fmt: skip


def test_one_seal_a_minute_however_many_workers(sealed: Path, move_clock: Any) -> None:
    write()
    assert sorted(at_once(seal.seal)) in ([False, False, False, True], [False, False, True, True])
    first = Seal.objects.count()  # two where the workers met the turn of a minute
    move_clock(minutes=5)
    assert tasks.seal_minute()
    rows = list(Seal.objects.order_by("pk"))
    assert len(rows) == first + 1
    assert len({row.minute for row in rows}) == len(rows)
    assert {row.minute.second for row in rows} == {0}
    assert [line["root"] for line in lines(sealed)] == [row.root for row in rows]
    assert verify.verify().breaks == []


def test_the_minute_is_the_products(sealed: Path, move_clock: Any) -> None:
    move_clock(days=40)
    seal.seal()
    minute = Seal.objects.get().minute
    assert dt.timedelta(0) <= clock.now() - minute < dt.timedelta(minutes=2)
    assert [file.name for file in sealed.glob("*.jsonl")] == [f"{minute.astimezone(dt.UTC):%Y-%m-%d}.jsonl"]


def test_each_seal_names_the_one_before(sealed: Path, move_clock: Any) -> None:
    for minutes in range(3):
        move_clock(minutes=minutes)
        assert seal.seal()
    roots = [row.root for row in Seal.objects.order_by("pk")]
    assert [seal.read(row.heads).previous for row in Seal.objects.order_by("pk")] == [
        seal.NOTHING,
        *roots[:2],
    ]


def test_the_key_is_made_once_and_is_private(sealed: Path) -> None:
    keys = at_once(lambda: seal._public(seal._key(sealed)))
    assert len(set(keys)) == 1
    assert stat.S_IMODE((sealed / "seal.key").stat().st_mode) == 0o600
    assert seal.trusted(sealed) == set(keys)
    assert {file.name for file in sealed.iterdir()} == {"seal.key", "seal.pub"}


def test_a_replaced_key_leaves_the_old_seals_good(sealed: Path, move_clock: Any) -> None:
    write()
    seal.seal()
    (sealed / "seal.key").unlink()
    move_clock(minutes=1)
    seal.seal()
    assert len(set(Seal.objects.values_list("signer", flat=True))) == 2
    assert verify.verify().breaks == []


def test_a_crash_between_table_and_file_is_healed(
    sealed: Path, move_clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write()
    seal.seal()
    with monkeypatch.context() as crashing:
        crashing.setattr(seal, "keep", lambda: None)
        for minutes in (1, 2):
            move_clock(minutes=minutes)
            seal.seal()
    assert len(lines(sealed)) == 1
    move_clock(minutes=3)
    seal.seal()
    assert [line["root"] for line in lines(sealed)] == [row.root for row in Seal.objects.order_by("pk")]
    assert verify.verify().breaks == []


def test_a_line_cut_short_is_written_again(sealed: Path, move_clock: Any) -> None:
    seal.seal()
    (file,) = sealed.glob("*.jsonl")
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    found = verify.verify()
    assert (found.breaks, len(found.notes)) == ([], 1)
    move_clock(seconds=61)
    seal.seal()
    assert file.read_bytes().startswith(whole)
    assert verify.verify().breaks == []


def test_what_the_web_role_forges_stays_out_of_the_files(sealed: Path, move_clock: Any) -> None:
    seal.seal()
    good = Seal.objects.get()
    text = good.heads.replace("previous", "previous ")
    Seal.objects.create(
        minute=good.minute + dt.timedelta(minutes=1), heads=text, root=seal.root_of(text), signature=good.signature,
        signer=good.signer,
    )  # fmt: skip
    move_clock(minutes=5)
    seal.seal()
    assert len(lines(sealed)) == 2
    assert any("forged" in words or "giả" in words for words in verify.verify().breaks)


def test_the_statement_has_one_text_only() -> None:
    good = seal.Statement(
        "2026-03-15T00:00:00.000000Z", "e", seal.NOTHING, {"bau-cu/14": (2, "ab")}, "phục hồi\n2"
    )
    assert seal.read(good.text) == good
    for bad in (good.text + "\n", good.text.replace(" 2 ", " 02 "), good.text.replace("epoch", "Epoch"), ""):
        with pytest.raises(ValueError):
            seal.read(bad)


def test_a_restore_is_declared_under_seal(sealed: Path, move_clock: Any) -> None:
    write(SON_LA, 3)
    seal.seal()
    write(SON_LA, 2)
    move_clock(minutes=1)
    seal.seal()
    before = queries.heads()[1]
    cut(SON_LA, 3)  # what a backup of the first minute would bring back
    Seal.objects.using("owner").latest("pk").delete()
    write(SON_LA, 1)
    move_clock(minutes=2)
    seal.seal()
    assert len(verify.verify().breaks) == 1  # nobody has explained the seal that is gone
    call_command("new_epoch", reason="phục hồi từ bản sao lưu")
    found = verify.verify()
    assert (found.breaks, len(found.notes)) == ([], 1)
    assert queries.heads()[1] != before
    assert Epoch.objects.latest("pk").reason == "phục hồi từ bản sao lưu"
    move_clock(minutes=3)
    seal.seal()
    assert verify.verify().breaks == []


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("act", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_web_role_changes_nothing(table: str, act: str, sealed: Path) -> None:
    column = {"journal_event": "body", "journal_seal": "root"}.get(table, "stream")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(act.format(table, column, column))


@pytest.mark.parametrize("table", ["journal_entry", "journal_head", "journal_epoch", "journal_clock"])
def test_the_web_role_gives_no_numbers(table: str, sealed: Path) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(f"INSERT INTO {table} SELECT * FROM {table}")


@pytest.mark.loud
def test_a_broken_minute_is_cried_out(ledger: Path, caplog: pytest.LogCaptureFixture) -> None:
    cut(SON_LA, 3)
    tasks.seal_minute()
    assert "JOURNAL BROKEN: bau-cu/14: event 5 is not the one that was sealed" in caplog.text
