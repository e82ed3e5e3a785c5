"""What does an outsider get to check the journal without us?"""

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from journal import clock, scan, seal
from journal.models import Epoch, Head, Seal

Step = Callable[[int], None]


def streams_of(using: str, operation: str = "", streams: Sequence[str] = ()) -> list[str] | None:
    """The streams that are asked for, or None for all."""
    if not operation and not streams:
        return None
    known = Head.objects.using(using).values_list("stream", flat=True)
    return sorted(
        stream
        for stream in known
        if stream in streams or (operation and stream.rpartition("/")[0] == operation)
    )


def export(
    write: Callable[[bytes], Any],
    *,
    using: str = "default",
    streams: Sequence[str] | None = None,
    progress: Callable[[int], Step] | None = None,
) -> int:
    """Write one JSON object a line; how many events. Of streams that are not exported the seals show only hashes."""
    ends: dict[str, list[Any]] = {}
    count = 0
    with scan.snapshot(using) as cursor:
        rows = Head.objects.using(using).order_by("stream")
        heads = list(rows if streams is None else rows.filter(stream__in=streams))
        step = progress(sum(head.seq for head in heads)) if progress else _silent
        seals = _front(write, using, heads, whole=streams is None)
        ends = {head.stream: [0, bytes(head.genesis).hex()] for head in heads}

        def event(stream: bytes, seq: int, body: bytes, digest: bytes) -> None:
            nonlocal count
            count += 1
            name = stream.decode()
            ends[name] = [seq, digest.hex()]
            said = {"kind": "event", "stream": name, "seq": seq, "hash": digest.hex(), "body": body.decode()}
            write(_line(said))
            if not count & 1023:
                step(1024)

        scan.everything(cursor, event, None if streams is None else [head.stream for head in heads])
    write(_line({"kind": "end", "events": count, "seals": seals, "heads": ends}))
    return count


def _silent(by: int) -> None:
    """Nobody watches."""


def _front(write: Callable[[bytes], Any], using: str, heads: list[Head], *, whole: bool) -> int:
    """Everything that has to be known before the first event; how many seals."""
    write(_line({"kind": "journal", "format": 1, "made_at": clock.wire(clock.now())}))
    for epoch in Epoch.objects.using(using).order_by("pk"):
        write(
            _line({"kind": "epoch", "name": epoch.name, "at": clock.wire(epoch.at), "reason": epoch.reason})
        )
    for key in sorted(seal.trusted(seal.folder())):
        write(_line({"kind": "key", "public": key}))
    for head in heads:
        said = {"stream": head.stream, "epoch": head.epoch, "hash": bytes(head.genesis).hex()}
        write(_line({"kind": "genesis", **said}))
    shown = None if whole else {head.stream for head in heads}
    count = 0
    for row in Seal.objects.using(using).order_by("pk").iterator(chunk_size=200):
        said = json.loads(seal.line_of(row)) | {"heads": _covered(row.heads, shown)}
        write(_line({"kind": "seal", **said}))
        count += 1
    return count


def _covered(text: str, shown: set[str] | None) -> str:
    """The text of a seal in which other streams are only hashes: a province learns nothing of its neighbours."""
    if shown is None:
        return text
    return "\n".join(
        f"# {hashlib.sha256(line.encode()).hexdigest()}"
        if "/" in line.partition(" ")[0] and line.partition(" ")[0] not in shown
        else line
        for line in text.split("\n")
    )


def _line(said: dict[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
