#!/usr/bin/env python3
"""Is an exported journal whole? Needs nothing but Python 3.8: no Django, no database, no trust in who made it."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

USAGE = """\
Checks a file made by `manage.py export_journal`: that every stream begins as it must and runs on without a gap, that
no event was altered, removed, inserted or put elsewhere, that every seal stands under a known key, names the seal
before it and the very events that are here.

exit code: 0 whole, 1 broken (one line on stderr for each break), 2 not readable as an export"""

VIETNAMESE = (os.environ.get("LC_ALL") or os.environ.get("LANG") or "").startswith("vi")
SHOWN = 20  # breaks of one kind that are told one by one
NOTHING = "0" * 64
WORDS = {
    "line": ("Dòng {line} không đọc được: {error}", "Line {line} cannot be read: {error}"),
    "end": (
        "Tệp bị cắt cụt hoặc dòng cuối không khớp.",
        "The file was cut short, or its last line does not fit it.",
    ),
    "genesis": ("{stream} không bắt đầu đúng.", "{stream} does not begin as it must."),
    "unknown": ("{stream} không có gốc.", "{stream} has no beginning."),
    "order": (
        "{stream}: sự kiện {seq} không ở đúng chỗ.",
        "{stream}: event {seq} does not stand in its place.",
    ),
    "missing": ("{stream}: thiếu sự kiện {seq} đến {upto}.", "{stream}: events {seq} to {upto} are missing."),
    "altered": ("{stream}: sự kiện {seq} đã bị sửa.", "{stream}: event {seq} was altered."),
    "sealed": (
        "{stream}: sự kiện {seq} không phải sự kiện đã niêm lúc {minute}.",
        "{stream}: event {seq} is not the one that was sealed at {minute}.",
    ),
    "gone": (
        "{stream}: thiếu sự kiện {seq}, đã niêm lúc {minute}.",
        "{stream}: event {seq}, sealed at {minute}, is missing.",
    ),
    "forged": ("Dấu niêm {minute} bị giả mạo hoặc bị sửa.", "The seal of {minute} is forged or altered."),
    "key": ("Dấu niêm {minute} ký bằng khóa lạ.", "The seal of {minute} is signed with an unknown key."),
    "gap": ("Thiếu một dấu niêm trước {minute}.", "Before the seal of {minute} another one is missing."),
    "epoch": ("Dấu niêm {minute} nêu kỷ nguyên lạ.", "The seal of {minute} names an unknown epoch."),
    "back": ("{stream} lùi lại ở dấu niêm {minute}.", "{stream} goes back at the seal of {minute}."),
    "absent": ("{stream} đã được niêm mà không có ở đây.", "{stream} was sealed and is not here."),
    "none": (
        "Không có dấu niêm: ai cũng có thể viết lại.",
        "There is no seal: anybody could have rewritten it.",
    ),
    "unnamed": (
        "{stream} chưa được niêm; hãy xuất lại sau.",
        "No seal names {stream}; export it again later.",
    ),
    "root": ("Không có dấu niêm nào là {root}.", "None of the seals is {root}."),
}
RAISED = (ValueError, KeyError, TypeError, AttributeError)


# Ed25519, verification only, after RFC 8032. Points are (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z. Nothing here is
# secret, so nothing needs constant time.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
NEUTRAL = (0, 1, 1, 0)
Point = tuple  # of four numbers


def add(a: Point, b: Point) -> Point:
    left = (a[1] - a[0]) * (b[1] - b[0]) % P
    right = (a[1] + a[0]) * (b[1] + b[0]) % P
    both = 2 * a[3] * b[3] * D % P
    depth = 2 * a[2] * b[2] % P
    e, f, g, h = right - left, depth - both, depth + both, right + left
    return e * f % P, g * h % P, f * g % P, e * h % P


def double(a: Point) -> Point:
    x2, y2 = a[0] * a[0] % P, a[1] * a[1] % P
    h = x2 + y2
    e = h - (a[0] + a[1]) ** 2 % P
    g = x2 - y2
    f = 2 * a[2] * a[2] % P + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def decode(raw: bytes) -> Point | None:
    """The point that 32 bytes stand for, or None."""
    y = int.from_bytes(raw, "little")
    odd, y = y >> 255, y & (2**255 - 1)
    if len(raw) != 32 or y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square or (x == 0 and odd):
        return None
    if x & 1 != odd:
        x = P - x
    return x, y, 1, x * y % P


def encode(a: Point) -> bytes:
    inverse = pow(a[2], P - 2, P)
    x, y = a[0] * inverse % P, a[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or NEUTRAL


def signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Did the holder of `public` sign `message`? S·B - k·A must be the R of the signature."""
    key = decode(public)
    if key is None or len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    minus = (P - key[0], key[1], 1, P - key[3])
    table = (None, BASE, minus, add(BASE, minus))
    found = NEUTRAL
    for bit in range(252, -1, -1):
        found = double(found)
        term = table[(s >> bit & 1) | (k >> bit & 1) << 1]
        if term is not None:
            found = add(found, term)
    return encode(found) == signature[:32]


def root_of(text: str) -> str:
    """sha256 over the sha256 of every line; a line "# …" is one of which only its hash was handed out."""
    lines = (
        bytes.fromhex(line[2:]) if line.startswith("# ") else hashlib.sha256(line.encode()).digest()
        for line in text.split("\n")
    )
    return hashlib.sha256(b"".join(lines)).hexdigest()


def short(root: str) -> str:
    return "-".join(root[at : at + 4] for at in range(0, 16, 4))


class Export:
    """Reads an export from its first line to its last and keeps what is wrong with it."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.keys = set(keys)
        self.given = bool(self.keys)
        self.breaks: list[str] = []
        self.told: dict[str, int] = {}
        self.epochs: set[str] = set()
        self.ends: dict[str, tuple[int, bytes]] = {}
        self.events = self.seals = self.hidden = 0
        self.root, self.minute = NOTHING, ""
        self.roots: set[str] = set()
        self.named: dict[str, tuple[int, str]] = {}  # what the last seal says of our streams
        self.sealed: dict[tuple[str, int], tuple[str, str]] = {}  # hash and minute, until the event comes by
        self.ended = False

    def broken(self, kind: str, **facts: object) -> None:
        self.told[kind] = self.told.get(kind, 0) + 1
        if self.told[kind] <= SHOWN:
            self.breaks.append(say(*WORDS[kind]).format(**facts))

    def line(self, said: dict[str, Any]) -> None:
        if self.ended:
            self.broken("end")
        getattr(self, "on_" + said["kind"])(said)

    def on_journal(self, said: dict[str, Any]) -> None:
        if said["format"] != 1:
            raise ValueError("format {}".format(said["format"]))

    def on_epoch(self, said: dict[str, Any]) -> None:
        self.epochs.add(said["name"])

    def on_key(self, said: dict[str, Any]) -> None:
        if not self.given:
            self.keys.add(said["public"])

    def on_genesis(self, said: dict[str, Any]) -> None:
        stream, epoch = said["stream"], said["epoch"]
        start = hashlib.sha256(f"{stream}|{epoch}".encode()).digest()
        if epoch not in self.epochs or start.hex() != said["hash"] or stream in self.ends:
            self.broken("genesis", stream=stream)
        self.ends[stream] = 0, start

    def on_seal(self, said: dict[str, Any]) -> None:
        self.seals += 1
        facts, heads, self.hidden = facts_of(said["heads"])
        root, minute = said["root"], said["minute"]
        parts = (bytes.fromhex(said["signer"]), bytes.fromhex(root), bytes.fromhex(said["signature"]))
        if (root, minute) != (root_of(said["heads"]), facts.get("minute")) or not signed(*parts):
            self.broken("forged", minute=minute)
        if said["signer"] not in self.keys:
            self.broken("key", minute=minute)
        if facts.get("previous") != self.root:
            self.broken("gap", minute=minute)
        if facts.get("epoch") not in self.epochs:
            self.broken("epoch", minute=minute)
        self._heads(heads, minute)
        self.root, self.minute, self.named = root, minute, heads
        self.roots.add(root)

    def _heads(self, heads: dict[str, tuple[int, str]], minute: str) -> None:
        for stream, (seq, _digest) in self.named.items():
            if heads.get(stream, (0, ""))[0] < seq:
                self.broken("back", stream=stream, minute=minute)
        for stream, end in heads.items():
            if stream not in self.ends:
                self.broken("absent", stream=stream)
            elif self.named.get(stream) != end:
                self.sealed[stream, end[0]] = end[1], minute

    def on_event(self, said: dict[str, Any]) -> None:
        stream, seq, digest = said["stream"], said["seq"], bytes.fromhex(said["hash"])
        self.events += 1
        if stream not in self.ends:
            self.broken("unknown", stream=stream)
            self.ends[stream] = seq - 1, b""
        last, chain = self.ends[stream]
        if seq <= last:
            self.broken("order", stream=stream, seq=seq)
            return
        if seq > last + 1:
            self.broken("missing", stream=stream, seq=last + 1, upto=seq - 1)
        elif hashlib.sha256(chain + f"{stream}|{seq}|{said['body']}".encode()).digest() != digest:
            self.broken("altered", stream=stream, seq=seq)
        self.ends[stream] = seq, digest
        wanted, minute = self.sealed.pop((stream, seq), (said["hash"], ""))
        if wanted != said["hash"]:
            self.broken("sealed", stream=stream, seq=seq, minute=minute)

    def on_end(self, said: dict[str, Any]) -> None:
        self.ended = True
        heads = {stream: [seq, digest.hex()] for stream, (seq, digest) in self.ends.items()}
        if (said["events"], said["seals"], said["heads"]) != (self.events, self.seals, heads):
            self.broken("end")

    def close(self, roots: Iterable[str]) -> None:
        if not self.ended:
            self.broken("end")
        for (stream, seq), (_digest, minute) in self.sealed.items():
            self.broken("gone", stream=stream, seq=seq, minute=minute)
        if not self.seals:
            self.broken("none")
        for stream in self.ends:
            if self.hidden and stream not in self.named:
                self.broken("unnamed", stream=stream)
        for root in roots:
            if not any(root in {known, short(known)} for known in self.roots):
                self.broken("root", root=root)
        more = sum(max(0, count - SHOWN) for count in self.told.values())
        if more:
            self.breaks.append(say("… và {} lỗi cùng loại.", "… and {} more of the same kinds.").format(more))


def say(vi: str, en: str) -> str:
    return vi if VIETNAMESE else en


def facts_of(text: str) -> tuple[dict[str, str], dict[str, tuple[int, str]], int]:
    """What a seal says of itself, the ends of the streams it shows, and how many it does not show."""
    facts: dict[str, str] = {}
    heads: dict[str, tuple[int, str]] = {}
    hidden = 0
    for line in text.split("\n"):
        name, _, rest = line.partition(" ")
        if name == "#":
            hidden += 1
        elif "/" in name:
            seq, digest = rest.split(" ")
            heads[name] = int(seq), digest
        else:
            facts[name] = rest
    return facts, heads, hidden


def read(lines: Iterable[bytes], export: Export, size: int) -> None:
    """Feed every line; ValueError where the first is not that of an export."""
    began = shown = time.monotonic()
    done = number = 0
    for number, line in enumerate(lines, start=1):
        try:
            said = json.loads(line)
            if (said["kind"] == "journal") != (number == 1):
                raise ValueError(said["kind"])
            export.line(said)
        except RAISED as error:
            if number == 1:
                raise ValueError(repr(error)) from error
            export.broken("line", line=number, error=repr(error))
        done += len(line)
        if time.monotonic() - max(shown, began + 1) > 1:
            shown = time.monotonic()
            sys.stderr.write(f"  {100 * done // size} %\n" if size else f"  {done >> 20} MiB\n")
    if not number:
        raise ValueError("empty")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=USAGE, formatter_class=argparse.RawDescriptionHelpFormatter, prog="verify_export.py"
    )
    parser.add_argument("export", help="the file, or - for standard input")
    parser.add_argument(
        "--key", action="append", default=[], metavar="HEX", help="trust this key, not the file's"
    )
    parser.add_argument(
        "--root", action="append", default=[], help="a root that was printed: one seal must have it"
    )
    options = parser.parse_args(arguments)
    export = Export(key.lower() for key in options.key)
    try:
        if options.export == "-":
            read(sys.stdin.buffer, export, 0)
        else:
            file = Path(options.export)
            with file.open("rb") as lines:
                read(lines, export, file.stat().st_size)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{options.export}: {error}\n")
        return 2
    export.close(options.root)
    for words in export.breaks:
        sys.stderr.write(words + "\n")
    verdict = say("HỎNG", "BROKEN") if export.breaks else say("Nguyên vẹn", "Whole")
    told = say(
        "{} sự kiện, {} chuỗi, {} dấu niêm; dấu niêm cuối {} {}; khóa {}",
        "{} events, {} streams, {} seals; last seal {} {}; key {}",
    ).format(
        export.events,
        len(export.ends),
        export.seals,
        export.minute,
        short(export.root),
        " ".join(sorted(export.keys)),
    )
    sys.stdout.write(f"{verdict}: {told}\n")
    return 1 if export.breaks else 0


if __name__ == "__main__":
    sys.exit(main())
