"""What can be done about readiness?"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from journal import clock
from journal.log import Place, Subject, record
from sites import checklist, states
from sites.models import Site, SiteStatus
from sites.readiness import answers, calendar, findings, queries
from sites.readiness.answers import NOTE_AT_MOST, Given
from sites.readiness.models import DraftCell, Finding, SiteReport, Slot, UnitReport
from subcommittees.models import Operation, Unit, User
from subcommittees.scope import NATION, Actor, reach, require

__all__ = [
    "NOTE_AT_MOST",
    "Closed",
    "Filed",
    "Given",
    "Stale",
    "file",
    "plan",
    "send_back",
    "verify",
]
TOPIC = "sites"
CLOCK_SKEW = dt.timedelta(minutes=2)


class Closed(Exception):
    """The slot does not take answers now, or no other times (409)."""

    def __init__(self, slot: Slot, said: str = "") -> None:
        super().__init__(said or _("This slot takes no answers now."))
        self.slot = slot


class Stale(Exception):
    """Somebody else has reported on these sites since their answers were read (409)."""

    def __init__(self, *reports: SiteReport | UnitReport) -> None:
        super().__init__(_("Somebody has reported since you looked. Look again, then decide."))
        self.reports = reports
        self.report: Any = reports[0]


@dataclass
class Filed:
    """What became of a batch: the new reports, and those that had said the same before."""

    reports: list[SiteReport] = field(default_factory=list)
    same: list[SiteReport] = field(default_factory=list)

    @property
    def unchanged(self) -> int:
        return len(self.same)


@transaction.atomic(savepoint=False)
def plan(*, by: Actor, operation: Operation) -> int:
    """Make the slots that the calendar wants and that do not stand yet; how many are new.

    What stands, edited or cancelled, stays: nothing is made where it lies.
    """
    post = require(by, "slot.plan", NATION, TOPIC)
    operation = Operation.objects.select_for_update(no_key=True).get(pk=operation.pk)  # one planner at a time
    standing = list(Slot.objects.filter(operation=operation))
    new = [
        Slot(operation=operation, **vars(one))
        for one in calendar.slots(operation.election_day)
        if not any(
            other.track == one.track and other.due_at < one.closes_at and one.due_at < other.closes_at
            for other in standing
        )
    ]
    if new:
        Slot.objects.bulk_create(new)
        line = {"text": f"+{len(new)}", "by": post, "slots": len(new)}
        place = Unit.objects.get(path=NATION).place
        _record("slot.planned", operation, place, by=by, post=post, at=clock.now(), line=line)
    return len(new)


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

    A report is whole: what it does not answer is unanswered. Entered by a higher level it is marked so. A site that
    says what it said before is not written again. `said_at` is when it was said, where it comes in later (from a
    device that was offline, or over the telephone): it changes nothing that was reported after that. Raises
    ValidationError for what cannot be (by site and item), Closed for a slot that takes nothing now, Stale where
    somebody reported since the writer looked.
    """
    level = _level(by, "readiness.file", unit.path)
    post = require(by, "readiness.file_for" if level else "readiness.file", unit.path, TOPIC)
    slot = queries.held(operation, slot.pk)
    given = answers.tidied(given)
    local = {row.item.code: row.item for row in queries.local_items(operation, unit.path)}
    statuses = _locked(operation, [one.site for one in given])
    at = clock.now()  # from here on nobody else says anything of these sites
    if slot.cancelled_at is not None or not slot.opens_at <= at < slot.closes_at:
        raise Closed(slot)
    if errors := answers.faults(slot, unit.path, given, local) | _wrong_time(slot, said_at, at):
        raise ValidationError(errors)
    known = findings.standing(operation, statuses)
    filed = _weighed(slot, given, queries.latest(slot, statuses), known, local, said_at)
    for report in filed.reports:
        report.source, report.level = "on_behalf" if level else "own", level
        report.at, report.by, report.post, report.late = at, by, post, at > slot.silent_at
    if filed.reports:
        found = _stand(operation, slot, filed.reports, statuses, known, local)
        line = _line(slot, filed.reports, post)
        if said_at is not None:
            line["said_at"] = clock.wire(said_at)
        also = _also(filed.reports, statuses, found)
        _record("readiness.filed", operation, unit.place, by=by, post=post, at=at, line=line, also=also)
    DraftCell.objects.filter(slot=slot, site__in=list(statuses)).delete()
    return filed


@transaction.atomic(savepoint=False)
def verify(
    *, by: User, operation: Operation, slot: Slot, unit: Unit, seen_at: dt.datetime | None = None
) -> list[SiteReport]:
    """Confirm what the sites of a commune stand by for this slot; which reports that newly confirms.

    Only from above the level that reported. What was sent back waits for its answer. Raises Stale where something
    was reported after `seen_at`, when the verifier looked.
    """
    post = require(by, "readiness.verify", unit.path, TOPIC)
    level = _level(by, "readiness.verify", unit.path)
    rows = SiteStatus.objects.select_for_update(no_key=True).filter(operation=operation, path=unit.path)
    held = {row.report_id: row for row in rows.order_by("site_id") if row.report_id}
    # Read after they are held: a report that was filed meanwhile is seen, and not passed over.
    said = SiteReport.objects.select_related("site").filter(pk__in=list(held), slot=slot).order_by("site_id")
    waiting = [report for report in said if report.source != "returned"]
    if late := [report for report in waiting if seen_at and report.at > seen_at]:
        raise Stale(*late)
    fresh = [report for report in waiting if held[report.pk].verified_at is None]
    reports = [report for report in fresh if report.level < level]
    if fresh and not reports:
        raise PermissionDenied(_not_from_here())
    at = clock.now()
    if reports:
        SiteStatus.objects.filter(pk__in=[held[report.pk].pk for report in reports]).update(verified_at=at)
        line = _line(slot, reports, post)
        _record("readiness.verified", operation, unit.place, by=by, post=post, at=at, line=line)
    return reports


@transaction.atomic(savepoint=False)
def send_back(
    *,
    by: User,
    operation: Operation,
    slot: Slot,
    site: Site,
    items: Sequence[str],
    reason: str,
    revision: int | None = None,
) -> SiteReport:
    """Ask a site to answer these items again: they are not in order until it has, and its verdict is judged anew.

    Only from above the level that reported; its officers are owed a notice. The same again changes nothing. Raises
    ValidationError for what cannot be, Stale where another report stands by now.
    """
    post = require(by, "readiness.send_back", site.path, TOPIC)
    reason = answers.reason(reason)
    slot = queries.held(operation, slot.pk)
    local = {row.item.code: row.item for row in queries.local_items(operation, site.path)}
    status = _locked(operation, [site])[site.pk]
    at = clock.now()
    last = queries.latest(slot, [site.pk]).get(site.pk)
    if last is None:
        raise ValidationError({"site": _("This site has not reported for this slot.")})
    if last.level >= _level(by, "readiness.send_back", site.path):
        raise PermissionDenied(_not_from_here())
    if status.report_id != last.pk and status.report is not None:
        raise Stale(status.report)
    if revision is not None and revision != last.revision:
        raise Stale(last)
    errors = answers.faults_of_return(slot, site, items, local)
    if errors:
        raise ValidationError(errors)
    known = findings.standing(operation, [site.pk])
    report = answers.sent_back(last, slot, site, local, findings.items(known, site), items, reason)
    if answers.same(last, report):
        return last
    report.at, report.by, report.post = at, by, post
    found = _stand(operation, slot, [report], {site.pk: status}, known, local)
    line = _line(slot, [report], post) | {
        "text": reason, "site": site.name, "site_code": site.code, "items": list(items), "verdict": report.verdict,
    }  # fmt: skip
    _record(
        "readiness.returned", operation, site.unit.place, by=by, post=post, at=at, line=line,
        also=_also([report], {site.pk: status}, found), notify=queries.officers(site.path),
    )  # fmt: skip
    return report


def _level(by: User, verb: str, path: str) -> int:
    """From which level `by` acts at `path`: 0 the commune, 1 the province, 2 the ministry."""
    for_it = {verb, "readiness.file_for"} if verb == "readiness.file" else {verb}
    held = [one for one in reach(by) if one.covers(path, TOPIC) and one.can.verbs & for_it]
    if verb == "readiness.file" and any(one.path == path for one in held):
        return 0
    return max((path.count("/") - one.path.count("/") for one in held), default=0)


def _not_from_here() -> str:
    return _("Only a level above the one that reported may do this.")


def _wrong_time(slot: Slot, said_at: dt.datetime | None, at: dt.datetime) -> dict[str, str]:
    if said_at is not None and said_at > at + CLOCK_SKEW:
        return {"said_at": _("The time lies in the future.")}
    if said_at is not None and said_at < slot.opens_at:
        return {"said_at": _("This was said before the slot opened.")}
    return {}


def _weighed(
    slot: Slot,
    given: Sequence[Given],
    last: Mapping[int, SiteReport],
    known: findings.Open,
    local: answers.Local,
    said_at: dt.datetime | None,
) -> Filed:
    """Which of these say something new; Stale where one would undo what its writer has not seen."""
    filed, stale, errors = Filed(), [], {}
    for one in given:
        before = last.get(one.site.pk)
        report = answers.report(slot, one, local, before, findings.items(known, one.site))
        if before is None and one.revision:
            errors[f"{one.site.code}.revision"] = _("There is no such revision.")
        elif before is not None and answers.same(before, report):
            filed.same.append(before)
        elif before is not None and _outdated(one, before, said_at):
            before.site = one.site
            stale.append(before)
        else:
            filed.reports.append(report)
    if stale:
        raise Stale(*stale)
    if errors:
        raise ValidationError(errors)
    return filed


def _outdated(one: Given, last: SiteReport, said_at: dt.datetime | None) -> bool:
    """Whether the writer had seen another revision, or said it before the last one was filed."""
    return one.revision not in {None, last.revision} or (said_at is not None and said_at < last.at)


def _locked(operation: Operation, sites: Sequence[Site]) -> dict[int, SiteStatus]:
    """The statuses of these sites, each held until the end, always in the same order; made where there is none."""
    rows = SiteStatus.objects.select_for_update(no_key=True).filter(operation=operation, site__in=sites)
    found = {row.site_id: row for row in rows.order_by("site_id")}
    if absent := [site for site in sites if site.pk not in found]:
        new = [
            SiteStatus(operation=operation, site=site, path=site.path, since=clock.Now()) for site in absent
        ]
        SiteStatus.objects.bulk_create(new, ignore_conflicts=True)
        found = {row.site_id: row for row in rows.order_by("site_id")}
    return found


# In one statement whatever their number: Django's own would be a page of CASE for each column.
_STANDING = ("pk", "due", "verdict", "report_id", "state", "since", "moved_post")
_STANDS = """
UPDATE sites_sitestatus s
   SET due = n.due, verdict = n.verdict, report_id = n.report, verified_at = NULL, state = n.state, since = n.since,
       moved_post = n.post
  FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::bigint[], %s::text[], %s::timestamptz[], %s::text[])
       AS n(id, due, verdict, report, state, since, post)
 WHERE s.id = n.id
"""


def _stand(
    operation: Operation,
    slot: Slot,
    reports: Sequence[SiteReport],
    statuses: Mapping[int, SiteStatus],
    known: findings.Open,
    local: answers.Local,
) -> list[Finding]:
    """Write the reports and let the sites stand as they say; the findings that this opens and closes."""
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
        state = states.assessed(status.state, report.verdict)
        if state != status.state:
            status.state, status.since, status.moved_post = state, report.at, report.post
        moved.append(report)
    if not moved:
        return []
    rows = [statuses[report.site_id] for report in moved]
    with connection.cursor() as cursor:
        cursor.execute(_STANDS, [[getattr(row, name) for row in rows] for name in _STANDING])
    return findings.mend(operation, slot, moved, known, local)


def _line(slot: Slot, reports: Sequence[SiteReport], post: str) -> dict[str, Any]:
    counts = Counter(report.verdict for report in reports)
    return {
        "text": "",
        "by": post,
        "slot": slot.pk,
        "due": clock.wire(slot.due_at),
        "sites": len(reports),
        **{verdict: counts[verdict] for verdict in checklist.VERDICTS if verdict != "silent"},
        "source": reports[0].source,
        "late": any(report.late for report in reports),
    }


def _also(
    reports: Iterable[SiteReport], statuses: Mapping[int, SiteStatus], found: Iterable[Finding]
) -> dict[str, dict[str, Any]]:
    """Every site and finding that an act changed, as it is counted afterwards."""
    changed = {f"site:{report.site.code}": statuses[report.site_id].counted for report in reports}
    return changed | {finding.key: finding.counted for finding in found}


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
