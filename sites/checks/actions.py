"""What do the clocks of readiness do, and who ends a finding by hand?"""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from journal import clock
from journal.log import Fact, Place, Subject, record, record_all
from sites.checks import queries, told
from sites.models import SiteStatus
from sites.readiness import escalation
from sites.readiness.models import Check, Finding, Slot
from sites.readiness.queries import VERDICTS, judged_now
from subcommittees import typed
from subcommittees.models import Operation, Unit, User
from subcommittees.scope import Actor, System, require

LATE = dt.timedelta(minutes=5)
URGED_WITHIN = dt.timedelta(minutes=10)
REASON_AT_MOST = 1000


class Mended(Exception):
    """The finding is no longer open."""

    def __init__(self, finding: Finding) -> None:
        self.state, self.by, self.at = "closed", finding.closed_post, finding.closed_at
        super().__init__(_("This is no longer possible: the finding is already closed."))


# What follows from what is `missing` and `mended`; see queries.judged. A verdict that was kept is put right where what
# was said means another one by now.
_WRITES = """opened AS (
  INSERT INTO sites_finding (id, operation_id, {owner}, path, kind, item, critical, slot_id, opened_at, level,
                             escalate_at, closed_post)
  SELECT gen_random_uuid(), %(operation)s, m.id, m.path, m.kind, m.item, m.critical, %(slot)s, %(at)s, 0, m.climbs, ''
    FROM missing m LEFT JOIN standing s ON s.owner = m.id AND s.kind = m.kind AND s.item = m.item
   WHERE s.id IS NULL
  RETURNING id, path, kind, critical, level),
closed AS (
  UPDATE sites_finding f SET closed_at = %(at)s, closed_post = %(post)s
    FROM standing s JOIN judged j ON j.id = s.owner
   WHERE f.id = s.id AND j.verdict <> 'silent'
     AND (s.kind = 'silent' OR (j.due = %(due)s AND s.id IN (SELECT id FROM mended)))
  RETURNING f.id, f.path, f.kind, f.critical, f.level),
righted AS (
  UPDATE {statuses} t SET verdict = j.verdict FROM judged j
   WHERE t.operation_id = %(operation)s AND t.{owner} = j.id AND j.due = %(due)s
     AND j.verdict <> 'silent' AND t.verdict <> j.verdict
  RETURNING t.id)"""
_JUDGE_SITES, _JUDGE_UNITS = queries.judged(_WRITES)
# Who files holds the same rows, commune by commune, in the same order: whoever is silent here has not answered at this
# very moment elsewhere. Where all is well nothing follows, and nobody waits.
_HOLD = (
    """SELECT FROM sites_sitestatus t JOIN sites_site s ON s.id = t.site_id
        WHERE t.operation_id = %(operation)s AND t.path >= %(path)s AND t.path < %(end)s AND s.early = %(early)s
          AND (t.due IS NULL OR t.due < %(due)s OR t.verdict <> 'ready' OR t.site_id IN (
              SELECT f.site_id FROM sites_finding f WHERE f.operation_id = %(operation)s AND f.site_id IS NOT NULL
                 AND f.path >= %(path)s AND f.path < %(end)s AND f.closed_at IS NULL))
        ORDER BY t.path, t.site_id FOR NO KEY UPDATE OF t""",
    # Who reports on a unit holds it so, also for its first report; who only names it, in an incident, need not wait.
    """SELECT FROM subcommittees_unit u WHERE u.path >= %(path)s AND u.path < %(end)s AND u.kind = ANY(%(owes)s)
          AND NOT %(early)s AND NOT EXISTS (SELECT 1 FROM sites_unitstatus t
              WHERE t.operation_id = %(operation)s AND t.unit_id = u.id AND t.due >= %(due)s)
        ORDER BY u.id FOR NO KEY UPDATE""",
)

_CLIMB = """
WITH due AS (
  SELECT f.id, CASE f.kind WHEN 'silent' THEN 'silent' ELSE 'item' END AS kind, coalesce(l.phase, 'before') AS phase
    FROM sites_finding f LEFT JOIN sites_slot l ON l.id = f.slot_id
   WHERE f.operation_id = %(operation)s AND f.path >= %(path)s AND f.path < %(end)s AND f.closed_at IS NULL
     AND f.level = %(level)s - 1 AND f.escalate_at <= %(at)s FOR UPDATE OF f SKIP LOCKED)
UPDATE sites_finding f
   SET level = %(level)s, escalate_at = (SELECT %(at)s + w.wait FROM (VALUES {waits}) w(kind, phase, wait)
                                          WHERE w.kind = due.kind AND w.phase = due.phase)
  FROM due WHERE f.id = due.id
RETURNING f.id, f.path, f.kind, f.critical, f.level
"""


@transaction.atomic(savepoint=False)
def check(*, by: System, operation: Operation, slot: Slot, province: Unit) -> Check | None:
    """Judge every site and unit of the province at the slot, once; None where that is done or not yet due.

    The claim, the findings, the numbers and the events are one transaction: who dies in it has done nothing.
    """
    post = require(by, "readiness.check", province.path, told.TOPIC)
    at = clock.now()
    row = _claim(slot, province, at)
    if row is None:
        return None
    given = {
        **queries.of(slot, province),
        "at": at,
        "post": post,
        "silent_climbs": escalation.climbs_at("silent", slot.phase, 0, at),
        "item_climbs": escalation.climbs_at("item", slot.phase, 0, at),
    }
    with connection.cursor() as cursor:
        for hold in _HOLD:
            cursor.execute(hold, given)
    # After what is known is held, as who files does it: each would wait for what the other has just made.
    SiteStatus.objects.bulk_create(
        [
            SiteStatus(operation=operation, site=site, path=site.path, since=at)
            for site in queries.unknown(slot, province)
        ],
        ignore_conflicts=True,
    )
    with connection.cursor() as cursor:
        verdicts, items, opened, closed, silent, righted = _judged(cursor, _JUDGE_SITES, given)
        units, _items, *of_units, silent_units, righted_units = _judged(cursor, _JUDGE_UNITS, given)
    opened += of_units[0]
    closed += of_units[1]
    for verdict in VERDICTS:
        setattr(row, verdict, verdicts.get(verdict, 0))
    row.items, row.units = items, {verdict: units.get(verdict, 0) for verdict in VERDICTS}
    row.opened, row.closed = len(opened), len(closed)
    row.save()
    missing = {
        path: {"sites": silent.get(path, 0), "own": silent_units.get(path, 0)}
        for path in {*silent, *silent_units}
    }
    facts = [told.checked(slot, province, row)] if verdicts or units else []
    facts += told.found(slot, opened, closed, (righted, righted_units), missing)
    _record(facts, operation, by=by, post=post, at=at)
    return row


def _claim(slot: Slot, province: Unit, at: dt.datetime) -> Check | None:
    """The row of this slot and province, if nobody has it and the slot has run out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO sites_check (slot_id, province_id, path, ran_at, late, ready, conditional, not_ready, silent,"
            " opened, closed, items, units) SELECT id, %s, %s, %s, silent_at < %s, 0, 0, 0, 0, 0, 0, '{}', '{}'"
            " FROM sites_slot WHERE id = %s AND cancelled_at IS NULL AND silent_at <= %s FOR KEY SHARE"
            " ON CONFLICT DO NOTHING RETURNING id",
            [province.pk, province.path, at, at - LATE, slot.pk, at],
        )
        claimed = cursor.fetchone()
    return Check.objects.get(pk=claimed[0]) if claimed else None


def _judged(cursor: Any, sql: str, given: Mapping[str, Any]) -> list[Any]:
    cursor.execute(sql, given)
    return [json.loads(one) if isinstance(one, str) else one for one in cursor.fetchone()]


@transaction.atomic(savepoint=False)
def remind(*, by: System, operation: Operation, slot: Slot, province: Unit) -> int:
    """Remind, once a slot, whoever of the province has not answered yet; how many units."""
    post = require(by, "readiness.remind", province.path, told.TOPIC)
    at = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO sites_reminder (slot_id, province_id, at) SELECT id, %s, %s FROM sites_slot"
            " WHERE id = %s AND cancelled_at IS NULL AND remind_at <= %s AND silent_at > %s"
            " ON CONFLICT DO NOTHING RETURNING id",
            [province.pk, at, slot.pk, at, at],
        )
        claimed = cursor.fetchone()
    missing = queries.unanswered(slot, province) if claimed else {}
    _record(told.reminded(slot, missing), operation, by=by, post=post, at=at)
    return len(missing)


@transaction.atomic(savepoint=False)
def urge(*, by: User, operation: Operation, unit: Unit) -> int:
    """Remind by hand whoever at or below `unit` is silent: nobody twice within ten minutes; how many units.

    Raises ValidationError for the whole nation: its provinces are urged one by one, or one act would hold them all.
    """
    post = require(by, "readiness.urge", unit.path, told.TOPIC)
    if unit.kind == Unit.Kind.MINISTRY:
        raise ValidationError({"unit": _("Choose a province or a commune.")})
    slot = judged_now(operation)
    if slot is None:
        return 0
    with connection.cursor() as cursor:  # two who urge at once urge once
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"urge:{operation.pk}:{unit.path[:6]}"])
    at = clock.now()
    lately = queries.reminded_since(operation, unit, at - URGED_WITHIN)
    missing = {path: what for path, what in queries.unanswered(slot, unit).items() if path not in lately}
    _record(told.reminded(slot, missing), operation, by=by, post=post, at=at)
    return len(missing)


@transaction.atomic(savepoint=False)
def escalate(*, by: System, operation: Operation, level: int, unit: Unit) -> int:
    """Tell the level above of what has stood too long under `unit`: one event, however many; how many findings.

    Rows that somebody holds are left to the next sweep. Each climbs from one level to the next once.
    """
    post = require(by, "finding.escalate", unit.path, told.TOPIC)
    at = clock.now()
    waits = ", ".join(
        f"('{kind}', '{phase}', interval '{steps[level].total_seconds()} s')"
        for (kind, phase), steps in escalation.CLIMBS.items()
        if level < len(steps)
    )
    under = {"path": unit.path, "end": unit.path[:-1] + "0"}
    with connection.cursor() as cursor:
        cursor.execute(
            _CLIMB.format(waits=waits or "('', '', interval '0')"),
            {"operation": operation.pk, "level": level, "at": at, **under},
        )
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    if rows:
        _record([told.climbed(unit, level, rows)], operation, by=by, post=post, at=at)
    return len(rows)


@transaction.atomic(savepoint=False)
def close_finding(*, by: User, finding: Finding, reason: str) -> Finding:
    """End a finding by hand, with the reason; only a level above the one that has to mend it may.

    Raises ValidationError without a reason, Mended where it is closed already.
    """
    post = require(by, "finding.close", queries.above(finding), told.TOPIC)
    reason = typed.reason(reason, REASON_AT_MOST)
    rows = Finding.objects.select_for_update(of=("self",)).select_related(
        "operation", "site__unit__parent", "unit__parent"
    )
    row = rows.get(pk=finding.pk)
    if row.closed_at is not None:
        raise Mended(row)
    at = clock.now()
    row.closed_at, row.closed_post = at, post
    row.save(update_fields=["closed_at", "closed_post"])
    unit = row.site.unit if row.site else row.unit
    record(
        "finding.closed",
        at=at,
        operation=row.operation.slug,
        unit=unit.place if unit else Place(row.path, row.path),
        subject=Subject("finding", str(row.pk), row.site.code if row.site else unit.name if unit else ""),
        topic=told.TOPIC,
        actor=by.username,
        post=post,
        line={
            "text": reason,
            "by": post,
            "kind": row.kind,
            "item": row.item,
            "site": row.site.name if row.site else "",
            "site_code": row.site.code if row.site else "",
        },
        after=row.counted,
    )
    return row


def _record(
    facts: Iterable[dict[str, Any]], operation: Operation, *, by: Actor, post: str, at: dt.datetime
) -> None:
    """One event for each; who is told and what was found stand in it."""
    record_all(
        [
            Fact(
                verb=one["verb"],
                at=at,
                operation=operation.slug,
                unit=one["unit"],
                subject=Subject("unit", one["unit"].path, one["unit"].name),
                topic=told.TOPIC,
                actor=by.username,
                post=post,
                line={"text": "", "by": post, **one["line"]},
                after=None,
                also=one.get("also"),
                notify=one.get("notify", ()),
            )
            for one in facts
        ]
    )
