"""When must an incident be answered, by whom, and who is told when nobody does?"""

import datetime as dt

from incidents.categories import CATEGORIES
from subcommittees.roles import Level

# A grave incident waits no longer than this, whatever its category allows. A convention of this system.
AT_MOST = {3: dt.timedelta(minutes=5), 4: dt.timedelta(minutes=3)}

# Whose duty officers are called, by severity: the level whose capacity is needed, never below the province.
CALLED = {
    1: frozenset({Level.PROVINCE}),
    2: frozenset({Level.PROVINCE}),
    3: frozenset({Level.PROVINCE}),
    4: frozenset({Level.PROVINCE, Level.MINISTRY}),
}

# Who is told of silence, besides those who should have answered: their superiors.
TOLD_OF_SILENCE = frozenset({Level.PROVINCE, Level.MINISTRY})


def answer_within(category: str, severity: int) -> dt.timedelta:
    within = CATEGORIES[category].answer_within
    return min(within, AT_MOST.get(severity, within))
