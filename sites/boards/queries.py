"""What is missing, where, and who has not answered?"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, FilteredRelation, Q, QuerySet, Value, When

from sites import checklist
from sites.models import Site
from sites.queries import listed
from sites.readiness.models import Slot, UnitStatus
from sites.trends.queries import Calendar, over_sites, stood, told_of
from subcommittees.models import Operation, Unit
from subcommittees.scope import NATION, Viewer, visible

# Which items are not in order where, by the last reports of those who have answered: (site, item). What was found in an
# earlier phase and is not mended counts too, as it does for the verdict.
_WRONG = """
said AS MATERIALIZED (
  SELECT s.id, s.kind, s.area, l.phase, r.answers, r.local, r.at
    FROM s JOIN sites_sitestatus t ON t.site_id = s.id AND t.operation_id = %(operation)s
    JOIN sites_sitereport r ON r.id = t.report_id JOIN sites_slot l ON l.id = r.slot_id
   WHERE t.verdict IN ('conditional', 'not_ready')
     AND t.due >= CASE WHEN s.early THEN %(early)s::timestamptz ELSE %(regular)s::timestamptz END),
wrong AS (
  SELECT d.id, i.code AS item FROM said d
    JOIN (VALUES {items}) i(code, place, phase, kind) ON i.phase = d.phase AND i.kind IN ('', d.kind)
   WHERE substr(d.answers, i.place, 1) NOT IN ('o', 'a')
   UNION
  SELECT d.id, f.item FROM said d JOIN sites_finding f ON f.site_id = d.id
   WHERE f.operation_id = %(operation)s AND f.kind = 'item' AND f.closed_at IS NULL
   UNION
  SELECT d.id, 'x' || x.id FROM said d JOIN sites_localitem x ON x.path = d.area
   WHERE x.operation_id = %(operation)s AND x.retired_at IS NULL AND x.phase = d.phase AND x.kind IN ('', d.kind)
     AND x.added_at <= d.at
     AND coalesce(d.local ->> ('x' || x.id), '') NOT IN ('ok', 'na'))
"""
_ITEMS = ", ".join(
    f"('{one.code}', {checklist.PLACE[one.code] + 1}, '{one.phase}', '{one.kind}')"
    for one in checklist.ITEMS.values()
    if not one.retired
)

_STANDS = """
, said_of AS (
  SELECT s.path, coalesce(t.due, '-infinity') AS due, t.verified_at IS NULL AS unconfirmed,
         t.due IS NOT NULL AND t.due >= CASE WHEN s.early THEN %(early)s::timestamptz
                                             ELSE %(regular)s::timestamptz END AS fresh, {was} AS was
    FROM s LEFT JOIN sites_sitestatus t ON t.site_id = s.id AND t.operation_id = %(operation)s {then})
SELECT '' AS item, path, count(*) FILTER (WHERE NOT fresh) AS silent,
       nullif(min(due) FILTER (WHERE NOT fresh), '-infinity') AS answered,
       count(*) FILTER (WHERE fresh AND unconfirmed) AS unconfirmed, count(*) FILTER (WHERE was) AS ready_before,
       count(was) AS before, (SELECT name FROM subcommittees_unit u WHERE u.path = said_of.path)
  FROM said_of GROUP BY path
 UNION ALL
SELECT item, '', count(*), NULL, 0, 0, 0, '' FROM wrong GROUP BY item
"""
_OF_ITEM = "SELECT id FROM wrong WHERE item = %(item)s"


def _dues(known: Mapping[str, Calendar]) -> dict[str, Any]:
    """By track: when what has run out last was due; before the first nobody is silent who has answered."""
    return {track: one.judged.due_at if one.judged else "-infinity" for track, one in known.items()}


@dataclass
class Missing:
    """What one commune still owes."""

    silent: int
    answered: (
        dt.datetime | None
    )  # the due time of the oldest last answer of a silent site; None: one never answered
    unconfirmed: int
    ready_before: int  # of `before` sites, at the slot compared with
    before: int
    name: str


def missing(
    user: Viewer, operation: Operation, path: str, known: Mapping[str, Calendar], then: Slot | None = None
) -> tuple[dict[str, Missing], dict[str, int]]:
    """What is missing now: by commune; and at how many sites each item is not in order, the most first.

    `then`: the communes are compared with this slot.
    """
    told = {"operation": operation.pk, **_dues(known)}
    joined = {"was": "NULL::boolean", "then": ""}
    if then:
        told |= told_of(known[then.track], then, "then")
        joined = {
            "was": f"CASE WHEN s.early = ({then.track == 'early'}) THEN coalesce(b.verdict = 'ready', false) END",
            "then": f"LEFT JOIN {stood('then')} b ON b.site_id = s.id",
        }
    ask = ", " + _WRONG.format(items=_ITEMS) + _STANDS.format(**joined)
    communes, items = {}, {}
    for item, place, *rest in over_sites(ask, user, path, "", told):
        if item:
            items[item] = rest[0]
        else:
            communes[place] = Missing(*rest)
    return communes, dict(sorted(items.items(), key=lambda one: (-one[1], checklist.PLACE.get(one[0], 99))))


def standing(
    user: Viewer,
    operation: Operation,
    known: Mapping[str, Calendar],
    *,
    unit: str = "",
    verdict: Iterable[str] = (),
    item: str = "",
    q: str = "",
    unconfirmed: bool = False,
) -> QuerySet[Site]:
    """The sites in reach that match, each with how it `stands`, the slot it answered last (`due`) and its report."""
    dues = _dues(known)
    fresh = Q(early=False, status__due__gte=dues["regular"]) | Q(early=True, status__due__gte=dues["early"])
    if "-infinity" in dues.values():
        never = {track == "early" for track, due in dues.items() if due == "-infinity"}
        fresh = Q(status__due__isnull=False, early__in=never)
        for track, due in dues.items():
            if due != "-infinity":
                fresh |= Q(early=track == "early", status__due__gte=due)
    rows = listed(user, operation, q=q, unit=unit).annotate(
        status=FilteredRelation("statuses", condition=Q(statuses__operation=operation))
    )
    rows = rows.annotate(
        stands=Case(When(fresh, then=F("status__verdict")), default=Value("silent")),
        due=F("status__due"),
        confirmed_at=F("status__verified_at"),
        said_at=F("status__report__at"),
        said_by=F("status__report__post"),
        source=F("status__report__source"),
        late=F("status__report__late"),
        note=F("status__report__note"),
    )
    if wanted := list(verdict):
        rows = rows.filter(stands__in=wanted)
    if unconfirmed:
        rows = rows.filter(confirmed_at=None).exclude(stands="silent")
    if item:
        found = over_sites(
            ", " + _WRONG.format(items=_ITEMS) + _OF_ITEM,
            user, unit or NATION, "", {"operation": operation.pk, "item": item, **dues},
        )  # fmt: skip
        rows = rows.filter(pk__in=[pk for (pk,) in found])
    return rows


@dataclass
class Answered:
    """What a site said last: the answer to each item, and why one was sent back."""

    site: Any  # with what `standing` says of it
    said: dict[str, str]
    asked: set[str]
    reasons: dict[str, str]

    def letter(self, item: str) -> str:
        return self.said.get(item, "none" if item in self.asked else "")


def last_reports(
    user: Viewer, operation: Operation, known: Mapping[str, Calendar], path: str
) -> list[Answered]:
    """The last reports of the sites of a commune, whichever slot they are for."""
    rows: Any = standing(user, operation, known, unit=path).annotate(
        answers=F("status__report__answers"),
        local=F("status__report__local"),
        reasons=F("status__report__reasons"),
        revision=F("status__report__revision"),
        slot=F("status__report__slot"),
        phase=F("status__report__slot__phase"),
        confirmed=F("status__verified_at"),
    )
    return [
        Answered(
            one,
            said=checklist.unpacked(one.answers or "") | (one.local or {}),
            asked={item.code for item in checklist.asked(one.kind, one.phase or "")},
            reasons=one.reasons or {},
        )
        for one in rows
    ]


def own_reports(user: Viewer, operation: Operation, unit: Unit) -> dict[str, UnitStatus]:
    """How the unit and those directly below it stand by their own last reports, by path."""
    rows = visible(UnitStatus.objects.filter(Q(unit=unit) | Q(unit__parent=unit), operation=operation), user)
    return {row.path: row for row in rows.select_related("report__slot")}
