"""What can be done about readiness?"""

import datetime as dt
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from journal import clock
from journal.log import Place, Subject, record
from sites import checklist
from sites.models import Site, SiteStatus
from sites.readiness import calendar, escalation, queries
from sites.readiness.models import DraftCell, Finding, SiteReport, Slot
from subcommittees.models import Operation, Unit, User
from subcommittees.scope import NATION, Actor, reach, require

TOPIC = "sites"
NOTE_AT_MOST = 1000
CLOCK_SKEW = dt.timedelta(minutes=2)


class Closed(Exception):
    """The slot does not take answers now."""

    def __init__(self, slot: Slot) -> None:
        super().__init__(slot)
        self.slot = slot


class Stale(Exception):
    """Somebody else has reported on a site since its answers were read."""

    def __init__(self, report: SiteReport) -> None:
        super().__init__(report)
        self.report = report


@dataclass(frozen=True)
class Given:
    """What is said of one site; `revision` is the one that the writer had seen (None: does not say)."""

    site: Site
    answers: Mapping[str, str]
    note: str = ""
    revision: int | None = None


@dataclass
class Filed:
    """What became of a batch: the new reports, and how many sites had said the same before."""

    reports: list[SiteReport] = field(default_factory=list)
    unchanged: int = 0


@transaction.atomic(savepoint=False)
def plan(*, by: User, operation: Operation) -> int:
    """Make the slots that the calendar wants and that do not stand yet; how many are new."""
    post = require(by, "slot.plan", NATION, TOPIC)
    wanted = [Slot(operation=operation, **vars(one)) for one in calendar.slots(operation.election_day)]
    before = queries.every_slot(operation)
    Slot.objects.bulk_create(wanted, ignore_conflicts=True)
    new = queries.every_slot(operation) - before
    if new:
        line = {"text": f"+{new}", "by": post, "slots": new}
        _record(
            "slot.planned",
            operation,
            Place(NATION, "Bộ Công an"),
            by=by,
            post=post,
            at=clock.now(),
            line=line,
        )
    return new


@transaction.atomic(savepoint=False)
def file(
    *,
    by: User,
    operation: Operation,
    slot: Slot,
    unit: Unit,
    given: Sequence[Given],
    said_at: dt.datetime | None = None,
) -> Filed:
    """File what is said of some sites of one commune for a slot: one row a site, one event, all or nothing.

    Entered by a higher level it is marked so. A site that says what it said before is not written again. Raises
    ValidationError for what cannot be (by site and item), Closed for a slot that takes nothing now, Stale where
    somebody reported since the writer looked.
    """
    post = require(by, "readiness.file", unit.path, TOPIC)
    at = clock.now()
    if said_at is not None and said_at > at + CLOCK_SKEW:
        raise ValidationError({"said_at": _("The time lies in the future.")})
    if slot.cancelled_at is not None or not slot.opens_at <= at < slot.closes_at:
        raise Closed(slot)
    local = queries.local_items(operation, unit.path)
    errors = _faults(slot, unit, given, {f"x{row.pk}": row.item for row in local})
    if errors:
        raise ValidationError(errors)
    statuses = _locked(operation, [one.site for one in given], at)
    known = queries.latest(slot, [one.site.pk for one in given])
    standing = _open_items(operation, [one.site.pk for one in given])
    filed = Filed()
    source = "own" if any(one.path == unit.path for one in reach(by)) else "on_behalf"
    for one in given:
        last = known.get(one.site.pk)
        if one.revision is not None and one.revision != (last.revision if last else 0):
            if last is None:
                raise ValidationError({one.site.code: _("There is no such revision.")})
            raise Stale(last)
        report = _report(slot, one, [row.item for row in local], last, standing.get(one.site.pk, {}))
        if last is not None and _same(last, report):
            filed.unchanged += 1
            continue
        report.source, report.at, report.by, report.post = source, at, by, post
        report.late = at > slot.silent_at
        filed.reports.append(report)
    if filed.reports:
        found = _stand(operation, slot, unit, filed.reports, statuses, at, post)
        _tell(
            "readiness.filed", operation, slot, unit, filed.reports, statuses, found, by=by, post=post, at=at
        )
    DraftCell.objects.filter(slot=slot, site__in=[one.site for one in given]).delete()
    return filed


def _faults(
    slot: Slot, unit: Unit, given: Sequence[Given], local: Mapping[str, checklist.Item]
) -> dict[str, Any]:
    """What is wrong, by site: a key `<code>` or `<code>.<item>`."""
    errors: dict[str, Any] = {}
    if not given:
        errors["reports"] = _("Give at least one report.")
    twice = [code for code, times in Counter(one.site.code for one in given).items() if times > 1]
    errors.update(dict.fromkeys(twice, _("The same site twice.")))
    for one in given:
        if one.site.path != unit.path:
            errors[one.site.code] = _("This site belongs to another commune.")
        elif queries.track_of(one.site) != slot.track:
            errors[one.site.code] = _("This site votes on another day: its slots are others.")
        errors.update(_wrong_answers(one, local))
    return errors


def _wrong_answers(one: Given, local: Mapping[str, checklist.Item]) -> dict[str, Any]:
    errors: dict[str, Any] = {}
    if len(one.note) > NOTE_AT_MOST:
        errors[f"{one.site.code}.note"] = _("At most %(most)s characters.") % {"most": NOTE_AT_MOST}
    for item, answer in one.answers.items():
        line = checklist.ITEMS.get(item) or local.get(item)
        if line is None or line.kind not in {"", one.site.kind}:
            errors[f"{one.site.code}.{item}"] = _("This item is not asked of this site.")
        elif answer not in checklist.ANSWERS:
            errors[f"{one.site.code}.{item}"] = _("Answer ok, no or na.")
        elif answer == "na" and line.critical:
            errors[f"{one.site.code}.{item}"] = _("A critical item is either in order or not.")
    return errors


def _locked(operation: Operation, sites: Sequence[Site], at: dt.datetime) -> dict[int, SiteStatus]:
    """The statuses of these sites, made where there is none, each held until the end."""
    SiteStatus.objects.bulk_create(
        [SiteStatus(operation=operation, site=site, path=site.path, since=at) for site in sites],
        ignore_conflicts=True,
    )
    rows = SiteStatus.objects.select_for_update(no_key=True).filter(
        operation=operation, site__in=[site.pk for site in sites]
    )
    return {row.site_id: row for row in rows.order_by("site")}


def _open_items(operation: Operation, sites: Iterable[int]) -> dict[int, dict[str, Finding]]:
    """The findings about single items that are open at these sites, by site and item."""
    found: dict[int, dict[str, Finding]] = {}
    for row in Finding.objects.filter(operation=operation, site__in=list(sites), kind="item", closed_at=None):
        found.setdefault(row.site_id or 0, {})[row.item] = row
    return found


def _report(
    slot: Slot,
    one: Given,
    local: Sequence[checklist.Item],
    last: SiteReport | None,
    standing: Mapping[str, Finding],
) -> SiteReport:
    """The next revision. What stays open from an earlier phase counts until it is answered in order."""
    kind = one.site.kind
    asked = checklist.asked(kind, slot.phase)
    asked += [item for item in local if item.phase == slot.phase and item.kind in {"", kind}]
    items = {item.code: item for item in asked}
    for code in standing:
        if code in checklist.ITEMS:
            items.setdefault(code, checklist.ITEMS[code])
    said = dict(one.answers)
    return SiteReport(
        slot=slot,
        site=one.site,
        path=one.site.path,
        revision=last.revision + 1 if last else 1,
        answers=checklist.packed(said),
        local={code: answer for code, answer in said.items() if code not in checklist.ITEMS} or None,
        note=unicodedata.normalize("NFC", one.note).strip(),
        verdict=checklist.judge(items.values(), said),
    )


def _same(last: SiteReport, report: SiteReport) -> bool:
    return all(getattr(last, name) == getattr(report, name) for name in ("answers", "local", "note"))


def _stand(
    operation: Operation,
    slot: Slot,
    unit: Unit,
    reports: Sequence[SiteReport],
    statuses: Mapping[int, SiteStatus],
    at: dt.datetime,
    post: str,
) -> list[Finding]:
    """Write the reports, let the sites stand as they say; the findings that this opens and closes."""
    SiteReport.objects.bulk_create(reports)
    moved = []
    for report in reports:
        status = statuses[report.site_id]
        if status.due is not None and status.due > slot.due_at:
            continue  # an older slot answered late says nothing about today
        status.due, status.verdict, status.report, status.verified_at = (
            slot.due_at,
            report.verdict,
            report,
            None,
        )
        moved.append(status)
    SiteStatus.objects.bulk_update(
        moved, ["due", "verdict", "report", "verified_at", "state", "since", "moved_post"]
    )
    return _mend(operation, slot, [status.report for status in moved if status.report], at, post)


def _mend(
    operation: Operation, slot: Slot, reports: Sequence[SiteReport], at: dt.datetime, post: str
) -> list[Finding]:
    """Open a finding for each item not in order; close those answered in order, and the silence."""
    sites = {report.site_id: report for report in reports}
    said = {pk: checklist.unpacked(row.answers) | (row.local or {}) for pk, row in sites.items()}
    close = []
    standing: set[tuple[int, str]] = set()
    for row in Finding.objects.filter(
        operation=operation, site__in=list(sites), kind__in=["silent", "item"], closed_at=None
    ):
        answer = said[row.site_id or 0].get(row.item)
        if row.kind == "silent" or answer in {"ok", "na"}:
            row.closed_at, row.closed_post = at, post
            close.append(row)
        else:
            standing.add((row.site_id or 0, row.item))
    if close:
        Finding.objects.filter(pk__in=[row.pk for row in close]).update(closed_at=at, closed_post=post)
    local = (
        {f"x{row.pk}": row.item for row in queries.local_items(operation, reports[0].path)} if reports else {}
    )
    wrong = [
        Finding(
            operation=operation,
            site_id=pk,
            path=sites[pk].path,
            kind="item",
            item=code,
            critical=(checklist.ITEMS.get(code) or local[code]).critical,
            slot=slot,
            opened_at=at,
        )
        for pk, answers in said.items()
        for code, answer in answers.items()
        if answer == "no" and (pk, code) not in standing
    ]
    for row in wrong:
        if row.critical:
            row.escalate_at = escalation.climbs_at("item", slot.phase, 0, at)
    Finding.objects.bulk_create(wrong)
    return [*close, *wrong]


def _tell(
    verb: str,
    operation: Operation,
    slot: Slot,
    unit: Unit,
    reports: Sequence[SiteReport],
    statuses: Mapping[int, SiteStatus],
    found: Iterable[Finding] = (),
    *,
    by: Actor,
    post: str,
    at: dt.datetime,
    more: Mapping[str, Any] | None = None,
    notify: Iterable[int] = (),
) -> None:
    """One event for the whole batch; every site and finding as it is counted afterwards."""
    counts = Counter(report.verdict for report in reports)
    line = {
        "text": "",
        "by": post,
        "slot": slot.pk,
        "due": clock.wire(slot.due_at),
        "sites": len(reports),
        **{verdict: counts[verdict] for verdict in ("ready", "conditional", "not_ready")},
        "source": reports[0].source,
        "late": any(report.late for report in reports),
        **(more or {}),
    }
    also = {f"site:{report.site.code}": statuses[report.site_id].counted for report in reports}
    also |= {finding.key: finding.counted for finding in found}
    _record(verb, operation, unit.place, by=by, post=post, at=at, line=line, also=also, notify=notify)


def _record(
    verb: str,
    operation: Operation,
    place: Place,
    *,
    by: Actor,
    post: str,
    at: dt.datetime,
    line: Mapping[str, Any],
    also: Mapping[str, Mapping[str, Any]] | None = None,
    notify: Iterable[int] = (),
) -> None:
    record(
        verb,
        at=at,
        operation=operation.slug,
        unit=place,
        subject=Subject("unit", place.path, place.name),
        topic=TOPIC,
        actor=by.username,
        post=post,
        line=line,
        after=None,
        also=also,
        notify=notify,
    )
