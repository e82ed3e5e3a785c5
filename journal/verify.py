"""Does the journal still say what it said, event by event and seal by seal?"""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from journal import scan, seal
from journal.models import Epoch, Event, Head, Seal
from journal.verdict import SHOWN, Verdict
from journal.verify_seals import Outside, Seals

Step = Callable[[int], None]

INTACT = """
SELECT (SELECT count(*) FROM pg_attribute WHERE attrelid = 'journal_event'::regclass AND attgenerated = 's'),
       (SELECT count(*) FROM pg_trigger
         WHERE tgrelid = 'journal_event'::regclass AND tgname = 'journal_number' AND tgenabled = 'O')
"""
UNNUMBERED = """
SELECT n, stream, count(*) OVER () FROM journal_event v
 WHERE NOT EXISTS (SELECT 1 FROM journal_entry e WHERE e.event_id = v.n) ORDER BY n LIMIT 20
"""


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
        if since_seal:
            _since_seal(cursor, using, outside, verdict)
        else:
            start = progress or _silent
            _chains(cursor, using, verdict, start)
            _unnumbered(cursor, verdict)
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


def _unnumbered(cursor: Any, verdict: Verdict) -> None:
    """Numbers belong to one event each, so only where the counts differ has one to be looked for."""
    cursor.execute("SELECT count(*) FROM journal_event")
    if cursor.fetchone()[0] == verdict.events:
        return
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
    said = Seals(cursor, set(), outside, verdict).alone(rows[0])
    if said is None:
        return
    ends = {head.stream: head for head in Head.objects.using(using)}
    starts = {
        stream.encode(): (0, hashlib.sha256(f"{stream}|{head.epoch}".encode()).digest())
        for stream, head in ends.items()
    }
    starts |= {stream.encode(): (seq, bytes.fromhex(digest)) for stream, (seq, digest) in said.heads.items()}
    after = {stream.decode(): seq for stream, (seq, _digest) in starts.items()}
    walk = Walk(verdict, starts, _silent())
    scan.behind(cursor, after, walk.row)
    for stream in said.heads.keys() - ends.keys():
        verdict.broken("head", _("%(stream)s has lost its head.") % {"stream": stream})
    _ends(list(ends.values()), walk, verdict)
