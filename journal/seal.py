"""Where did all streams stand, minute by minute, so that nobody can rewrite them unseen?"""

import contextlib
import datetime as dt
import fcntl
import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.db import connection, transaction

from journal import clock
from journal.models import Epoch, Seal

NOTHING = "0" * 64  # the root before the first
ROOT = re.compile(rb'"root":"([0-9a-f]{64})"')
ONE_AT_A_TIME = 0x5EA1  # advisory lock: every seal names the one before it

STATE = """
SELECT coalesce((SELECT jsonb_object_agg(stream, jsonb_build_array(seq, encode(hash, 'hex'))) FROM journal_head), '{}'),
       (SELECT name FROM journal_epoch ORDER BY id DESC LIMIT 1),
       coalesce((SELECT root FROM journal_seal ORDER BY id DESC LIMIT 1), %s)
"""
KEEP = """
INSERT INTO journal_seal (minute, heads, root, signature, signer) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (minute) DO NOTHING RETURNING id
"""


@dataclass(frozen=True)
class Statement:
    """What one seal says. Its text is one fact a line; the lines with a "/" are the ends of the streams."""

    minute: str
    epoch: str
    previous: str
    heads: Mapping[str, tuple[int, str]]
    reason: str = ""  # only where a new epoch is declared by hand

    @property
    def text(self) -> str:
        said = [f"minute {self.minute}", f"epoch {self.epoch}", f"previous {self.previous}"]
        if self.reason:
            said.append(f"reason {json.dumps(self.reason, ensure_ascii=False)}")
        said += [f"{stream} {seq} {digest}" for stream, (seq, digest) in sorted(self.heads.items())]
        return "\n".join(said)


def read(text: str) -> Statement:
    """The statement in `text`; ValueError where it is not exactly what a statement looks like."""
    said: dict[str, str] = {}
    heads: dict[str, tuple[int, str]] = {}
    for line in text.split("\n"):
        name, _, rest = line.partition(" ")
        if "/" in name:
            seq, digest = rest.split(" ")
            heads[name] = int(seq), digest
        else:
            said[name] = json.loads(rest) if name == "reason" else rest
    try:
        statement = Statement(**said, heads=heads)
    except TypeError as error:
        raise ValueError(text[:40]) from error
    if statement.text != text:
        raise ValueError(text[:40])
    return statement


def root_of(text: str) -> str:
    """sha256 over the sha256 of every line: a line can be shown as its hash alone, and the root still stands."""
    lines = text.split("\n")
    return hashlib.sha256(b"".join(hashlib.sha256(line.encode()).digest() for line in lines)).hexdigest()


def short(root: str) -> str:
    """The form of a root that is printed: 9f3a-12bc-77de-0041."""
    return "-".join(root[at : at + 4] for at in range(0, 16, 4))


def latest() -> Seal | None:
    return Seal.objects.order_by("-pk").first()


def seal(reason: str = "") -> bool:
    """Put the heads of all streams under one signed root, in the table and then in the files.

    One for each minute however many workers try; False where the minute has its seal. A `reason` declares a new
    epoch: such a seal stands at its own moment, not at a full minute.
    """
    key = _key(folder())
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
            cursor.execute(STATE, [NOTHING])
            heads, epoch, previous = cursor.fetchone()
            now = clock.now()
            minute = now if reason else now.replace(second=0, microsecond=0)
            ends = json.loads(heads) if isinstance(heads, str) else heads
            said = Statement(
                minute=clock.wire(minute) or "",
                epoch=epoch,
                previous=previous,
                heads={stream: (seq, digest) for stream, (seq, digest) in ends.items()},
                reason=reason,
            )
            root = root_of(said.text)
            signature = key.sign(bytes.fromhex(root)).hex()
            cursor.execute(KEEP, [minute, said.text, root, signature, _public(key)])
            fresh = cursor.fetchone() is not None
        transaction.on_commit(keep)
    return fresh


def new_epoch(reason: str) -> Epoch:
    """Begin a new life of the journal, after a restore: every older cursor is void.

    The declaration is sealed, so that seals of the lost life that stand in the files are explained by somebody who
    holds the key. Needs the owner's role.
    """
    begun = Epoch.objects.using("owner").create(name=secrets.token_hex(16), at=clock.now(), reason=reason)
    seal(reason)
    return begun


def folder() -> Path:
    return Path(settings.SEAL_DIR)


def trusted(place: Path) -> frozenset[str]:
    """The public keys beside the files, one in a line; replaced keys stay there."""
    known = place / "seal.pub"
    return frozenset(known.read_text(encoding="ascii").split()) if known.exists() else frozenset()


def signed(root: str, signature: str, signer: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(signer)).verify(
            bytes.fromhex(signature), bytes.fromhex(root)
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def line_of(row: Seal) -> bytes:
    """The line of a file that says what this row says."""
    said = {
        "minute": clock.wire(row.minute),
        "root": row.root,
        "signature": row.signature,
        "signer": row.signer,
        "heads": row.heads,
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def keep() -> int:
    """Append to the daily files what the table has and they lack; how many lines.

    Usually the newest row alone; more after a crash between the commit and the file. What our own keys did not sign
    stays out, so that nobody who can only write to the table can fill the files.
    """
    place = folder()
    keys = trusted(place)
    with _alone(place):
        lacking = []
        kept: dict[Path, frozenset[bytes]] = {}
        for pk, minute, root in Seal.objects.order_by("-pk").values_list("pk", "minute", "root").iterator():
            file = _file(place, minute)
            if file not in kept:
                kept[file] = _roots(file)
            if root.encode() in kept[file]:
                break
            lacking.append(pk)
        written = 0
        for pk in reversed(lacking):
            row = Seal.objects.get(pk=pk)
            if row.signer in keys and signed(row.root, row.signature, row.signer):
                _append(_file(place, row.minute), line_of(row))
                written += 1
        return written


def _file(place: Path, minute: dt.datetime) -> Path:
    return place / f"{minute.astimezone(dt.UTC):%Y-%m-%d}.jsonl"


def _roots(file: Path) -> frozenset[bytes]:
    """The roots of all whole lines."""
    written = file.read_bytes() if file.exists() else b""
    return frozenset(ROOT.findall(written[: written.rfind(b"\n") + 1]))


def _append(file: Path, line: bytes) -> None:
    """Write and sync one line; a line that a crash cut short is taken away first, it was never promised."""
    fresh = not file.exists()
    with file.open("ab+") as out:
        if out.tell() and os.pread(out.fileno(), 1, out.tell() - 1) != b"\n":
            out.truncate(file.read_bytes().rfind(b"\n") + 1)
        out.write(line)
        out.flush()
        os.fsync(out.fileno())
    if fresh:
        _sync(file.parent)


def _sync(place: Path) -> None:
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _alone(place: Path) -> Iterator[None]:
    with (place / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _key(place: Path) -> Ed25519PrivateKey:
    """The key of this installation, made on first use; its public half stands beside it."""
    place.mkdir(parents=True, exist_ok=True)
    file = place / "seal.key"
    if not file.exists():
        _make_key(file)
    key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{file} is not an Ed25519 key")
    if _public(key) not in trusted(place):
        with (place / "seal.pub").open("a", encoding="ascii") as out:
            out.write(f"{_public(key)}\n")
            out.flush()
            os.fsync(out.fileno())
    return key


def _make_key(file: Path) -> None:
    """Two workers may come here at once: the first link wins, and nobody ever reads half a key."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    draft = file.with_name(f".{secrets.token_hex(8)}")
    draft.touch(mode=0o600, exist_ok=False)
    with draft.open("wb") as out:
        out.write(pem)
        out.flush()
        os.fsync(out.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()
    _sync(file.parent)


def _public(key: Ed25519PrivateKey) -> str:
    raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return raw.hex()
