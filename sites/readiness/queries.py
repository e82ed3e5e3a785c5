"""Which slots are there, and how do sites and units stand?"""

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Case, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.timezone import get_default_timezone

from journal.clock import Now
from journal.written import KEPT
from sites.models import Site, SiteStatus
from sites.queries import listed
from sites.readiness import calendar
from sites.readiness.models import LocalItem, SiteReport, Slot, UnitReport, UnitStatus
from subcommittees.models import Operation, Unit
from subcommittees.queries import live_appointments, on_duty
from subcommittees.roles import ROLES, Level
from subcommittees.scope import NATION, Reach, Viewer, condition

VERDICTS = ("ready", "conditional", "not_ready", "silent")


def slots(operation: Operation, track: str = "") -> QuerySet[Slot]:
    """The slots of the operation that stand, in the order of time."""
    rows = Slot.objects.filter(operation=operation, cancelled_at=None)
    return (rows.filter(track=track) if track else rows).order_by("due_at", "track")


def all_slots(operation: Operation) -> QuerySet[Slot]:
    """With those that were cancelled."""
    return Slot.objects.filter(operation=operation).order_by("due_at", "track")


def current_of(rows: Iterable[Slot], at: dt.datetime) -> set[int]:
    """Which of these (in the order of time) are to be answered now: `asked_now`, of every track."""
    return set(
        {
            row.track: row.pk
            for row in rows
            if row.cancelled_at is None and row.opens_at <= at < row.closes_at
        }.values()
    )


def held(operation: Operation, pk: int) -> Slot:
    """The slot as it is now, kept from being edited until the end of the transaction; or Slot.DoesNotExist."""
    rows = Slot.objects.raw(
        "SELECT * FROM sites_slot WHERE id = %s AND operation_id = %s FOR KEY SHARE", [pk, operation.pk]
    )
    for slot in rows:
        return slot
    raise Slot.DoesNotExist


def beside(slot: Slot) -> list[int]:
    """Ids of the slots of its track that stand next to it."""
    others = slots(slot.operation, slot.track).exclude(pk=slot.pk).values_list("pk", flat=True)
    near = others.filter(due_at__lt=slot.due_at).last(), others.filter(due_at__gt=slot.due_at).first()
    return [pk for pk in near if pk]


def desks() -> list[str]:
    """The paths of those who are told when the calendar changes: every province and command."""
    return list(Unit.objects.filter(kind__in=("province", "command")).values_list("path", flat=True))


def answered(slot: Slot) -> bool:
    """Whether any site or unit has reported for it."""
    return any(model.objects.filter(slot=slot).exists() for model in (SiteReport, UnitReport))


def open_slots(operation: Operation) -> QuerySet[Slot]:
    """Those that take answers now."""
    return slots(operation).filter(opens_at__lte=Now(), closes_at__gt=Now())


def asked_now(operation: Operation, track: str = "regular") -> Slot | None:
    """The slot that is to be answered now: of those open, the one that is due last."""
    return open_slots(operation).filter(track=track).order_by("due_at").last()


def ran_out(operation: Operation, track: str = "") -> QuerySet[Slot]:
    """Those that everybody must have answered; what had run out before it was planned nobody could answer."""
    return slots(operation, track).filter(silent_at__lte=Now(), silent_at__gt=F("planned_at"))


def judged_now(operation: Operation, track: str = "regular") -> Slot | None:
    """The slot that everybody must have answered by now: who has answered none since is silent."""
    return ran_out(operation, track).last()


# Điều 71: from seven to nineteen o'clock; it may begin at five and end at twenty-one at the latest.
FIRST_OPENING, CLOSING, LAST_CLOSING = dt.time(5), dt.time(19), dt.time(21)


def poll_hours(operation: Operation, site: Site) -> tuple[dt.datetime, dt.datetime, dt.datetime]:
    """When the poll of this site may begin, when it ends unless extended, and when at the latest."""
    day, zone = calendar.day_of(operation.election_day, track_of(site)), get_default_timezone()
    first, end, last = (dt.datetime.combine(day, at, zone) for at in (FIRST_OPENING, CLOSING, LAST_CLOSING))
    return first, end, last


def track_of(site: Site) -> str:
    return "early" if site.early else "regular"


def told_of_interruption(path: str) -> set[int]:
    """Those on duty at the province and the ministry above a site, who must know when its poll stops or moves."""
    return set(on_duty(path, {Level.PROVINCE, Level.MINISTRY}, topic="sites"))


def latest(slot: Slot, sites: Iterable[int]) -> dict[int, SiteReport]:
    """The last revision of each of these sites' reports for the slot."""
    rows = SiteReport.objects.filter(slot=slot, site__in=list(sites)).order_by("site", "-revision")
    return {row.site_id: row for row in rows.distinct("site")}


def local_items(operation: Operation, path: str) -> list[LocalItem]:
    """What the province above (or at) `path` asks besides the table."""
    province = "/".join(path.split("/")[:2]) + "/"
    rows = LocalItem.objects.filter(operation=operation, path=province, retired_at=None)
    return list(rows.order_by("pk"))


def officers(path: str) -> list[int]:
    """Ids of those who report for the unit at `path` itself."""
    roles = [role.code for role in ROLES.values() if "readiness.file" in role.verbs]
    rows = live_appointments().filter(path=path, role__in=roles)
    return list(rows.order_by("user_id").values_list("user_id", flat=True).distinct())


def how_sites_stand(
    user: Viewer,
    operation: Operation,
    *,
    unit: str = "",
    verdicts: Iterable[str] = (),
    slot: Slot | None = None,
) -> QuerySet[Site]:
    """The sites in reach, each with how it `stands` now, or by its last report for `slot`: `silent` without one.

    `said` is the id of the report it stands by, `due` the slot's; `verified_at` of the report it stands by now.
    """
    here = FilteredRelation("statuses", condition=Q(statuses__operation=operation))
    rows = listed(user, operation, unit=unit).annotate(status=here)
    rows = rows.annotate(stands_by=F("status__report"), verified_at=F("status__verified_at"))
    if slot is None:
        fresh = Q(status__due__isnull=False)
        for track, due in judged_dues(operation).items():
            fresh &= Q(early=track != "early") | Q(status__due__gte=due)
        stands: Any = Case(When(fresh, then=F("status__verdict")), default=Value("silent"))
        rows = rows.annotate(said=F("status__report"), due=F("status__due"))
    else:
        last = SiteReport.objects.filter(slot=slot, site=OuterRef("pk")).order_by("-revision")[:1]
        stands = Coalesce(Subquery(last.values("verdict")), Value("silent"))
        rows = rows.filter(early=slot.track == "early").annotate(
            said=Subquery(last.values("pk")), due=Value(slot.due_at)
        )
    verdicts = list(verdicts)
    rows = rows.annotate(stands=stands)
    return rows.filter(stands__in=verdicts) if verdicts else rows


def judged_dues(operation: Operation) -> dict[str, dt.datetime]:
    """The due time of the slot that has run out last, of each track that has one."""
    rows = ran_out(operation).values_list("track", "due_at")
    return dict(rows)  # in the order of time: the last of each stays


def reports(ids: Iterable[int | None]) -> dict[int, SiteReport]:
    return SiteReport.objects.in_bulk([pk for pk in ids if pk])


# A row for each child of the unit at `path`: how many of its sites are ready, conditional, not_ready, silent. Sites
# are counted themselves; who has answered no slot since the last one that ran out is silent. {sites}, {answered},
# {units}, {said} are the rows in reach. Grouped by commune first: to cut up 72,195 paths took as long as to read them.
# The few who vote early are counted with all others, and then put right by their own calendar.
STANDING = """
now_due AS (
  SELECT coalesce(max(due_at) FILTER (WHERE track = 'regular'), '-infinity') AS regular,
         coalesce(max(due_at) FILTER (WHERE track = 'early'), '-infinity') AS early
    FROM sites_slot WHERE operation_id = %s AND cancelled_at IS NULL
     AND silent_at <= journal_now() AND silent_at > planned_at),
owing AS (
  SELECT split_part(substr(path, %s), '/', 1) AS child, sum(sites)::int AS sites
    FROM (SELECT path, count(*) AS sites FROM ({sites}) s GROUP BY path) s GROUP BY 1),
answering AS (
  SELECT split_part(substr(path, %s), '/', 1) AS child, sum(ready)::int AS ready,
         sum(conditional)::int AS conditional, sum(said - ready - conditional)::int AS not_ready
    FROM (SELECT path, count(*) AS said, count(*) FILTER (WHERE verdict = 'ready') AS ready,
                 count(*) FILTER (WHERE verdict = 'conditional') AS conditional
            FROM ({answered}) a, now_due WHERE due >= regular GROUP BY path
           UNION ALL
          SELECT path, more, more * (verdict = 'ready')::int, more * (verdict = 'conditional')::int
            FROM (SELECT path, verdict, (due >= early)::int - (due >= regular)::int AS more
                    FROM ({answered_early}) a, now_due) e) a
   GROUP BY 1),
units_owing AS (
  SELECT split_part(substr(path, %s), '/', 1) AS child, count(*) AS units FROM ({units}) u GROUP BY 1),
units_answering AS (
  SELECT split_part(substr(path, %s), '/', 1) AS child,
         count(*) FILTER (WHERE verdict = 'ready') AS u_ready,
         count(*) FILTER (WHERE verdict = 'conditional') AS u_conditional,
         count(*) FILTER (WHERE verdict = 'not_ready') AS u_not_ready
    FROM ({said}) a, now_due WHERE due >= now_due.regular GROUP BY 1)
"""

OWES = ("province", "commune", "command")  # the kinds of unit that report on themselves


@lru_cache(maxsize=KEPT)
def standing(held: tuple[Reach, ...], operation: int, path: str) -> tuple[str, tuple[Any, ...]]:
    """The rows of STANDING for these roles, as common table expressions with their values."""
    under: dict[str, Any] = {} if path == NATION else {"path__startswith": path}
    answered = SiteStatus.objects.filter(
        condition(held, SiteStatus), operation=operation, due__isnull=False, **under
    ).values("path", "due", "verdict")
    parts = {
        "sites": Site.objects.filter(condition(held, Site), **under).order_by().values("path"),
        "answered": answered,
        "answered_early": answered.filter(site__in=Site.objects.filter(early=True).order_by().values("pk")),
        "units": Unit.objects.filter(condition(held, UnitStatus), kind__in=OWES, **under)
        .order_by()
        .values("path"),
        "said": UnitStatus.objects.filter(condition(held, UnitStatus), operation=operation, **under).values(
            "path", "due", "verdict"
        ),
    }
    said = {name: _said(rows) for name, rows in parts.items()}
    start = len(path) + 1
    values: list[Any] = [operation]
    for names in (("sites",), ("answered", "answered_early"), ("units",), ("said",)):
        values += [start, *(value for name in names for value in said[name][1])]
    return STANDING.format(**{name: sql for name, (sql, _values) in said.items()}), tuple(values)


def _said(rows: QuerySet[Any, Any]) -> tuple[str, tuple[Any, ...]]:
    try:
        return rows.query.sql_with_params()
    except EmptyResultSet:  # of roles that see no sites
        return "SELECT '' AS path, NULL::timestamptz AS due, '' AS verdict WHERE false", ()
