"""What was found when the journal was checked?"""

from collections import Counter
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

SHOWN = 20  # breaks of one kind that are told one by one


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
