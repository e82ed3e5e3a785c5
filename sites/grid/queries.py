"""What is asked of a commune's sites for a slot, and what has been said, typed and filed so far?"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from journal import clock
from sites import checklist
from sites.checklist import Item
from sites.grid import cells
from sites.models import Site, SiteStatus
from sites.readiness import answers, findings
from sites.readiness import queries as readiness
from sites.readiness.models import DraftCell, SiteReport, Slot
from subcommittees.models import Operation, Unit
from subcommittees.scope import Viewer, visible
from subcommittees.typed import tidied
from subcommittees.words import Words

NOTE = "note"
STATES = {
    "new": Words("Chưa bắt đầu", "Not started"),
    "begun": Words("Đang làm", "Begun"),
    "filed": Words("Đã nộp", "Filed"),
    "returned": Words("Bị trả lại", "Sent back"),
}


@dataclass
class Row:
    """A site, the items asked of it, what was filed for the slot and the one before, and what is typed since."""

    site: Site
    asked: list[str]
    report: SiteReport | None = None
    last: SiteReport | None = None
    drafts: dict[str, DraftCell] = field(default_factory=dict)

    @property
    def revision(self) -> int:
        return self.report.revision if self.report else 0

    @property
    def filed(self) -> dict[str, str]:
        return said(self.report) if self.report else {}

    @property
    def shown(self) -> dict[str, str]:
        typed = {code: one.value for code, one in self.drafts.items() if code != NOTE}
        return {code: one for code, one in (self.filed | typed).items() if one}

    @property
    def before(self) -> dict[str, str]:
        """What was in order, or not, the time before."""
        known = said(self.last) if self.last else {}
        return {code: one for code, one in known.items() if one != "r" and code in self.asked}

    @property
    def note(self) -> str:
        return self.drafts[NOTE].value if NOTE in self.drafts else self.filed_note

    @property
    def filed_note(self) -> str:
        return self.report.note if self.report else ""

    @property
    def reasons(self) -> dict[str, str]:
        """Why an answer was sent back, as long as nobody has answered it again."""
        given = (self.report.reasons if self.report else None) or {}
        return {code: str(why) for code, why in given.items() if self.shown.get(code) == "r"}

    @property
    def changed(self) -> bool:
        """Whether there is something to file: an answer, a correction, another note."""
        return self.note != self.filed_note or cells.answers(self.shown) != cells.answers(self.filed)

    def unseen(self, letters: dict[str, str], note: str) -> bool:
        """Whether something else is kept than these: typed at another desk, it would be gone with the report."""
        shown = {code: one if one != "." else "" for code, one in letters.items()} | {NOTE: tidied(note)}
        return any(one.value != shown[code] for code, one in self.drafts.items() if code in shown)


@dataclass
class Grid:
    operation: Operation
    unit: Unit
    slot: Slot
    items: list[Item]
    rows: list[Row]

    def row(self, code: str) -> Row | None:
        return next((row for row in self.rows if row.site.code == code), None)


@dataclass(frozen=True)
class Task:
    """How far a commune is with one slot."""

    slot: Slot
    state: str
    phase: str  # upcoming, open, late, closed

    @property
    def name(self) -> Words:
        return STATES[self.state]


def said(report: SiteReport) -> dict[str, str]:
    """The letter of each answer, of the table and of the province's own items."""
    return {code: checklist.PACKED.get(one, ".") for code, one in answers.said(report).items()}


def places(user: Viewer, unit: Unit, track: str) -> QuerySet[Site]:
    """The commune's sites that vote on this track."""
    rows = Site.objects.filter(path=unit.path, early=track == "early")
    return visible(rows, user).order_by("number", "pk")


def tracks(user: Viewer, unit: Unit) -> list[str]:
    return [track for track in ("regular", "early") if places(user, unit, track).exists()]


def hold(slot: Slot, unit: Unit) -> None:
    """Of two officers at one grid the second waits, and sees what the first has written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [slot.pk, unit.pk])


def read(
    user: Viewer,
    operation: Operation,
    unit: Unit,
    slot: Slot,
    *,
    history: bool = True,
    only: Collection[str] | None = None,
) -> Grid:
    """The whole grid of a slot, or `only` these sites of it, in a handful of statements.

    Without `history` not what was said the time before.
    """
    rows_of_track = places(user, unit, slot.track)
    sites = list(rows_of_track if only is None else rows_of_track.filter(code__in=only))
    reports = readiness.latest(slot, [one.pk for one in sites])
    before = _before(slot, [one.pk for one in sites]) if history else {}
    drafts: dict[int, dict[str, DraftCell]] = {}
    for cell in DraftCell.objects.filter(slot=slot, site__in=sites).select_related("by"):
        drafts.setdefault(cell.site_id, {})[cell.item] = cell
    standing = findings.standing(operation, [one.pk for one in sites])
    local = {row.item.code: row.item for row in readiness.local_items(operation, unit.path)}
    rows = [
        Row(
            site,
            _asked(site, slot, local, findings.items(standing, site)),
            reports.get(site.pk),
            before.get(site.pk),
            drafts.get(site.pk, {}),
        )
        for site in sites
    ]
    wanted = {code for row in rows for code in row.asked}
    items = [one for one in [*checklist.ITEMS.values(), *local.values()] if one.code in wanted]
    return Grid(operation, unit, slot, items, rows)


def _asked(site: Site, slot: Slot, local: answers.Local, standing: list[str]) -> list[str]:
    """The codes asked of a site: of this phase, and what is still open from an earlier one."""
    known = [one.code for one in answers.asked(site, slot.phase, local)]
    more = [one for code in standing if code not in known and (one := answers.line(code, site, local))]
    by_now = answers.ORDER.index(slot.phase)
    return known + [one.code for one in more if answers.ORDER.index(one.phase) <= by_now]


def _before(slot: Slot, sites: Sequence[int]) -> dict[int, SiteReport]:
    """The last report of each site for an earlier slot: as a rule the one it stands by, else looked for."""
    rows = SiteStatus.objects.filter(operation=slot.operation_id, site__in=sites).select_related("report")
    standing = rows.filter(due__lt=slot.due_at)
    known = {row.site_id: row.report for row in standing if row.report}
    missing = [pk for pk in sites if pk not in known]
    if missing:
        older = Q(slot__operation=slot.operation_id, slot__due_at__lt=slot.due_at)
        found = SiteReport.objects.filter(older, site__in=missing)
        for report in found.order_by("site", "-slot__due_at", "-revision").distinct("site"):
            known[report.site_id] = report
    return known


def slot(operation: Operation, number: str) -> Slot:
    """The slot, or Slot.DoesNotExist."""
    rows = Slot.objects.filter(operation=operation, cancelled_at=None)
    return rows.get(pk=int(number)) if number.isdecimal() and len(number) < 10 else rows.get(pk=-1)


def wanted(user: Viewer, operation: Operation, unit: Unit) -> Slot | None:
    """The slot that this commune should answer first; without one to answer, the next or the last."""
    held = tracks(user, unit)
    for track in held:
        found = readiness.asked_now(operation, track)
        if found is not None:
            return found
    rows = readiness.slots(operation).filter(track__in=held)
    return rows.filter(opens_at__gt=clock.now()).first() or rows.last()


def tasks(user: Viewer, operation: Operation, unit: Unit, shown: Slot) -> list[Task]:
    """The slots that are open, the one that closed last and the one in view, each with how far it is."""
    at = clock.now()
    found: dict[int, Slot] = {shown.pk: shown}
    sites = {one: list(places(user, unit, one).values_list("pk", flat=True)) for one in ("regular", "early")}
    for track in [one for one, held in sites.items() if held]:
        rows = readiness.slots(operation, track)
        found |= {one.pk: one for one in rows.filter(opens_at__lte=at, closes_at__gt=at)}
        closed = rows.filter(closes_at__lte=at).last()
        found |= {closed.pk: closed} if closed else {}
    known: dict[int, list[SiteReport]] = {pk: [] for pk in found}
    reports = SiteReport.objects.filter(slot__in=found, site__in=sites["regular"] + sites["early"])
    for report in reports.order_by("slot", "site", "-revision").distinct("slot", "site"):
        known[report.slot_id].append(report)
    drafts = DraftCell.objects.filter(slot__in=found, path=unit.path)
    typed = set(drafts.values_list("slot", flat=True).distinct())
    ordered = sorted(found.values(), key=lambda one: (one.due_at, one.track))
    return [
        Task(one, _state(known[one.pk], len(sites[one.track]), typed=one.pk in typed), phase(one, at))
        for one in ordered
    ]


def phase(slot: Slot, at: dt.datetime) -> str:
    if slot.cancelled_at is not None or at >= slot.closes_at:
        return "closed"
    if at < slot.opens_at:
        return "upcoming"
    return "late" if at > slot.silent_at else "open"


def _state(reports: Sequence[SiteReport], wanted: int, *, typed: bool) -> str:
    if any("r" in said(one).values() for one in reports):
        return "returned"
    if len(reports) == wanted and not typed:
        return "filed"
    return "begun" if typed or reports else "new"


def wire(grid: Grid, user: Any) -> dict[str, Any]:
    """The grid as the page's own script wants it: a letter a cell."""
    rows = {}
    for row in grid.rows:
        others = {
            code: one.by.title for code, one in row.drafts.items() if one.by_id != getattr(user, "pk", None)
        }
        rows[row.site.code] = {
            "rev": row.revision,
            "now": cells.packed(grid.items, row.shown, row.asked),
            "filed": cells.packed(grid.items, row.filed, row.asked),
            "note": row.note,
            "filedNote": row.filed_note,
            "post": row.report.post if row.report else "",
            "others": others,
            "reasons": row.reasons,
        }
    return {"slot": grid.slot.pk, "rows": rows}
