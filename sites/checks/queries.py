"""What is not in order, since when, and when was it last looked at?"""

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from journal.clock import Now
from journal.models import Event
from journal.written import KEPT
from sites import checklist
from sites.models import Site, SiteStatus
from sites.readiness.models import Check, Finding, LocalItem, Slot, UnitStatus
from sites.readiness.queries import OWES
from sites.states import KINDS
from subcommittees.models import Operation, Unit
from subcommittees.queries import live_appointments
from subcommittees.roles import ROLES, Level
from subcommittees.scope import Reach, Viewer, condition, visible

AREAS = ("province", "command")  # what is judged by itself: everything that owes stands in one of them
TOP = 2  # the level of the ministry, above which nobody is told


@lru_cache(maxsize=KEPT)
def open_under(held: tuple[Reach, ...], operation: int, path: str) -> tuple[str, tuple[Any, ...]]:
    """The open findings at and below `path` that these roles see: rows of (path, critical), with their values."""
    rows = Finding.objects.filter(
        condition(held, Finding), operation=operation, path__startswith=path, closed_at=None
    )
    try:
        return rows.values("path", "critical").query.sql_with_params()
    except EmptyResultSet:  # of roles that see no sites
        return "SELECT '' AS path, false AS critical WHERE false", ()


def seen(user: Viewer, operation: Operation) -> QuerySet[Finding]:
    rows = Finding.objects.filter(operation=operation)
    return visible(rows, user).select_related("site__unit__parent", "unit__parent")


def listed(
    user: Viewer,
    operation: Operation,
    *,
    unit: str = "",
    still: bool | None = None,
    kind: Iterable[str] = (),
    critical: bool | None = None,
    level: Iterable[int] = (),
) -> QuerySet[Finding]:
    """The findings in reach that match: what has climbed highest first, then the critical, then the oldest."""
    rows = seen(user, operation)
    if unit:
        rows = rows.filter(path__startswith=unit)
    if still is not None:
        rows = rows.filter(closed_at__isnull=still)
    if critical is not None:
        rows = rows.filter(critical=critical)
    if kind:
        rows = rows.filter(kind__in=kind)
    if level:
        rows = rows.filter(level__in=level)
    return rows.order_by("-level", "-critical", "opened_at", "id")


def found(user: Viewer, operation: Operation, finding: UUID) -> Finding:
    """The finding, or Finding.DoesNotExist: absent and out of reach are the same."""
    return seen(user, operation).get(pk=finding)


def above(finding: Finding) -> str:
    """The path of the unit above the one that has to mend it."""
    return "/".join(finding.path.rstrip("/").split("/")[:-1]) + "/"


def item_names(rows: Iterable[Finding]) -> dict[str, Any]:
    """How the items of these findings are called, by code: of the tables, and what provinces added."""
    codes = {row.item for row in rows if row.item}
    own = [code[1:] for code in codes if code[:1] == "x" and code[1:].isdigit()]
    names = {f"x{row.pk}": row.item.name for row in (LocalItem.objects.filter(pk__in=own) if own else ())}
    tables: Mapping[str, Any] = {**checklist.ITEMS, **checklist.UNIT_ITEMS}
    return {code: tables[code].name for code in codes if code in tables} | names


def last_check(operation: Operation, path: str, track: str = "regular") -> Check | None:
    """The last check of the province at or above `path`; of the nation, of whichever was judged last."""
    rows = Check.objects.filter(slot__operation=operation, slot__track=track).select_related("slot")
    if path.count("/") > 1:
        rows = rows.filter(path="/".join(path.split("/")[:2]) + "/")
    return rows.order_by("-slot__due_at", "-ran_at").first()


def before(slot: Slot, area: Unit) -> Check | None:
    """The check of the slot before this one."""
    rows = Check.objects.filter(province=area, slot__operation=slot.operation_id, slot__track=slot.track)
    return rows.filter(slot__due_at__lt=slot.due_at).order_by("-slot__due_at").first()


def unchecked(most: int) -> list[tuple[int, int]]:
    """Which slots ran out, in which areas, without having been judged: (slot, unit), the oldest first.

    What had run out before it was even planned nobody could answer: it is not judged.
    """
    return _pairs(
        "silent_at <= journal_now() AND silent_at > planned_at",
        "sites_check",
        most,
    )


def unreminded(most: int) -> list[tuple[int, int]]:
    """Of which slots, in which areas, is it time to remind: (slot, unit)."""
    return _pairs("remind_at <= journal_now() AND silent_at > journal_now()", "sites_reminder", most)


def _pairs(due: str, done: str, most: int) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS.format(due=due, done=done), [list(AREAS), most])
        return cursor.fetchall()


_PAIRS = """
SELECT l.id, u.id FROM sites_slot l JOIN subcommittees_unit u ON u.kind = ANY(%s)
 WHERE l.cancelled_at IS NULL AND {due}
   AND NOT EXISTS (SELECT 1 FROM {done} d WHERE d.slot_id = l.id AND d.province_id = u.id)
 ORDER BY l.due_at, l.id, u.path LIMIT %s
"""


def climbing() -> list[tuple[int, int, str]]:
    """Where something has stood too long: (operation, level that is told now, path of the area or of the nation)."""
    rows = Finding.objects.filter(closed_at=None, level__lt=TOP, escalate_at__lte=Now())
    told = {
        (operation, level + 1, "/".join(path.split("/")[: 2 - level]) + "/")
        for operation, level, path in rows.values_list("operation", "level", "path").distinct()
    }
    return sorted(told)


def officers(paths: Iterable[str]) -> dict[str, list[int]]:
    """Who is called where a unit does not answer: the officers of a commune, elsewhere those on duty."""
    called = [
        role.code
        for role in ROLES.values()
        if "readiness.file" in role.verbs and (role.duty or Level.COMMUNE in role.levels)
    ]
    rows = live_appointments().filter(role__in=called, path__in=list(paths)).order_by("user_id")
    found: dict[str, list[int]] = {}
    for path, user in rows.values_list("path", "user_id").distinct():
        found.setdefault(path, []).append(user)
    return found


def places(paths: Iterable[str]) -> dict[str, Unit]:
    return {unit.path: unit for unit in Unit.objects.select_related("parent").filter(path__in=list(paths))}


def statuses(ids: Iterable[int]) -> Iterable[SiteStatus]:
    return SiteStatus.objects.select_related("site").filter(pk__in=list(ids)) if ids else ()


def unit_statuses(ids: Iterable[int]) -> Iterable[UnitStatus]:
    ids = list(ids)
    return UnitStatus.objects.filter(pk__in=ids) if ids else ()


def unknown(slot: Slot, area: Unit) -> QuerySet[Site]:
    """The sites that are judged at the slot and of which nothing at all is kept in this operation."""
    given = of(slot, area)
    kept = SiteStatus.objects.filter(
        operation=given["operation"], site=OuterRef("pk"), path__gte=given["path"], path__lt=given["end"]
    )
    rows = Site.objects.filter(~Exists(kept), path__gte=given["path"], path__lt=given["end"])
    return rows.filter(early=given["early"]).order_by("pk")


def unanswered(slot: Slot, area: Unit) -> dict[str, dict[str, int]]:
    """Who has not answered the slot, by path: how many `sites`, and whether `own` report of the unit is missing."""
    missing: dict[str, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.path, count(*) FROM sites_site s LEFT JOIN sites_sitestatus t"
            " ON t.site_id = s.id AND t.operation_id = %(operation)s AND t.path >= %(path)s AND t.path < %(end)s"
            " WHERE s.path >= %(path)s AND s.path < %(end)s AND s.early = %(early)s"
            " AND (t.due IS NULL OR t.due < %(due)s) GROUP BY 1",
            of(slot, area),
        )
        for path, sites in cursor.fetchall():
            missing[path] = {"sites": sites, "own": 0}
        cursor.execute(
            "SELECT u.path FROM subcommittees_unit u LEFT JOIN sites_unitstatus t"
            " ON t.unit_id = u.id AND t.operation_id = %(operation)s"
            " WHERE u.path >= %(path)s AND u.path < %(end)s AND u.kind = ANY(%(owes)s) AND NOT %(early)s"
            " AND (t.due IS NULL OR t.due < %(due)s)",
            of(slot, area),
        )
        for (path,) in cursor.fetchall():
            missing.setdefault(path, {"sites": 0, "own": 0})["own"] = 1
    return missing


def reminded_since(operation: Operation, unit: Unit, at: dt.datetime) -> set[str]:
    """The paths at or below `unit` whose officers have been reminded since then."""
    rows = Event.objects.filter(operation=operation.slug, verb="readiness.reminded", at__gte=at)
    return set(rows.filter(path__startswith=unit.path).values_list("path", flat=True))


def of(slot: Slot, area: Unit) -> dict[str, Any]:
    """What the statements of a check are told: the slot, and the span of paths of the area."""
    return {
        "operation": slot.operation_id,
        "slot": slot.pk,
        "due": slot.due_at,
        "early": slot.track == "early",
        "path": area.path,
        "end": area.path[:-1] + "0",  # "0" comes next after "/"
        "owes": list(OWES),
    }


# How everything that owes an answer stands, each judged anew by the items of what it said for this slot, or later; and
# what follows: `opened` and `closed` findings. Only who has answered nothing since is silent. Of a slot judged late,
# items are compared only where nothing later was said. What is judged of a report is as in answers.py: what is asked in
# its phase, what is still open, and whatever else was said; nothing that is no longer asked.
_JUDGED = """
WITH item(code, place, phase, kind, critical, asked) AS (VALUES {items}),
{owed}, standing AS MATERIALIZED (
  SELECT f.id, f.{owner} AS owner, f.kind, f.item, f.critical FROM sites_finding f
   WHERE f.operation_id = %(operation)s AND f.path >= %(path)s AND f.path < %(end)s AND f.closed_at IS NULL
     AND f.kind IN ('silent', 'item') AND f.{owner} IS NOT NULL),
{said}, judged AS MATERIALIZED (
  SELECT o.*, CASE WHEN o.report IS NULL THEN 'silent' WHEN w.critical THEN 'not_ready'
                   WHEN w.id IS NOT NULL OR short.id IS NOT NULL THEN 'conditional' ELSE 'ready' END AS verdict
    FROM owed o LEFT JOIN (SELECT id, bool_or(critical) AS critical FROM wrong GROUP BY id) w USING (id)
    LEFT JOIN short USING (id)),
missing AS (
  SELECT id, path, 'silent' AS kind, '' AS item, true AS critical, %(silent_climbs)s::timestamptz AS climbs
    FROM judged WHERE verdict = 'silent'
   UNION ALL
  SELECT j.id, j.path, 'item', w.item, w.critical, CASE WHEN w.critical THEN %(item_climbs)s::timestamptz END
    FROM wrong w JOIN judged j USING (id) WHERE j.due = %(due)s),
{writes}
SELECT (SELECT coalesce(jsonb_object_agg(verdict, n), '{{}}') FROM
         (SELECT verdict, count(*) AS n FROM judged GROUP BY 1) v),
       (SELECT coalesce(jsonb_object_agg(item, n), '{{}}') FROM (SELECT item, count(*) AS n FROM wrong GROUP BY 1) i),
       (SELECT coalesce(jsonb_agg(to_jsonb(opened)), '[]') FROM opened),
       (SELECT coalesce(jsonb_agg(to_jsonb(closed)), '[]') FROM closed),
       (SELECT coalesce(jsonb_object_agg(path, n), '{{}}') FROM
         (SELECT path, count(*) AS n FROM judged WHERE verdict = 'silent' GROUP BY 1) q),
       (SELECT coalesce(jsonb_agg(id), '[]') FROM righted)
"""
_REPORT = """CASE WHEN t.due = %(due)s THEN t.report_id WHEN t.due > %(due)s THEN coalesce(
  (SELECT r.id FROM {reports} r WHERE r.slot_id = %(slot)s AND r.{owner} = {one}.id ORDER BY r.revision DESC LIMIT 1),
  t.report_id) END"""
_OWED_SITES = """owed AS MATERIALIZED (
  SELECT s.id, s.path, s.kind, t.due, {report} AS report
    FROM sites_site s LEFT JOIN sites_sitestatus t ON t.site_id = s.id AND t.operation_id = %(operation)s
         AND t.path >= %(path)s AND t.path < %(end)s
   WHERE s.path >= %(path)s AND s.path < %(end)s AND s.early = %(early)s)"""
_SAID_OF_SITES = """said AS MATERIALIZED (
  SELECT o.id, o.kind, l.phase, r.answers, r.local, r.at
    FROM owed o JOIN sites_sitereport r ON r.id = o.report JOIN sites_slot l ON l.id = r.slot_id),
added AS MATERIALIZED (
  SELECT 'x' || x.id AS code, x.phase, x.kind, x.critical, x.added_at FROM sites_localitem x
   WHERE x.operation_id = %(operation)s AND x.path = %(path)s AND x.retired_at IS NULL),
flawed AS MATERIALIZED (
  SELECT d.* FROM said d JOIN (VALUES {well}) w(phase, kind, letters) ON w.phase = d.phase AND w.kind = d.kind
   WHERE strpos(d.answers, 'n') + strpos(d.answers, 'r') > 0 OR translate(d.answers, 'a', 'o') NOT LIKE w.letters),
wrong AS MATERIALIZED (
  SELECT d.id, i.code AS item, i.critical FROM flawed d JOIN item i ON i.asked AND i.kind IN ('', d.kind)
   WHERE substr(d.answers, i.place, 1) NOT IN ('o', 'a')
     AND (i.phase = d.phase OR substr(d.answers, i.place, 1) IN ('n', 'r'))
   UNION ALL
  SELECT d.id, i.code, i.critical FROM standing s
    JOIN said d ON d.id = s.owner JOIN item i ON i.code = s.item AND i.asked AND i.kind IN ('', d.kind)
   WHERE i.phase <> d.phase AND substr(d.answers, i.place, 1) NOT IN ('o', 'a', 'n', 'r')
   UNION ALL
  SELECT d.id, x.code, x.critical FROM added x
    JOIN said d ON x.kind IN ('', d.kind) LEFT JOIN standing s ON s.owner = d.id AND s.item = x.code
   WHERE coalesce(d.local ->> x.code, '') NOT IN ('ok', 'na')
     AND (x.phase = d.phase AND x.added_at <= d.at OR d.local ->> x.code IS NOT NULL OR s.id IS NOT NULL)),
short AS (SELECT 0 AS id WHERE false),
mended AS (
  SELECT s.id FROM standing s JOIN said d ON d.id = s.owner
    LEFT JOIN item i ON i.code = s.item AND i.asked AND i.kind IN ('', d.kind)
    LEFT JOIN added x ON x.code = s.item AND x.kind IN ('', d.kind)
   WHERE s.kind = 'item' AND (
         substr(d.answers, i.place, 1) IN ('o', 'a') OR d.local ->> s.item IN ('ok', 'na')
         OR (i.code IS NULL AND x.code IS NULL)))"""
_OWED_UNITS = """owed AS MATERIALIZED (
  SELECT u.id, u.path, t.due, {report} AS report
    FROM subcommittees_unit u LEFT JOIN sites_unitstatus t ON t.unit_id = u.id AND t.operation_id = %(operation)s
   WHERE u.path >= %(path)s AND u.path < %(end)s AND u.kind = ANY(%(owes)s) AND NOT %(early)s)"""
_SAID_OF_UNITS = """said AS MATERIALIZED (
  SELECT o.id, r.answers, r.numbers FROM owed o JOIN sites_unitreport r ON r.id = o.report),
wrong AS MATERIALIZED (
  SELECT d.id, i.code AS item, i.critical FROM said d JOIN item i ON i.asked
   WHERE coalesce(d.answers ->> i.code, '') NOT IN ('ok', 'na')),
short AS (
  SELECT id FROM said WHERE coalesce((numbers ->> 'strength')::numeric, 0)
                          < coalesce((numbers ->> 'strength_planned')::numeric, 0)),
mended AS (
  SELECT s.id FROM standing s JOIN said d ON d.id = s.owner
   WHERE s.kind = 'item' AND d.answers ->> s.item IN ('ok', 'na'))"""


def _values(rows: Iterable[tuple[str, int, str, str, bool, bool]]) -> str:
    return ", ".join(
        f"('{code}', {place}, '{phase}', '{kind}', {critical}, {asked})"
        for code, place, phase, kind, critical, asked in rows
    )


def _well() -> str:
    """What answers look like, by phase and kind, in which nothing is missing: most are such, and end there."""
    return ", ".join(
        f"('{phase}', '{kind}', '{_letters(phase, kind)}%%')" for phase in checklist.PHASES for kind in KINDS
    )


def _letters(phase: str, kind: str) -> str:
    asked = {one.code for one in checklist.asked(kind, phase)}
    return "".join("o" if code in asked else "_" for code in checklist.ITEMS)


def judged(writes: str) -> tuple[str, str]:
    """The statements that judge the sites and the units of an area and let `writes` follow from it.

    Each answers one row: verdicts and items with their numbers, findings opened and closed, the silent by path.
    """
    sites = _values(
        (one.code, checklist.PLACE[one.code] + 1, one.phase, one.kind, one.critical, not one.retired)
        for one in checklist.ITEMS.values()
    )
    units = _values(
        (one.code, 0, "", "", one.critical, not one.retired)
        for one in checklist.UNIT_ITEMS.values()
        if not one.number
    )
    owners = {"site": ("site_id", "sites_sitereport", "s"), "unit": ("unit_id", "sites_unitreport", "u")}
    statuses = {"site": "sites_sitestatus", "unit": "sites_unitstatus"}
    parts = {"site": (sites, _OWED_SITES, _SAID_OF_SITES), "unit": (units, _OWED_UNITS, _SAID_OF_UNITS)}
    said = []
    for which, (owner, reports, one) in owners.items():
        items, owed, answers = parts[which]
        report = _REPORT.format(reports=reports, owner=owner, one=one)
        said.append(
            _JUDGED.format(
                items=items, owed=owed.format(report=report), owner=owner, said=answers.format(well=_well()),
                writes=writes.format(owner=owner, statuses=statuses[which]),
            )
        )  # fmt: skip
    return said[0], said[1]
