"""Does the journal still say what it said, event by event and seal by seal?"""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from journal import clock, scan, seal
from journal.models import Epoch, Event, Head, Seal

Step = Callable[[int], None]
SHOWN = 20  # breaks of one kind that are told one by one

INTACT = """
SELECT (SELECT count(*) FROM pg_attribute WHERE attrelid = 'journal_event'::regclass AND attgenerated = 's'),
       (SELECT count(*) FROM pg_trigger
         WHERE tgrelid = 'journal_event'::regclass AND tgname = 'journal_number' AND tgenabled = 'O')
"""
UNNUMBERED = """
SELECT n, stream, count(*) OVER () FROM journal_event v
 WHERE NOT EXISTS (SELECT 1 FROM journal_entry e WHERE e.event_id = v.n) ORDER BY n LIMIT 20
"""
STANDING = """
SELECT w.stream, w.seq, w.seal
  FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::int[]) AS w (stream, seq, hash, seal)
  LEFT JOIN journal_entry e ON e.stream = w.stream AND e.seq = w.seq
 WHERE e.hash IS DISTINCT FROM decode(w.hash, 'hex') ORDER BY w.seal, w.stream
"""


@dataclass
class Verdict:
    """What was looked at and what was found; `breaks` are proofs of tampering or loss, `notes` are not."""

    events: int = 0
    streams: int = 0
    seals: int = 0
    seconds: float = 0.0
    breaks: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)

    def broken(self, kind: str, words: str) -> None:
        self.told[kind] += 1
        if self.told[kind] <= SHOWN:
            self.breaks.append(words)

    def close(self) -> None:
        more = sum(max(0, count - SHOWN) for count in self.told.values())
        if more:
            self.breaks.append(_("… and %(count)d more of the same kinds.") % {"count": more})


def verify(
    *,
    using: str = "default",
    since_seal: bool = False,
    files: Path | None = None,
    progress: Callable[[str, int], Step] | None = None,
) -> Verdict:
    """Recompute the whole journal, or only what came after the last seal, from the bytes that stand in the table.

    `files` is the folder of the seals' files (a copy kept elsewhere is compared the same way). Reads only, in one
    snapshot, beside any writers.
    """
    began = time.monotonic()
    verdict = Verdict()
    place = files or seal.folder()
    outside = Outside(
        place, verdict, newest_only=since_seal
    )  # before the snapshot: a row comes before its line
    with scan.snapshot(using) as cursor:
        _intact(cursor, verdict)
        start = progress or _silent
        if since_seal:
            _since_seal(cursor, using, outside, verdict)
        else:
            _chains(cursor, using, verdict, start)
            _seals(cursor, using, outside, verdict, start(_("seals"), Seal.objects.using(using).count()))
    verdict.close()
    verdict.seconds = time.monotonic() - began
    return verdict


def _silent(title: str = "", total: int = 0) -> Step:
    return _still


def _still(by: int) -> None:
    """Nobody watches."""


def _intact(cursor: Any, verdict: Verdict) -> None:
    """The database itself must still derive the columns and give the numbers."""
    generated = sum(bool(getattr(column, "generated", False)) for column in Event._meta.concrete_fields)
    cursor.execute(INTACT)
    columns, triggers = cursor.fetchone()
    if columns != generated:
        verdict.broken("schema", _("The columns of the events are no longer all generated from their text."))
    if triggers != 1:
        verdict.broken("schema", _("The trigger that numbers the events is switched off or gone."))
    cursor.execute(UNNUMBERED)
    for n, stream, count in cursor.fetchall():
        verdict.broken(
            "unnumbered", _("Event %(n)d of %(stream)s has no number.") % {"n": n, "stream": stream}
        )
        verdict.told["unnumbered"] = max(verdict.told["unnumbered"], count)


class Walk:
    """Follows every stream from a known position and says where it does not go on as it must."""

    def __init__(self, verdict: Verdict, ends: dict[bytes, tuple[int, bytes]], step: Step) -> None:
        self.verdict, self.ends, self.step = verdict, ends, step
        self.rows = 0

    def row(self, stream: bytes, seq: int, body: bytes, digest: bytes) -> None:
        self.rows += 1
        if not self.rows & 1023:
            self.step(1024)
        known = self.ends.get(stream)
        if known is None:
            self._tell("unknown", stream, seq, _("%(stream)s has an event %(seq)d but no head."))
        elif seq <= known[0]:
            self._tell("order", stream, seq, _("%(stream)s: event %(seq)d does not stand in its place."))
            return
        elif seq > known[0] + 1:
            words = _("%(stream)s: event %(seq)d is missing.")
            for missing in range(known[0] + 1, min(seq, known[0] + 1 + SHOWN)):
                self._tell("missing", stream, missing, words)
            self.verdict.told["missing"] += max(0, seq - known[0] - 1 - SHOWN)
        elif hashlib.sha256(b"%b%b|%d|%b" % (known[1], stream, seq, body)).digest() != digest:
            self._tell("altered", stream, seq, _("%(stream)s: event %(seq)d was altered."))
        self.ends[stream] = seq, digest

    def _tell(self, kind: str, stream: bytes, seq: int, words: str) -> None:
        self.verdict.broken(kind, words % {"stream": stream.decode(), "seq": seq})


def _chains(cursor: Any, using: str, verdict: Verdict, start: Callable[[str, int], Step]) -> None:
    heads = list(Head.objects.using(using))
    epochs = set(Epoch.objects.using(using).values_list("name", flat=True))
    starts = {}
    for head in heads:
        genesis = hashlib.sha256(f"{head.stream}|{head.epoch}".encode()).digest()
        if head.epoch not in epochs or bytes(head.genesis) != genesis:
            verdict.broken("genesis", _("%(stream)s does not begin as it must.") % {"stream": head.stream})
        starts[head.stream.encode()] = 0, genesis
    walk = Walk(verdict, starts, start(_("events"), sum(head.seq for head in heads)))
    scan.everything(cursor, walk.row)
    _ends(heads, walk, verdict)


def _ends(heads: list[Head], walk: Walk, verdict: Verdict) -> None:
    for head in heads:
        seq, digest = walk.ends[head.stream.encode()]
        if (seq, digest) != (head.seq, bytes(head.hash)):
            words = _("%(stream)s: its head says %(head)d events, the last that stands is %(seq)d.")
            verdict.broken("head", words % {"stream": head.stream, "head": head.seq, "seq": seq})
    verdict.events, verdict.streams = walk.rows, len(heads)


class Outside:
    """The files that lie outside the database, line by line; each line is held as its hash only."""

    def __init__(self, place: Path, verdict: Verdict, *, newest_only: bool = False) -> None:
        self.files = sorted(place.glob("????-??-??.jsonl"))[-1 if newest_only else 0 :]
        self.keys = seal.trusted(place)
        self.lines: dict[str, bytes] = {}  # root → hash of the line, in the order of the files
        for where, line, said in self._read():
            if said is None:
                verdict.broken("file", _("%(where)s cannot be read.") % {"where": where})
            else:
                self.lines[said["root"]] = hashlib.sha256(line).digest()

    def _read(self) -> Iterator[tuple[str, bytes, dict[str, str] | None]]:
        for file in self.files:
            with file.open("rb") as lines:
                for number, line in enumerate(lines, start=1):
                    if line.endswith(b"\n"):  # else it is just being written, or was when the machine stopped
                        yield f"{file.name}:{number}", line, _parsed(line)

    def left(self) -> Iterator[tuple[str, dict[str, str]]]:
        """The lines that no row has taken."""
        if self.lines:
            for where, line, said in self._read():
                if said is not None and self.lines.get(said["root"]) == hashlib.sha256(line).digest():
                    yield where, said

    def signed(self, root: str, signature: str, signer: str) -> bool:
        return signer in self.keys and seal.signed(root, signature, signer)


def _parsed(line: bytes) -> dict[str, str] | None:
    try:
        said = json.loads(line)
    except ValueError:
        return None
    wanted = {"minute", "root", "signature", "signer", "heads"}
    good = (
        isinstance(said, dict)
        and said.keys() == wanted
        and all(isinstance(one, str) for one in said.values())
    )
    return said if good else None


class Seals:
    """Follows the seals from the first to the last; each names the one before it."""

    def __init__(self, cursor: Any, epochs: set[str], outside: Outside, verdict: Verdict) -> None:
        self.cursor, self.epochs, self.outside, self.verdict = cursor, epochs, outside, verdict
        self.before = seal.Statement("", "", seal.NOTHING, {})
        self.root = seal.NOTHING
        self.declared = ""  # the minute of the last seal that begins a new epoch by hand
        self.lacking: list[str] = []
        self.last_kept = True
        self.wanted: list[tuple[str, int, str, int]] = []
        self.minutes: dict[int, str] = {}

    def row(self, row: Seal) -> None:
        self.verdict.seals += 1
        minute = clock.wire(row.minute) or ""
        self._outside(row, minute)
        said = self.genuine(row, minute)
        before, self.root = self.root, row.root
        if said is None:
            return
        if said.previous != before:
            self._tell("gap", _("Before the seal of %(minute)s another one is missing."), minute)
        if said.epoch not in self.epochs:
            self._tell("epoch", _("The seal of %(minute)s names an unknown epoch."), minute)
        for stream, (seq, digest) in said.heads.items():
            if self.before.heads.get(stream) != (seq, digest):
                self.wanted.append((stream, seq, digest, len(self.minutes)))
        for stream, (seq, _digest) in self.before.heads.items():
            if said.heads.get(stream, (0, ""))[0] < seq:
                words = _("%(stream)s went back between two seals, the later of %(minute)s.")
                self.verdict.broken("back", words % {"stream": stream, "minute": minute})
        self.minutes[len(self.minutes)] = minute
        self.before = said
        if said.reason:
            self.declared = max(self.declared, minute)
        if len(self.wanted) > 10_000:
            self.stand()

    def genuine(self, row: Seal, minute: str) -> seal.Statement | None:
        """What the row says, where it is ours and unaltered."""
        if row.signer not in self.outside.keys:
            self._tell(
                "signer",
                _("The seal of %(minute)s is signed with a key that seal.pub does not know."),
                minute,
            )
            return None
        said = _statement(row, minute)
        if said is None or not seal.signed(row.root, row.signature, row.signer):
            self._tell("seal", _("The seal of %(minute)s is forged or altered."), minute)
            return None
        return said

    def _outside(self, row: Seal, minute: str) -> None:
        kept = self.outside.lines.get(row.root)
        self.last_kept = kept is not None
        if kept is None:
            self.lacking.append(minute)
        elif kept == hashlib.sha256(seal.line_of(row)).digest():
            del self.outside.lines[row.root]
        else:
            del self.outside.lines[row.root]
            self._tell(
                "file", _("The files say another thing of the seal of %(minute)s than the table."), minute
            )

    def stand(self) -> None:
        """Ask for all ends named so far at once: each must stand in its chain with its hash."""
        if self.wanted:
            self.cursor.execute(STANDING, [list(column) for column in zip(*self.wanted, strict=True)])
            words = _("%(stream)s: event %(seq)d is not the one that was sealed at %(minute)s.")
            for stream, seq, number in self.cursor.fetchall():
                self.verdict.broken(
                    "sealed", words % {"stream": stream, "seq": seq, "minute": self.minutes[number]}
                )
        self.wanted, self.minutes = [], {}

    def close(self) -> None:
        self.stand()
        if self.lacking and not self.last_kept:  # the file is written after the commit
            self.lacking.pop()
            self.verdict.notes.append(_("The newest seal does not stand in the files yet."))
        for minute in self.lacking:
            self._tell("lacking", _("The files lack the seal of %(minute)s."), minute)
        lost = 0
        for where, said in self.outside.left():
            genuine = seal.root_of(said["heads"]) == said["root"] and self.outside.signed(
                said["root"], said["signature"], said["signer"]
            )
            if genuine and said["minute"] < self.declared:
                lost += 1
            else:
                words = _("%(where)s: the seal of %(minute)s does not stand in the table.")
                self.verdict.broken("lost", words % {"where": where, "minute": said["minute"]})
        if lost:
            words = _("%(count)d seals belong to a life of the journal that was declared lost at %(minute)s.")
            self.verdict.notes.append(words % {"count": lost, "minute": self.declared})

    def _tell(self, kind: str, words: str, minute: str) -> None:
        self.verdict.broken(kind, words % {"minute": minute})


def _statement(row: Seal, minute: str) -> seal.Statement | None:
    """What the row says, where its root and its minute are those of its text."""
    try:
        said = seal.read(row.heads)
    except ValueError:
        return None
    return said if (said.minute, seal.root_of(row.heads)) == (minute, row.root) else None


def _seals(cursor: Any, using: str, outside: Outside, verdict: Verdict, step: Step) -> None:
    epochs = set(Epoch.objects.using(using).values_list("name", flat=True))
    seals = Seals(cursor, epochs, outside, verdict)
    for row in Seal.objects.using(using).order_by("pk").iterator(chunk_size=200):
        seals.row(row)
        step(1)
    seals.close()
    if not verdict.seals:
        verdict.notes.append(_("Nothing is sealed yet."))


def _since_seal(cursor: Any, using: str, outside: Outside, verdict: Verdict) -> None:
    """The last seal must be genuine and stand, and from it every stream must lead to its head."""
    rows = list(Seal.objects.using(using).order_by("-pk")[:5])
    newest = next(reversed(outside.lines), None)
    if newest is not None and newest not in {row.root for row in rows}:
        verdict.broken("lost", _("The newest seal of the files does not stand in the table."))
    if not rows:
        verdict.notes.append(_("Nothing is sealed yet."))
        return
    row, verdict.seals = rows[0], 1
    minute = clock.wire(row.minute) or ""
    seals = Seals(cursor, set(), outside, verdict)
    said = seals.genuine(row, minute)
    if said is None:
        return
    ends = {head.stream: head for head in Head.objects.using(using)}
    starts = {
        stream.encode(): (0, hashlib.sha256(f"{stream}|{head.epoch}".encode()).digest())
        for stream, head in ends.items()
    }
    starts |= {stream.encode(): (seq, bytes.fromhex(digest)) for stream, (seq, digest) in said.heads.items()}
    seals.wanted = [(stream, seq, digest, 0) for stream, (seq, digest) in said.heads.items()]
    seals.minutes = {0: minute}
    seals.stand()
    after = {stream.decode(): seq for stream, (seq, _digest) in starts.items()}
    walk = Walk(verdict, starts, _silent())
    scan.behind(cursor, after, walk.row)
    for stream in said.heads.keys() - ends.keys():
        verdict.broken("head", _("%(stream)s has lost its head.") % {"stream": stream})
    _ends(list(ends.values()), walk, verdict)
