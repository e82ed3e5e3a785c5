"""What can the state of a polling site be in an operation?"""

from dataclasses import dataclass

from subcommittees.words import Words

STATES = {
    "unsurveyed": Words("Chưa khảo sát", "Not surveyed"),
    "preparing": Words("Đang chuẩn bị", "Preparing"),
    "conditional": Words("Sẵn sàng có điều kiện", "Ready with conditions"),
    "ready": Words("Sẵn sàng", "Ready"),
    "voting": Words("Đang bỏ phiếu", "Voting"),
    "interrupted": Words("Gián đoạn", "Interrupted"),
    "box_closed": Words("Đã đóng hòm phiếu", "Box closed"),
    "counting": Words("Đang kiểm phiếu", "Counting"),
    "handed_over": Words("Đã bàn giao", "Handed over"),
    "finished": Words("Kết thúc", "Finished"),
}

KINDS = {
    "regular": Words("Thông thường", "Regular"),
    "hospital": Words("Bệnh viện", "Hospital"),
    "barracks": Words("Đơn vị vũ trang", "Armed-forces unit"),
    "detention": Words("Cơ sở giam giữ", "Detention facility"),
    "border": Words("Biên giới", "Border"),
    "island": Words("Biển, đảo", "Sea and islands"),
    "quarantine": Words("Khu cách ly", "Quarantine area"),
}


def state_choices() -> list[tuple[str, Words]]:
    return list(STATES.items())


def kind_choices() -> list[tuple[str, Words]]:
    return list(KINDS.items())


@dataclass(frozen=True)
class Move:
    """From these states to that one (None: the state stays); `reason` where words are needed."""

    name: Words
    sources: frozenset[str]
    target: str | None
    event: str
    reason: bool = False


def _move(vi: str, en: str, sources: str, target: str | None, event: str, *, reason: bool = False) -> Move:
    return Move(Words(vi, en), frozenset(sources.split()), target, f"site.{event}", reason)


BEFORE = "unsurveyed preparing conditional ready"  # while it is readied; a report of readiness moves it among these
UNDER_WAY = "preparing conditional ready voting interrupted"

# The life of a site on its day. Điều 71: the poll is continuous; on an interruption box and documents are sealed at
# once, it is reported, and resumed; it closes at its hour and never before, also where everybody has voted.
MOVES = {
    "survey": _move("Đã khảo sát", "Mark surveyed", "unsurveyed", "preparing", "surveyed"),
    "open": _move("Khai mạc, bắt đầu bỏ phiếu", "Open the poll", "preparing conditional ready", "voting", "opened"),
    "interrupt": _move("Gián đoạn bỏ phiếu", "Interrupt the poll", "voting", "interrupted", "interrupted", reason=True),
    "resume": _move("Tiếp tục bỏ phiếu", "Resume the poll", "interrupted", "voting", "resumed"),
    "close": _move("Đóng hòm phiếu", "Close the box", "voting", "box_closed", "closed"),
    "count": _move("Bắt đầu kiểm phiếu", "Start the count", "box_closed", "counting", "counting"),
    "hand_over": _move("Đã bàn giao phiếu, biên bản", "Hand over", "counting", "handed_over", "handed_over"),
    "finish": _move("Kết thúc", "Finish", "handed_over", "finished", "finished"),
    "reopen": _move("Lùi một bước (ghi nhầm)", "Take one step back (entered by mistake)", "voting box_closed counting handed_over finished", None, "stepped_back", reason=True),
    "relocate": _move("Chuyển địa điểm dự phòng", "Move to the backup venue", f"unsurveyed {UNDER_WAY}", None, "relocated", reason=True),
    "protect": _move("Lập khu vực bảo vệ tạm thời", "Declare a temporary protected zone", " ".join(STATES), None, "protected"),
    "extend": _move("Kéo dài giờ bỏ phiếu", "Extend the poll", UNDER_WAY, None, "extended", reason=True),
}  # fmt: skip
# What `reopen` goes back to.
STEP_BACK = {
    "voting": "ready",
    "box_closed": "voting",
    "counting": "box_closed",
    "handed_over": "counting",
    "finished": "handed_over",
}
BY_VERDICT = {"ready": "ready", "conditional": "conditional", "not_ready": "preparing"}


def assessed(state: str, verdict: str) -> str:
    """What a site is after a report of its readiness: before the poll as it says, later as it was."""
    return BY_VERDICT[verdict] if state in BEFORE.split() else state
