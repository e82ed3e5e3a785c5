"""What did the scheduled checks find? The last two exactly what was reported; those before them, plausibly."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from command_center.demo.chance import chance
from command_center.demo.days import BEFORE, LAST, Track
from journal.log import Fact, Subject
from sites.checks import told
from sites.readiness.models import Check, Reminder, Slot
from sites.readiness.queries import VERDICTS
from subcommittees.models import Operation, Unit
from subcommittees.scope import SYSTEM

AREAS = ("province", "command")
AFTER = dt.timedelta(seconds=7)  # when the check of a slot comes round


@dataclass
class Tally:
    """What the check of an area at a slot says."""

    verdicts: Counter[str] = field(default_factory=Counter)
    items: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    opened: int = 0


Tallies = dict[tuple[str, int, str], Tally]  # by track, slot told and area


def moment(slot: Slot) -> dt.datetime:
    return slot.silent_at + AFTER


def load(
    operation: Operation,
    tracks: Mapping[str, Track],
    areas: Iterable[Unit],
    tallies: Tallies,
    now: dt.datetime,
) -> Iterator[Fact]:
    """Write the checks of the slots that ran out; hand on what the journal says of the last two."""
    areas = list(areas)
    told_of: list[tuple[Slot, Unit, Check]] = []
    rows: list[Check] = []
    for track in tracks.values():
        for area in areas:
            exact = {
                slot: tallies[track.name, at, area.path] for at in (BEFORE, LAST) if (slot := track.told[at])
            }
            dice = chance(f"checks of {area.code}")
            like = next(iter(exact.values()), Tally())
            for back, slot in enumerate(reversed(track.checked)):
                row = _row(slot, area, exact.get(slot) or _earlier(like, 1 + back * dice.uniform(0.02, 0.06)))
                rows.append(row)
                if slot in exact and (row.units["ready"] or exact[slot].verdicts):
                    told_of.append((slot, area, row))
    Check.objects.bulk_create(rows, batch_size=500)
    remind = [
        slot
        for track in tracks.values()
        for slot in track.told
        if slot and slot.remind_at <= now < slot.silent_at
    ]
    Reminder.objects.bulk_create(
        [Reminder(slot=slot, province=area, at=slot.remind_at) for slot in remind for area in areas]
    )
    for slot, area, row in told_of:
        one = told.checked(slot, area, row)
        line = {"text": "", "by": SYSTEM.title, **one["line"]}
        yield fact(one["verb"], operation, area, moment(slot), line, None)


def _row(slot: Slot, area: Unit, tally: Tally) -> Check:
    return Check(
        slot=slot, province=area, path=area.path, ran_at=moment(slot), opened=tally.opened, closed=0,
        items=dict(tally.items), units={verdict: tally.units[verdict] for verdict in VERDICTS},
        **{verdict: tally.verdicts[verdict] for verdict in VERDICTS},
    )  # fmt: skip


def _earlier(like: Tally, times: float) -> Tally:
    """A day like this one, with so many times what is not in order: before an election it gets better."""
    counts = Counter({name: round(like.verdicts[name] * times) for name in VERDICTS if name != "ready"})
    counts["ready"] = like.verdicts.total() - counts.total()
    items = Counter({item: round(count * times) for item, count in like.items.items()})
    return Tally(counts, items, like.units, counts["silent"])


def fact(
    verb: str,
    operation: Operation,
    unit: Unit,
    at: dt.datetime,
    line: Mapping[str, Any],
    also: Mapping[str, Any] | None,
    *,
    by: str = SYSTEM.username,
    post: str = SYSTEM.title,
) -> Fact:
    place = unit.place
    return Fact(
        verb=verb, at=at, operation=operation.slug, unit=place, subject=Subject("unit", unit.path, place.name),
        topic=told.TOPIC, actor=by, post=post, line=line, after=None, also=also,
    )  # fmt: skip
