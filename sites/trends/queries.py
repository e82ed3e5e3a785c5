"""How did readiness move, where, and why?"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q

from sites import checklist
from sites.models import Site
from sites.readiness.models import TRACKS, Check, Slot
from sites.readiness.queries import VERDICTS, slots
from subcommittees.models import Operation
from subcommittees.scope import Viewer, condition, reach, visible

POINTS = 30
DAY = dt.timedelta(hours=24)
MOVED_AT_MOST = 200
GRAVE = ("silent", "not_ready", "conditional", "ready")  # the worst first


@dataclass
class Point:
    """How the sites of a unit stood when a slot was checked: all that owed an answer, in four parts."""

    slot: Slot
    at: dt.datetime
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(VERDICTS, 0))
    items: dict[str, int] = field(default_factory=dict)
    areas: int = 0  # how many checks make it up: fewer than elsewhere where some are still to come

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def share(self) -> float | None:
        return 100 * self.counts["ready"] / self.total if self.total else None


@dataclass(frozen=True)
class Calendar:
    """The slots of one track, and where the moment stands among them."""

    rows: Sequence[Slot]
    at: dt.datetime

    @property
    def ran_out(self) -> list[Slot]:
        """Those that everybody must have answered; what had run out before it was planned nobody could answer."""
        return [one for one in self.rows if one.planned_at < one.silent_at <= self.at]

    @property
    def judged(self) -> Slot | None:
        return next(reversed(self.ran_out), None)

    @property
    def asked(self) -> Slot | None:
        return next((one for one in reversed(self.rows) if one.opens_at <= self.at < one.closes_at), None)

    @property
    def yesterday(self) -> Slot | None:
        """What had run out last a day ago."""
        return next((one for one in reversed(self.ran_out) if one.silent_at <= self.at - DAY), None)

    def found(self, pk: str) -> Slot | None:
        return next((one for one in self.rows if str(one.pk) == pk), None)

    def before(self, slot: Slot) -> Slot | None:
        return next((one for one in reversed(self.ran_out) if one.due_at < slot.due_at), None)

    def after(self, slot: Slot) -> Slot | None:
        return next((one for one in self.ran_out if one.due_at > slot.due_at), None)


def calendars(operation: Operation, at: dt.datetime) -> dict[str, Calendar]:
    """The calendar of each track."""
    rows = list(slots(operation))
    return {track: Calendar([one for one in rows if one.track == track], at) for track in TRACKS}


def whole(path: str) -> bool:
    """Whether checks are made of whole areas at or below `path`: of a commune there are reports only."""
    return path.count("/") <= 2


def checked(
    user: Viewer, path: str, rows: Sequence[Slot], also: Slot | None = None
) -> tuple[list[Check], float | None]:
    """The checks in reach at and below `path` of these slots; and the median share of all provinces at `also`.

    The median is one number of the nation, which every province may compare itself with; nothing else of others is.
    """
    mine = Q(slot__in=[one.pk for one in rows], path__startswith=path) & condition(reach(user), Check)
    found = Check.objects.filter(mine | Q(slot=also)) if also else Check.objects.filter(mine)
    wanted = {one.pk for one in rows}
    kept, shares = [], []
    for row in found.order_by("slot__due_at", "path"):
        total = row.ready + row.conditional + row.not_ready + row.silent
        if also and row.slot_id == also.pk and total:
            shares.append(100 * row.ready / total)
        if (
            row.slot_id in wanted
            and row.path.startswith(path)
            and any(row.path.startswith(one.path) for one in reach(user))
        ):
            kept.append(row)
    return kept, median(shares) if shares else None


def points(rows: Sequence[Slot], checks: Iterable[Check]) -> list[Point]:
    """The checks added up by slot, oldest first; a slot that nobody has checked yet is no point."""
    made: dict[int, Point] = {}
    known = {one.pk: one for one in rows}
    for row in checks:
        point = made.setdefault(row.slot_id, Point(known[row.slot_id], row.ran_at))
        point.at = max(point.at, row.ran_at)
        point.areas += 1
        for verdict in VERDICTS:
            point.counts[verdict] += getattr(row, verdict)
        for item, number in row.items.items():
            point.items[item] = point.items.get(item, 0) + number
    return sorted((one for one in made.values() if one.total), key=lambda one: one.slot.due_at)


# By what each site stood when the slot was checked: its last report for this slot, else the last for a later one.
_STOOD = """(
  SELECT DISTINCT ON (r.site_id) r.site_id, r.verdict, r.answers, r.slot_id
    FROM s JOIN sites_sitereport r ON r.site_id = s.id
    JOIN sites_slot l ON l.id = r.slot_id
    LEFT JOIN sites_check k ON k.slot_id = {slot} AND k.path = s.area
   WHERE r.slot_id = ANY({later}) AND r.at <= coalesce(k.ran_at, {silent}::timestamptz)
   ORDER BY r.site_id, (r.slot_id = {slot}) DESC, l.due_at DESC, r.revision DESC)"""
_SITES = """s AS MATERIALIZED (
  SELECT id, path, kind, early, split_part(path, '/', 1) || '/' || split_part(path, '/', 2) || '/' AS area
    FROM ({sites}) q)"""

_MOVED = """
SELECT split_part(substr(s.path, {start}), '/', 1), coalesce(a.verdict, 'silent'), coalesce(b.verdict, 'silent'),
       count(*)
  FROM s LEFT JOIN {a} a ON a.site_id = s.id LEFT JOIN {b} b ON b.site_id = s.id
 WHERE a.verdict IS DISTINCT FROM b.verdict GROUP BY 1, 2, 3"""
_MOVED_SITES = """
SELECT s.id, coalesce(a.verdict, 'silent'), coalesce(b.verdict, 'silent'), a.answers, b.answers
  FROM s LEFT JOIN {a} a ON a.site_id = s.id LEFT JOIN {b} b ON b.site_id = s.id
 WHERE a.verdict IS DISTINCT FROM b.verdict
 ORDER BY array_position(%(grave)s, coalesce(b.verdict, 'silent')::text), s.path, s.id LIMIT %(most)s"""


def _sites(user: Viewer, path: str, track: str) -> tuple[str, tuple[Any, ...]]:
    rows = visible(Site.objects.filter(path__startswith=path), user)
    rows = rows.filter(early=track == "early") if track else rows
    try:
        return rows.order_by().values("id", "path", "kind", "early").query.sql_with_params()
    except EmptyResultSet:  # of roles that see no sites
        return "SELECT 0 AS id, '' AS path, '' AS kind, false AS early WHERE false", ()


def told_of(calendar_: Calendar, slot: Slot, name: str) -> dict[str, Any]:
    later = [one.pk for one in calendar_.rows if one.due_at >= slot.due_at and one.opens_at <= calendar_.at]
    return {f"{name}_slot": slot.pk, f"{name}_later": later, f"{name}_silent": slot.silent_at}


def stood(name: str) -> str:
    return _STOOD.format(slot=f"%({name}_slot)s", later=f"%({name}_later)s", silent=f"%({name}_silent)s")


def over_sites(
    sql: str, user: Viewer, path: str, track: str, told: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    """The rows of a statement over the sites in reach under `path`."""
    sites, values = _sites(user, path, track)
    named = {f"v{place}": value for place, value in enumerate(values)}
    for place in range(len(values)):
        sites = sites.replace("%s", f"%(v{place})s", 1)
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {_SITES.format(sites=sites)} {sql}", {**named, **told})
        return cursor.fetchall()


def from_reports(user: Viewer, path: str, calendar_: Calendar, rows: Sequence[Slot]) -> list[Point]:
    """The points of a commune, of which no check is kept by itself: one statement for all slots."""
    track = rows[0].track if rows else "regular"
    told = {"slots": [one.pk for one in rows], "track": track}
    found = over_sites(
        """SELECT l.id, coalesce(k.ran_at, l.silent_at), coalesce(a.verdict, 'silent'), count(*)
             FROM sites_slot l CROSS JOIN s LEFT JOIN sites_check k ON k.slot_id = l.id AND k.path = s.area
             LEFT JOIN LATERAL (
               SELECT r.verdict FROM sites_sitereport r JOIN sites_slot m ON m.id = r.slot_id
                WHERE r.site_id = s.id AND m.operation_id = l.operation_id AND m.track = l.track
                  AND m.due_at >= l.due_at AND r.at <= coalesce(k.ran_at, l.silent_at)
                ORDER BY (m.id = l.id) DESC, m.due_at DESC, r.revision DESC LIMIT 1) a ON true
            WHERE l.id = ANY(%(slots)s) GROUP BY 1, 2, 3""",
        user, path, track, told,
    )  # fmt: skip
    known = {one.pk: one for one in rows}
    made: dict[int, Point] = {}
    for pk, at, verdict, number in found:
        point = made.setdefault(pk, Point(known[pk], at, areas=1))
        point.counts[verdict] += number
    return sorted(made.values(), key=lambda one: one.slot.due_at)


def moved(
    user: Viewer, path: str, calendar_: Calendar, before: Slot, slot: Slot
) -> dict[tuple[str, str, str], int]:
    """How many sites went from which verdict to which, by child of `path`: (child, was, is) → sites."""
    start = len(path) + 1
    rows = over_sites(
        _MOVED.format(start=start, a=stood("a"), b=stood("b")),
        user, path, slot.track, {**told_of(calendar_, before, "a"), **told_of(calendar_, slot, "b")},
    )  # fmt: skip
    return {(child, was, now): number for child, was, now, number in rows}


@dataclass(frozen=True)
class Move:
    """A site that stands otherwise than before; which items turned wrong, which were mended."""

    site: Site
    was: str
    now: str
    wrong: list[checklist.Item]
    mended: list[checklist.Item]


def moved_sites(
    user: Viewer, path: str, calendar_: Calendar, before: Slot, slot: Slot, most: int = MOVED_AT_MOST
) -> list[Move]:
    """The sites that stand otherwise, those that fell first."""
    rows = over_sites(
        _MOVED_SITES.format(a=stood("a"), b=stood("b")),
        user, path, slot.track,
        {**told_of(calendar_, before, "a"), **told_of(calendar_, slot, "b"), "most": most, "grave": list(GRAVE)},
    )  # fmt: skip
    sites = Site.objects.select_related("unit__parent").in_bulk([row[0] for row in rows])
    made = []
    for pk, was, now, said, says in rows:
        site = sites[pk]
        earlier, later = _wrong(said, site.kind, before.phase), _wrong(says, site.kind, slot.phase)
        known = said is not None and says is not None
        items = checklist.ITEMS.values()
        made.append(
            Move(
                site, was, now,
                wrong=[one for one in items if one.code in later - earlier],
                mended=[one for one in items if known and one.code in earlier - later],
            )
        )  # fmt: skip
    return made


def _wrong(answers: str | None, kind: str, phase: str) -> set[str]:
    """The codes of what is asked and not in order."""
    if answers is None:
        return set()
    said = checklist.unpacked(answers)
    return {one.code for one in checklist.asked(kind, phase) if said.get(one.code) not in {"ok", "na"}}
