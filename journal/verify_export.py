#!/usr/bin/env python3
"""Is an exported journal whole? Needs nothing but Python 3.8: no Django, no database, no trust in who made it."""

import argparse
import hashlib
import json
import os
import sys
import time

USAGE = """\
Checks a file made by `manage.py export_journal`: that every stream begins as it must and runs on without a gap, that
no event was altered, removed, inserted or put elsewhere, that every seal stands under a known key, names the seal
before it and the very events that are here.

exit code: 0 whole, 1 broken (one line on stderr for each break), 2 not readable as an export"""

VIETNAMESE = (os.environ.get("LC_ALL") or os.environ.get("LANG") or "").startswith("vi")
SHOWN = 20  # breaks of one kind that are told one by one
NOTHING = "0" * 64


# Ed25519, verification only, after RFC 8032. Points are (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z. Nothing here is
# secret, so nothing needs constant time.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
NEUTRAL = (0, 1, 1, 0)


def add(a, b):
    left = (a[1] - a[0]) * (b[1] - b[0]) % P
    right = (a[1] + a[0]) * (b[1] + b[0]) % P
    both = 2 * a[3] * b[3] * D % P
    depth = 2 * a[2] * b[2] % P
    e, f, g, h = right - left, depth - both, depth + both, right + left
    return e * f % P, g * h % P, f * g % P, e * h % P


def double(a):
    x2, y2 = a[0] * a[0] % P, a[1] * a[1] % P
    h = x2 + y2
    e = h - (a[0] + a[1]) ** 2 % P
    g = x2 - y2
    f = 2 * a[2] * a[2] % P + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def decode(raw):
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


def encode(a):
    inverse = pow(a[2], P - 2, P)
    x, y = a[0] * inverse % P, a[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(public, message, signature):
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


def root_of(text):
    """sha256 over the sha256 of every line; a line "# …" is one of which only its hash was handed out."""
    lines = (
        bytes.fromhex(line[2:]) if line.startswith("# ") else hashlib.sha256(line.encode()).digest()
        for line in text.split("\n")
    )
    return hashlib.sha256(b"".join(lines)).hexdigest()


def short(root):
    return "-".join(root[at : at + 4] for at in range(0, 16, 4))


class Export:
    """Reads an export from its first line to its last and keeps what is wrong with it."""

    def __init__(self, keys):
        self.keys, self.given = set(keys), bool(keys)
        self.breaks, self.told = [], {}
        self.epochs, self.ends = set(), {}
        self.events = self.seals = 0
        self.root, self.minute = NOTHING, ""
        self.roots = set()
        self.named, self.hidden = {}, 0  # what the last seal says of our streams
        self.sealed = {}  # (stream, seq) → (hash, minute), until the event comes by
        self.ended = False

    def broken(self, kind, vi, en):
        self.told[kind] = self.told.get(kind, 0) + 1
        if self.told[kind] <= SHOWN:
            self.breaks.append(vi if VIETNAMESE else en)

    def line(self, said):
        if self.ended:
            self.broken("end", "Có dòng sau dòng cuối.", "There are lines after the end.")
        getattr(self, "on_" + said["kind"])(said)

    def on_journal(self, said):
        if said["format"] != 1:
            raise ValueError("format {}".format(said["format"]))

    def on_epoch(self, said):
        self.epochs.add(said["name"])

    def on_key(self, said):
        if not self.given:
            self.keys.add(said["public"])

    def on_genesis(self, said):
        stream, epoch = said["stream"], said["epoch"]
        start = hashlib.sha256((stream + "|" + epoch).encode()).digest()
        if epoch not in self.epochs or start.hex() != said["hash"] or stream in self.ends:
            self.broken("genesis", f"{stream} không bắt đầu đúng.", f"{stream} does not begin as it must.")
        self.ends[stream] = 0, start

    def on_seal(self, said):
        minute = said["minute"]
        self.seals += 1
        facts, heads, hidden = {}, {}, 0
        for line in said["heads"].split("\n"):
            name, _, rest = line.partition(" ")
            if name == "#":
                hidden += 1
            elif "/" in name:
                seq, digest = rest.split(" ")
                heads[name] = int(seq), digest
            else:
                facts[name] = rest
        genuine = said["root"] == root_of(said["heads"]) and facts.get("minute") == minute
        if not genuine or not signed(
            bytes.fromhex(said["signer"]), bytes.fromhex(said["root"]), bytes.fromhex(said["signature"])
        ):
            self.broken("seal", f"Dấu niêm {minute} bị giả mạo.", f"The seal of {minute} is forged or altered.")
        if said["signer"] not in self.keys:
            self.broken("key", f"Không rõ khóa ký dấu niêm {minute}.", f"The seal of {minute} has an unknown key.")
        if facts.get("previous") != self.root:
            self.broken("gap", f"Thiếu dấu niêm trước {minute}.", f"A seal is missing before {minute}.")
        if facts.get("epoch") not in self.epochs:
            self.broken("epoch", f"Dấu niêm {minute}: kỷ nguyên lạ.", f"The seal of {minute} names an unknown epoch.")
        for stream, (seq, _digest) in self.named.items():
            if heads.get(stream, (0, ""))[0] < seq:
                self.broken("back", f"{stream} lùi lại ở {minute}.", f"{stream} goes back at {minute}.")
        for stream, (seq, digest) in heads.items():
            if stream not in self.ends:
                self.broken("absent", f"Thiếu chuỗi {stream}.", f"{stream} was sealed and is not here.")
            elif self.named.get(stream) != (seq, digest):
                self.sealed[stream, seq] = digest, minute
        self.root, self.minute, self.named, self.hidden = said["root"], minute, heads, hidden
        self.roots.add(said["root"])

    def on_event(self, said):
        stream, seq, digest = said["stream"], said["seq"], bytes.fromhex(said["hash"])
        self.events += 1
        if stream not in self.ends:
            self.broken("unknown", f"Chuỗi {stream} không có gốc.", f"{stream} has no beginning.")
            self.ends[stream] = seq - 1, b""
        last, chain = self.ends[stream]
        if seq <= last:
            self.broken("order", f"{stream}: sự kiện {seq} sai chỗ.", f"{stream}: event {seq} is out of its place.")
            return
        if seq > last + 1:
            self.broken(
                "missing",
                f"{stream}: thiếu sự kiện {last + 1} đến {seq - 1}.",
                f"{stream}: events {last + 1} to {seq - 1} are missing.",
            )
        elif hashlib.sha256(chain + f"{stream}|{seq}|{said['body']}".encode()).digest() != digest:
            self.broken("altered", f"{stream}: sự kiện {seq} bị sửa.", f"{stream}: event {seq} was altered.")
        self.ends[stream] = seq, digest
        wanted, minute = self.sealed.pop((stream, seq), (said["hash"], ""))
        if wanted != said["hash"]:
            self.broken(
                "sealed",
                f"{stream}: sự kiện {seq} không phải sự kiện đã niêm lúc {minute}.",
                f"{stream}: event {seq} is not the one that was sealed at {minute}.",
            )

    def on_end(self, said):
        self.ended = True
        heads = {stream: [seq, digest.hex()] for stream, (seq, digest) in self.ends.items()}
        if (said["events"], said["seals"], said["heads"]) != (self.events, self.seals, heads):
            self.broken("end", "Dòng cuối không khớp.", "The last line does not fit what came before it.")

    def close(self, roots):
        if not self.ended:
            self.broken("end", "Tệp bị cắt cụt.", "The file was cut short.")
        for (stream, seq), (_digest, minute) in self.sealed.items():
            self.broken(
                "gone",
                f"{stream}: thiếu sự kiện {seq}, đã niêm lúc {minute}.",
                f"{stream}: event {seq}, sealed at {minute}, is missing.",
            )
        if not self.seals:
            self.broken("none", "Không có dấu niêm nào: ai cũng có thể viết lại.", "No seal: anybody could rewrite it.")
        for stream in self.ends:
            if self.hidden and stream not in self.named:
                self.broken("unnamed", f"Chưa niêm chuỗi {stream}.", f"No seal names {stream}; export it again later.")
        for root in roots:
            if not any(root in (known, short(known)) for known in self.roots):
                self.broken("root", f"Không có dấu niêm {root}.", f"There is no seal {root}.")
        more = sum(max(0, count - SHOWN) for count in self.told.values())
        if more:
            self.breaks.append(f"… và {more} lỗi cùng loại." if VIETNAMESE else f"… and {more} more of the same kinds.")


def read(lines, export, size):
    """Feed every line; ValueError with the line's number where it is none of an export."""
    began = shown = time.monotonic()
    done = 0
    for number, line in enumerate(lines, start=1):
        try:
            said = json.loads(line)
            if (said["kind"] == "journal") != (number == 1):
                raise ValueError("journal")
            export.line(said)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{number}: {error!r}") from error
        done += len(line)
        if time.monotonic() - max(shown, began + 1) > 1:
            shown = time.monotonic()
            part = f"{100 * done // size} %" if size else f"{done >> 20} MiB"
            sys.stderr.write(f"  {part}\n")


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=USAGE, formatter_class=argparse.RawDescriptionHelpFormatter, prog="verify_export.py"
    )
    parser.add_argument("export", help="the file, or - for standard input")
    parser.add_argument("--key", action="append", default=[], metavar="HEX", help="trust this public key, not the file's")
    parser.add_argument("--root", action="append", default=[], help="a root that was printed; it must be one of these")
    options = parser.parse_args(arguments)
    export = Export([key.lower() for key in options.key])
    try:
        if options.export == "-":
            read(sys.stdin.buffer, export, 0)
        else:
            with open(options.export, "rb") as lines:
                read(lines, export, os.path.getsize(options.export))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{options.export}: {error}\n")
        return 2
    export.close(options.root)
    for words in export.breaks:
        sys.stderr.write(words + "\n")
    counts = f"{export.events} / {len(export.ends)} / {export.seals}"
    last = f"{export.minute} {short(export.root)}"
    keys = " ".join(sorted(export.keys))
    if VIETNAMESE:
        verdict = "HỎNG" if export.breaks else "Nguyên vẹn"
        told = f"{verdict}: sự kiện / chuỗi / dấu niêm {counts}; dấu niêm cuối {last}; khóa {keys}\n"
    else:
        verdict = "BROKEN" if export.breaks else "Whole"
        told = f"{verdict}: events / streams / seals {counts}; last seal {last}; key {keys}\n"
    sys.stdout.write(told)
    return 1 if export.breaks else 0


if __name__ == "__main__":
    sys.exit(main())
