"""How does election day come to lie elsewhere? Every slot moves with it, and what was reported for it."""

import datetime as dt
from collections.abc import Iterator

from django.db import connection
from django.db.models import Exists, OuterRef

from command_center.demo import checked
from journal import clock
from journal.log import Fact, record_all
from sites.models import SiteStatus
from sites.readiness import queries
from sites.readiness.models import Check, Finding, Reminder, Slot, UnitStatus
from subcommittees.models import Operation, Unit
from subcommittees.scope import SYSTEM

TIMES = ("opens_at", "due_at", "silent_at", "closes_at", "remind_at", "planned_at")
# Whoever answered a slot answered it wherever it lies now.
_FOLLOW = """
UPDATE sites_{who}status t SET due = s.due_at FROM sites_{who}report r JOIN sites_slot s ON s.id = r.slot_id
 WHERE r.id = t.report_id AND t.operation_id = %s
"""
ASIDE = 40_000  # days: a slot must never meet another one on its way


def move(operation: Operation, day: dt.date) -> None:
    """Let `day` be election day. Nothing that was said is deleted: it was said for slots that lie on other days now."""
    days = (day - operation.election_day).days
    operation.election_day = day
    operation.save(update_fields=["election_day"])
    if not days or not Slot.objects.filter(operation=operation).exists():
        return
    now = clock.now()
    with connection.cursor() as cursor:
        for step in (ASIDE, days - ASIDE):
            moved = ", ".join(f"{name} = {name} + make_interval(days => {step})" for name in TIMES)
            cursor.execute(
                f"UPDATE sites_slot SET {moved} WHERE operation_id = %s",  # noqa: S608 - names of columns
                [operation.pk],
            )
        for who in ("site", "unit"):
            cursor.execute(_FOLLOW.format(who=who), [operation.pk])
    mine = Slot.objects.filter(operation=operation)
    Check.objects.filter(slot__in=mine.filter(silent_at__gt=now)).delete()
    Reminder.objects.filter(slot__in=mine.filter(remind_at__gt=now)).delete()
    # What now lies behind and was never judged is not judged any more.
    passed = mine.filter(silent_at__lte=now)
    passed.filter(~Exists(Check.objects.filter(slot=OuterRef("pk")))).update(planned_at=now)
    facts = list(_told(operation, now))
    for begin in range(0, len(facts), 500):
        record_all(facts[begin : begin + 500])


def _told(operation: Operation, now: dt.datetime) -> Iterator[Fact]:
    """An event at each unit: how its sites and it itself are counted now."""
    units = {unit.path: unit for unit in Unit.objects.select_related("parent")}
    changed: dict[str, dict[str, object]] = {}
    for status in SiteStatus.objects.filter(operation=operation).exclude(due=None).select_related("site"):
        changed.setdefault(status.path, {})[f"site:{status.site.code}"] = status.counted
    for own in UnitStatus.objects.filter(operation=operation):
        changed.setdefault(own.path, {})[own.key] = own.counted
    for row in _answered(operation):
        row.closed_at, row.closed_post = now, SYSTEM.title
        changed.setdefault(row.path, {})[row.key] = row.counted
    day = f"{operation.election_day:%d/%m/%Y}"
    for path in sorted(changed):
        line = {"text": day, "by": SYSTEM.title}
        yield checked.fact("slot.edited", operation, units[path], now, line, changed[path])


def _answered(operation: Operation) -> list[Finding]:
    """The silences that are none any more, closed."""
    found: list[Finding] = []
    for track in ("regular", "early"):
        judged = queries.judged_now(operation, track)
        rows = Finding.objects.filter(operation=operation, kind="silent", closed_at=None)
        stand = {
            "operation": operation,
            **({"due__gte": judged.due_at} if judged else {"due__isnull": False}),
        }
        sites = SiteStatus.objects.filter(site__early=track == "early", **stand)
        found += rows.filter(site__in=sites.values("site"))
        if track == "regular":
            found += rows.filter(unit__in=UnitStatus.objects.filter(**stand).values("unit"))
    closed = Finding.objects.filter(pk__in=[row.pk for row in found])
    closed.update(closed_at=clock.now(), closed_post=SYSTEM.title)
    return found
