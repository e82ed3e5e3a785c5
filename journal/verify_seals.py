"""Do the seals still hold, in the table and in the files outside of it?"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from journal import clock, seal
from journal.models import Seal
from journal.verdict import Verdict

STANDING = """
SELECT w.stream, w.seq, w.seal
  FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::int[]) AS w (stream, seq, hash, seal)
  LEFT JOIN journal_entry e ON e.stream = w.stream AND e.seq = w.seq
 WHERE e.hash IS DISTINCT FROM decode(w.hash, 'hex') ORDER BY w.seal, w.stream
"""


class Outside:
    """The files that lie outside the database, line by line; each line is held as its hash only."""

    def __init__(self, place: Path, verdict: Verdict, *, newest_only: bool = False) -> None:
        self.place, self.first = place, -1 if newest_only else 0
        self.keys = seal.trusted(place)
        self.lines: dict[str, bytes] = {}  # root → hash of the line, in the order of the files
        for where, line, said in self._read():
            if said is None:
                verdict.broken("file", _("%(where)s cannot be read.") % {"where": where})
            else:
                self.lines[said["root"]] = hashlib.sha256(line).digest()

    def _read(self) -> Iterator[tuple[str, bytes, dict[str, str] | None]]:
        for file in sorted(self.place.glob("????-??-??.jsonl"))[self.first :]:
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

    def written_since(self, wanted: dict[str, bytes]) -> set[str]:
        """Which of these lines (root → hash) stand in the files by now?"""
        return {
            said["root"]
            for _where, line, said in self._read()
            if said is not None and wanted.get(said["root"]) == hashlib.sha256(line).digest()
        }

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
        self.lacking: dict[str, tuple[str, bytes]] = {}  # root → minute and hash of the line
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

    def alone(self, row: Seal) -> seal.Statement | None:
        """The same for one seal without its past, and all that it names must stand."""
        minute = clock.wire(row.minute) or ""
        said = self.genuine(row, minute)
        self.verdict.seals += 1
        if said is not None:
            self.wanted = [(stream, seq, digest, 0) for stream, (seq, digest) in said.heads.items()]
            self.minutes = {0: minute}
            self.stand()
        return said

    def _outside(self, row: Seal, minute: str) -> None:
        kept = self.outside.lines.get(row.root)
        if kept is None:
            self.lacking[row.root] = minute, hashlib.sha256(seal.line_of(row)).digest()
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
        self._lacking()
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

    def _lacking(self) -> None:
        """A row comes before its line: what had none may have one by now, and only the newest may still have none."""
        if not self.lacking:
            return
        written = self.outside.written_since({root: line for root, (_minute, line) in self.lacking.items()})
        for root, (minute, _line) in self.lacking.items():
            if root in written:
                continue
            if root == self.root:
                self.verdict.notes.append(_("The newest seal does not stand in the files yet."))
            else:
                self._tell("lacking", _("The files lack the seal of %(minute)s."), minute)

    def _tell(self, kind: str, words: str, minute: str) -> None:
        self.verdict.broken(kind, words % {"minute": minute})


def _statement(row: Seal, minute: str) -> seal.Statement | None:
    """What the row says, where its root and its minute are those of its text."""
    try:
        said = seal.read(row.heads)
    except ValueError:
        return None
    return said if (said.minute, seal.root_of(row.heads)) == (minute, row.root) else None
