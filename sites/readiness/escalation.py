"""How long may something stay unmended before the next level is told?"""

import datetime as dt

MINUTE = dt.timedelta(minutes=1)

# By kind of finding and phase: how long the commune has, then the province, before the next one is told. What is not
# critical is told to nobody further up: it stands on the boards. Conventions of this system.
CLIMBS = {
    ("silent", "before"): (30 * MINUTE, 60 * MINUTE),
    ("silent", "day"): (10 * MINUTE, 15 * MINUTE),
    ("silent", "after"): (30 * MINUTE, 60 * MINUTE),
    ("item", "before"): (120 * MINUTE, 240 * MINUTE),
    ("item", "day"): (15 * MINUTE, 30 * MINUTE),
    ("item", "after"): (30 * MINUTE, 60 * MINUTE),
}


def climbs_at(kind: str, phase: str, level: int, at: dt.datetime) -> dt.datetime | None:
    """When a finding that has stood with `level` since `at` is told to the next, or None."""
    waits = CLIMBS.get(("silent" if kind == "silent" else "item", phase), ())
    return at + waits[level] if level < len(waits) else None
