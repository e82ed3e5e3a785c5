"""How does one site stand, and what has been said of it, slot by slot?"""

from dataclasses import dataclass
from typing import Any

from journal import clock
from sites import checklist
from sites.boards import queries
from sites.checks import queries as checks
from sites.models import Site
from sites.readiness.models import KINDS, SOURCES, Finding, SiteReport
from sites.trends.queries import calendars
from subcommittees.models import Operation
from subcommittees.scope import Viewer, visible
from subcommittees.words import Words

SLOTS = 6


@dataclass
class Said:
    """The last report for one slot: its answers by pillar, and whether an earlier revision said otherwise."""

    report: SiteReport
    pillars: list[tuple[Words, list[dict[str, Any]]]]

    @property
    def source(self) -> Words:
        return SOURCES[self.report.source]


def panel(user: Viewer, operation: Operation, site: Site) -> dict[str, Any]:
    """How the site stands now, its last reports slot by slot, and what is open at it."""
    known = calendars(operation, clock.now())
    now = queries.standing(user, operation, known, unit=site.path).filter(pk=site.pk).first()
    rows = visible(SiteReport.objects.filter(site=site, slot__operation=operation), user)
    reports: dict[int, SiteReport] = {}
    for row in rows.select_related("slot").order_by("-slot__due_at", "-revision")[: SLOTS * 4]:
        reports.setdefault(row.slot_id, row)
    found = list(checks.listed(user, operation, unit=site.path, still=True).filter(site=site))
    names = checks.item_names(found)
    return {
        "now": now,
        "judged": known["early" if site.early else "regular"].judged,
        "said": [Said(row, _pillars(site, row)) for row in list(reports.values())[:SLOTS]],
        "findings": [{"row": row, "name": names.get(row.item, ""), "kind": _kind(row)} for row in found],
    }


def _kind(row: Finding) -> Words:
    return KINDS[row.kind]


def _pillars(site: Site, report: SiteReport) -> list[tuple[Words, list[dict[str, Any]]]]:
    said = checklist.unpacked(report.answers)
    asked = {item.code for item in checklist.asked(site.kind, report.slot.phase)} | {*said}
    reasons = report.reasons or {}
    rows = []
    for pillar, name in checklist.PILLARS.items():
        items = [
            {"item": item, "answer": said.get(item.code, "none"), "why": reasons.get(item.code, "")}
            for item in checklist.ITEMS.values()
            if item.serves == pillar and item.code in asked
        ]
        if items:
            rows.append((name, items))
    return rows
