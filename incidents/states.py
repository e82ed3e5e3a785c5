"""Which state may follow which?"""

from dataclasses import dataclass

from subcommittees.words import Words

STATES = {
    "reported": Words("Mới báo", "Reported"),
    "acknowledged": Words("Đã tiếp nhận", "Acknowledged"),
    "verified": Words("Đã xác minh", "Verified"),
    "responding": Words("Đang xử lý", "Responding"),
    "resolved": Words("Đã khắc phục", "Resolved"),
    "closed": Words("Đã kết thúc", "Closed"),
    "false_alarm": Words("Tin không đúng", "False alarm"),
}
ENDED = frozenset({"closed", "false_alarm"})
OPEN = frozenset(STATES) - ENDED


@dataclass(frozen=True)
class Move:
    """From these states to that one (None: the state stays); `reason` where something is undone."""

    name: Words
    sources: frozenset[str]
    target: str | None
    event: str
    reason: bool = False


def _move(vi: str, en: str, sources: str, target: str | None, event: str, *, reason: bool = False) -> Move:
    return Move(Words(vi, en), frozenset(sources.split()), target, f"incident.{event}", reason)


ANY = " ".join(STATES)
GOING = " ".join(sorted(OPEN))

MOVES = {
    "acknowledge": _move("Tiếp nhận", "Acknowledge", "reported", "acknowledged", "acknowledged"),
    "verify": _move("Xác minh", "Verify", "acknowledged", "verified", "verified"),
    "respond": _move("Bắt đầu xử lý", "Start response", "acknowledged verified", "responding", "responding"),
    "resolve": _move("Đã khắc phục", "Mark resolved", "verified responding", "resolved", "resolved"),
    "close": _move("Kết thúc", "Close", "verified responding resolved", "closed", "closed", reason=True),
    "false_alarm": _move("Tin không đúng", "False alarm", "reported acknowledged verified responding", "false_alarm", "false_alarm", reason=True),
    "reopen": _move("Mở lại", "Reopen", "resolved closed false_alarm", "reported", "reopened", reason=True),
    "raise": _move("Nâng mức", "Raise severity", GOING, None, "raised"),
    "lower": _move("Hạ mức", "Lower severity", GOING, None, "lowered", reason=True),
    "note": _move("Ghi chú", "Add note", ANY, None, "noted"),
}  # fmt: skip


def choices() -> list[tuple[str, Words]]:
    return list(STATES.items())
