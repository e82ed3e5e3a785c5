"""What did higher levels find, and where does it contradict what is said there?"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from sites import checklist
from sites.models import Site, SiteStatus
from sites.readiness import answers as said
from sites.readiness import queries as readiness
from sites.readiness.models import Finding, Inspection, UnitStatus
from subcommittees.models import Operation, Unit
from subcommittees.scope import Viewer, visible
from subcommittees.words import Words


@dataclass(frozen=True)
class Line:
    """One thing that can be looked at."""

    code: str
    name: Words
    critical: bool
    phase: str = "before"


@dataclass(frozen=True)
class Target:
    """A site or a unit that is inspected."""

    site: Site | None = None
    unit: Unit | None = None

    @property
    def path(self) -> str:
        return self.site.path if self.site else self.unit.path if self.unit else ""

    @property
    def above(self) -> str:
        """Where an inspector's post stands at least: at the level above."""
        path = self.path.rstrip("/").rpartition("/")[0]
        return f"{path}/"

    @property
    def key(self) -> dict[str, Any]:
        return {"site": self.site, "unit": self.unit}


def lines(operation: Operation, target: Target) -> dict[str, Line]:
    """Everything that can be found in order or not: of a site in all phases, with what its province asks besides."""
    if target.site is None:
        items = [one for one in checklist.UNIT_ITEMS.values() if not one.number and not one.retired]
        return {one.code: Line(one.code, one.name, one.critical) for one in items}
    kinds = {"", target.site.kind}
    table = [one for one in checklist.ITEMS.values() if not one.retired]
    table += [row.item for row in readiness.local_items(operation, target.path)]
    return {one.code: Line(one.code, one.name, one.critical, one.phase) for one in table if one.kind in kinds}


def own(operation: Operation, target: Target) -> dict[str, str]:
    """What the site or the unit says of itself now, by item."""
    if target.site is not None:
        row = (
            SiteStatus.objects.filter(operation=operation, site=target.site).select_related("report").first()
        )
        return said.said(row.report) if row else {}
    status = UnitStatus.objects.filter(operation=operation, unit=target.unit).select_related("report").first()
    return dict(status.report.answers) if status else {}


def owns(
    operation: Operation, rows: Iterable[Inspection]
) -> dict[tuple[int | None, int | None], dict[str, str]]:
    """The same for many, by (site, unit)."""
    rows = list(rows)
    sites = SiteStatus.objects.filter(
        operation=operation, site__in={row.site_id for row in rows if row.site_id}
    )
    units = UnitStatus.objects.filter(
        operation=operation, unit__in={row.unit_id for row in rows if row.unit_id}
    )
    found: dict[tuple[int | None, int | None], dict[str, str]] = {}
    for status in sites.select_related("report"):
        found[status.site_id, None] = said.said(status.report)
    for of_unit in units.select_related("report"):
        found[None, of_unit.unit_id] = dict(of_unit.report.answers)
    return found


def contradicted(found: Mapping[str, str], own_says: Mapping[str, str]) -> list[str]:
    """The items that are said to be in order there and were found not to be."""
    return [item for item, answer in found.items() if answer == "no" and own_says.get(item) in {"ok", "na"}]


def listed(user: Viewer, operation: Operation, *, unit: str = "", site: str = "") -> QuerySet[Inspection]:
    """The inspections in reach, the latest look first."""
    rows = visible(Inspection.objects.filter(operation=operation), user).select_related("site", "unit")
    if unit:
        rows = rows.filter(path__startswith=unit)
    if site:
        rows = rows.filter(site__code=site)
    return rows.order_by("-looked_at", "-at", "pk")


def of(operation: Operation, target: Target) -> QuerySet[Inspection]:
    rows = Inspection.objects.filter(operation=operation, **target.key)
    return rows.order_by("-looked_at", "-at", "pk")


def mended_since(operation: Operation, target: Target, looked_at: dt.datetime) -> set[str]:
    """What a look later than this one has found in order."""
    later = Inspection.objects.filter(operation=operation, looked_at__gt=looked_at, **target.key)
    found: dict[str, str] = {}
    for answers in later.order_by("looked_at", "at").values_list("answers", flat=True):
        found.update(answers)
    return {item for item, answer in found.items() if answer != "no"}


def standing(operation: Operation, target: Target) -> dict[str, Finding]:
    """What inspections found and what still stands, by item."""
    rows = Finding.objects.filter(operation=operation, kind="inspection", closed_at=None, **target.key)
    return {row.item: row for row in rows}
