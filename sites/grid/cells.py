"""What does a word in a cell of somebody's table mean?"""

from collections.abc import Iterable
from typing import Any

from sites import checklist
from sites.checklist import Item
from subcommittees.vietnamese import fold

# Without accents and marks, as `fold` leaves them. What could mean either (“x”, “không”, “1”) stands nowhere here:
# nobody shall call a site ready by a guess.
WORDS = {
    "o": "o", "ok": "o", "d": "o", "dat": "o", "co": "o", "yes": "o", "in order": "o",
    "n": "n", "no": "n", "c": "n", "chua": "n", "chua dat": "n", "khong dat": "n", "not in order": "n",
    "a": "a", "na": "a", "n a": "a", "k": "a", "kad": "a", "khong ap dung": "a", "not applicable": "a",
}  # fmt: skip
TICKS = {"✓", "✔", "√"}
NOT_ASKED = "–"


def letter(cell: Any) -> str | None:
    """The letter of an answer; "" for an empty cell, None for what is no answer."""
    if not isinstance(cell, str):
        return None
    said = cell.strip()
    if not said or said == NOT_ASKED:
        return ""
    return "o" if said in TICKS else WORDS.get(fold(said))


def packed(items: Iterable[Item], letters: dict[str, str], asked: Iterable[str]) -> str:
    """A letter a column: `.` not answered, `-` not asked of this site."""
    known = set(asked)
    return "".join((letters.get(one.code) or ".") if one.code in known else "-" for one in items)


def answers(letters: dict[str, str]) -> dict[str, str]:
    """What is said by these letters; what was sent back and not answered since says nothing."""
    return {code: checklist.UNPACKED[one] for code, one in letters.items() if one in {"o", "n", "a"}}
