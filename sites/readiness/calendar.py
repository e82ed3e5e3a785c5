"""When must be answered, counted from the day of the vote?"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.timezone import get_default_timezone

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
# Khu vực bỏ phiếu sớm vote on a day of their own (Điều 72); their calendar is the same, counted from that day.
EARLY_BEFORE = 2 * DAY


@dataclass(frozen=True)
class Rule:
    """From day `first` to day `last` (0: the day of the vote), every `step` days, at these times of day."""

    first: int
    last: int
    step: int
    times: tuple[dt.time, ...]
    phase: str
    grace: dt.timedelta
    remind: dt.timedelta  # so long before it is due, those who have not answered are reminded


def _at(*texts: str) -> tuple[dt.time, ...]:
    return tuple(dt.time.fromisoformat(text) for text in texts)


# D-105: the election committees stand (Điều 22–23), D+7 results of the province (Điều 77, 83). The hours are
# conventions of this system after the reporting rules of earlier elections; each slot can be edited.
RULES = (
    Rule(-105, -31, 7, _at("16:00"), "before", 24 * HOUR, 24 * HOUR),
    Rule(-30, -1, 1, _at("16:00"), "before", HOUR, HOUR),
    Rule(0, 0, 1, _at("06:30", *(f"{hour:02d}:00" for hour in range(9, 22, 2))), "day", HOUR / 2, HOUR / 4),
    Rule(1, 7, 1, _at("16:00"), "after", HOUR, HOUR),
)  # fmt: skip


@dataclass(frozen=True)
class Planned:
    track: str
    phase: str
    opens_at: dt.datetime
    due_at: dt.datetime
    silent_at: dt.datetime
    closes_at: dt.datetime
    remind_at: dt.datetime


def day_of(election_day: dt.date, track: str) -> dt.date:
    """The day on which the sites of this track vote."""
    return election_day - EARLY_BEFORE if track == "early" else election_day


def slots(election_day: dt.date) -> Iterator[Planned]:
    """Every slot of both tracks: each opens when the one before has run out, and takes late answers until the next."""
    for track in ("regular", "early"):
        day = day_of(election_day, track)
        moments = [
            (dt.datetime.combine(day + offset * DAY, time, get_default_timezone()), rule)
            for rule in RULES
            for offset in range(rule.first, rule.last + 1, rule.step)
            for time in rule.times
        ]
        after = [due for due, _rule in moments[1:]]
        opens = moments[0][0] - 7 * DAY
        for (due, rule), following in zip(moments, [*after, moments[-1][0] + DAY], strict=True):
            silent = min(due + rule.grace, following)
            yield Planned(track, rule.phase, opens, due, silent, following, max(opens, due - rule.remind))
            opens = min(silent, following - HOUR / 4)
