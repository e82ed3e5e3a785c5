"""What can be done about a unit's own report?"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from journal import clock
from journal.log import Subject, record
from sites.checklist import UNIT_ITEMS
from sites.readiness import escalation
from sites.readiness import queries as readiness
from sites.readiness.actions import Closed, Stale
from sites.readiness.models import Finding, Slot, UnitReport, UnitStatus
from sites.unit_reports import answers as said
from sites.unit_reports import queries
from subcommittees.models import Operation, Unit, User
from subcommittees.scope import reach, require
from subcommittees.typed import tidied

TOPIC = "sites"


@dataclass(frozen=True)
class Filed:
    """The report that stands now; `unchanged`: it stood before, and nothing was written."""

    report: UnitReport
    unchanged: bool = False


@transaction.atomic(savepoint=False)
def file_unit(
    *,
    by: User,
    operation: Operation,
    slot: Slot,
    unit: Unit,
    answers: Mapping[str, str],
    numbers: Mapping[str, int],
    note: str = "",
    revision: int | None = None,
) -> Filed:
    """File what a unit says of itself for a slot; `revision` is the one that the writer had seen.

    Entered by a higher level it is marked so. The same again writes nothing. Raises ValidationError by item, Closed
    for a slot that takes nothing now, Stale where somebody reported since the writer looked.
    """
    post = require(by, "readiness.file_unit", unit.path, TOPIC)
    slot = readiness.held(operation, slot.pk)
    _hold(unit)
    at = clock.now()
    if slot.cancelled_at is not None or not slot.opens_at <= at < slot.closes_at:
        raise Closed(slot)
    note = tidied(note)
    errors = _foreign(slot, unit) or said.faults(answers, numbers, note)
    if errors:
        raise ValidationError(errors)
    last = queries.latest(slot, unit)
    if revision is not None and revision != (last.revision if last else 0):
        if last is None:
            raise ValidationError({"revision": _("There is no such revision.")})
        raise Stale(last)
    made = said.revised(last, answers, numbers, note)
    if last is not None and said.same(last, made):
        return Filed(last, unchanged=True)
    made.source = "own" if any(one.path == unit.path for one in reach(by)) else "on_behalf"
    made.late = at > slot.silent_at
    _tell("readiness.unit_filed", operation, slot, unit, made, by=by, post=post, at=at)
    return Filed(made)


@transaction.atomic(savepoint=False)
def send_back_unit(
    *,
    by: User,
    operation: Operation,
    slot: Slot,
    unit: Unit,
    items: Sequence[str],
    reason: str,
    revision: int | None = None,
) -> UnitReport:
    """Ask a unit to answer these items again: they are not in order until it has. Only from above the unit."""
    post = _above(by, "readiness.send_back", unit)
    reason = said.reason(reason)
    if not items:
        raise ValidationError({"items": _("Choose at least one item.")})
    if any(code not in UNIT_ITEMS or UNIT_ITEMS[code].retired for code in items):
        raise ValidationError({"items": _("This item is not asked of a unit.")})
    slot = readiness.held(operation, slot.pk)
    _hold(unit)
    at = clock.now()
    last = _standing(operation, slot, unit)
    if revision is not None and revision != last.revision:
        raise Stale(last)
    made = said.sent_back(last, items, reason)
    if said.same(last, made):
        return last
    more = {"text": reason, "items": list(items)}
    told = readiness.officers(unit.path)
    _tell("readiness.returned", operation, slot, unit, made, by=by, post=post, at=at, more=more, notify=told)
    return made


@transaction.atomic(savepoint=False)
def verify_unit(
    *, by: User, operation: Operation, slot: Slot, unit: Unit, revision: int | None = None
) -> UnitReport | None:
    """Confirm what a unit says of itself; None where that is done. Only from above the unit, never one's own words."""
    post = _above(by, "readiness.verify", unit)
    _hold(unit)
    at = clock.now()
    last = _standing(operation, slot, unit)
    if revision is not None and revision != last.revision:
        raise Stale(last)
    if last.source == "returned":
        raise ValidationError({"unit": _("This was sent back and waits for its answer.")})
    if last.by_id == by.pk:
        raise PermissionDenied(_("Nobody confirms what they entered themselves."))
    fresh = UnitStatus.objects.filter(operation=operation, unit=unit, report=last, verified_at=None)
    if not fresh.update(verified_at=at):
        return None
    _record("readiness.verified", operation, slot, unit, last, by=by, post=post, at=at)
    return last


def _foreign(slot: Slot, unit: Unit) -> dict[str, Any]:
    if not queries.owes(unit):
        return {"unit": _("This unit reports on nothing of its own.")}
    if slot.track != "regular":
        return {"slot": _("Units report for the slots of election day's calendar only.")}
    return {}


def _above(by: User, verb: str, unit: Unit) -> str:
    """The post from which `by` may judge the unit: one of a level above."""
    require(by, verb, unit.path, TOPIC)
    higher = "/".join(unit.path.rstrip("/").split("/")[:-1]) + "/"
    return require(by, verb, higher, TOPIC)


def _hold(unit: Unit) -> None:
    """Whoever writes or judges this unit's report waits for the others; also before there is a report."""
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)


def _standing(operation: Operation, slot: Slot, unit: Unit) -> UnitReport:
    """The report that the unit stands by, if it is of this slot."""
    last, status = queries.latest(slot, unit), queries.status(operation, unit)
    if last is None:
        raise ValidationError({"unit": _("This unit has not reported for this slot.")})
    if status is not None and status.report_id != last.pk:
        raise Stale(status.report)
    return last


def _stand(operation: Operation, slot: Slot, unit: Unit, report: UnitReport) -> dict[str, dict[str, Any]]:
    """Write the report, let the unit stand as it says; what that changed, as it is counted afterwards."""
    report.slot, report.unit, report.path = slot, unit, unit.path
    report.save(force_insert=True)
    status = queries.status(operation, unit) or UnitStatus(operation=operation, unit=unit, path=unit.path)
    if status.pk is not None and status.due > slot.due_at:
        return {}  # an older slot answered late says nothing about today
    status.due, status.verdict, status.report, status.verified_at = slot.due_at, report.verdict, report, None
    status.save()
    found = _mend(operation, slot, unit, report)
    return {status.key: status.counted} | {finding.key: finding.counted for finding in found}


def _mend(operation: Operation, slot: Slot, unit: Unit, report: UnitReport) -> list[Finding]:
    """Open a finding for each item not in order; close what is, and silences before the slot."""
    closed, still = [], set()
    for row in queries.standing(operation, unit):
        if row.kind == "silent":
            over = row.slot is None or row.slot.due_at <= slot.due_at
        else:
            over = report.answers.get(row.item) in {"ok", "na"}
        if over:
            row.closed_at, row.closed_post = report.at, report.post
            closed.append(row)
        else:
            still.add(row.item)
    if closed:
        mended = Finding.objects.filter(pk__in=[row.pk for row in closed])
        mended.update(closed_at=report.at, closed_post=report.post)
    opened = [
        Finding(
            operation=operation, unit=unit, path=unit.path, kind="item", item=item.code, critical=item.critical,
            slot=slot, opened_at=report.at,
            escalate_at=escalation.climbs_at("item", slot.phase, 0, report.at) if item.critical else None,
        )
        for item in said.missing(report)
        if item.code not in still
    ]  # fmt: skip
    Finding.objects.bulk_create(opened)
    return [*closed, *opened]


def _tell(
    verb: str,
    operation: Operation,
    slot: Slot,
    unit: Unit,
    report: UnitReport,
    *,
    by: User,
    post: str,
    at: dt.datetime,
    more: Mapping[str, Any] | None = None,
    notify: Iterable[int] = (),
) -> None:
    report.at, report.by, report.post = at, by, post
    also = _stand(operation, slot, unit, report)
    _record(verb, operation, slot, unit, report, by=by, post=post, at=at, more=more, also=also, notify=notify)


def _record(
    verb: str,
    operation: Operation,
    slot: Slot,
    unit: Unit,
    report: UnitReport,
    *,
    by: User,
    post: str,
    at: dt.datetime,
    more: Mapping[str, Any] | None = None,
    also: Mapping[str, Mapping[str, Any]] | None = None,
    notify: Iterable[int] = (),
) -> None:
    line = {
        "text": "",
        "by": post,
        "slot": slot.pk,
        "due": clock.wire(slot.due_at),
        "own": 1,
        "revision": report.revision,
        "verdict": report.verdict,
        "source": report.source,
        "late": report.late,
        **(more or {}),
    }
    record(
        verb,
        at=at,
        operation=operation.slug,
        unit=unit.place,
        subject=Subject("unit", unit.path, unit.name),
        topic=TOPIC,
        actor=by.username,
        post=post,
        line=line,
        after=None,
        also=also,
        notify=notify,
    )
