"""How far has what is not mended climbed by now, and who was told when?"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator

from journal.log import Fact, Subject
from sites.checks import told
from sites.readiness import escalation
from sites.readiness.models import Finding
from subcommittees.models import Operation, Unit
from subcommittees.scope import NATION, SYSTEM

SWEEP = dt.timedelta(minutes=10)  # what climbs about the same time is told at once
EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


class Climbing:
    """Collects what climbs, and tells of it: once for each area, level and sweep."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now
        self.told: dict[tuple[dt.datetime, int, str], list[Finding]] = defaultdict(list)

    def climb(self, row: Finding, until: dt.datetime | None = None) -> None:
        """Let it stand where it stands at that moment (None: now)."""
        phase = row.slot.phase if row.slot else "before"
        while row.escalate_at is not None:
            at = row.escalate_at - (row.escalate_at - EPOCH) % SWEEP + SWEEP
            if at > (until or self.now):
                # At this very moment the next sweep is about to run: it has run.
                if until is not None or row.escalate_at > self.now:
                    return
                at = self.now
            row.level += 1
            row.escalate_at = escalation.climbs_at(row.kind, phase, row.level, at)
            area = "/".join(row.path.split("/")[:2]) + "/" if row.level == 1 else NATION
            self.told[at, row.level, area].append(row)

    def facts(self, operation: Operation, units: dict[str, Unit]) -> Iterator[Fact]:
        for (at, level, area), rows in self.told.items():
            step = 3 if level == 1 else 2
            where = Counter("/".join(row.path.split("/")[:step]) + "/" for row in rows)
            line = {
                "text": "",
                "by": SYSTEM.title,
                "level": level,
                "findings": len(rows),
                "kinds": dict(Counter(row.kind for row in rows)),
                "places": len(where),
                "worst": [
                    {"path": path, "name": units[path].name, "findings": count}
                    for path, count in where.most_common(told.WORST)
                ],
            }
            place = units[area].place
            also = {row.key: {**row.counted, "level": level, "open": True} for row in rows}
            yield Fact(
                verb="finding.escalated", at=at, operation=operation.slug, unit=place,
                subject=Subject("unit", area, place.name), topic=told.TOPIC, actor=SYSTEM.username, post=SYSTEM.title,
                line=line, after=None, also=also,
            )  # fmt: skip
