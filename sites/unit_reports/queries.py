"""What has a unit said of itself, and who has to?"""

from django.db.models import QuerySet

from sites.readiness.models import Finding, Slot, UnitReport, UnitStatus
from sites.readiness.queries import OWES
from subcommittees.models import Operation, Unit
from subcommittees.scope import Viewer, visible

HISTORY = 10


def latest(slot: Slot, unit: Unit) -> UnitReport | None:
    """The last revision for the slot."""
    return UnitReport.objects.filter(slot=slot, unit=unit).order_by("-revision").first()


def before(slot: Slot, unit: Unit) -> UnitReport | None:
    """What the unit said last, for an earlier slot: to begin from."""
    rows = UnitReport.objects.filter(
        unit=unit, slot__operation=slot.operation_id, slot__due_at__lt=slot.due_at
    )
    return rows.order_by("-slot__due_at", "-revision").first()


def status(operation: Operation, unit: Unit) -> UnitStatus | None:
    return UnitStatus.objects.filter(operation=operation, unit=unit).select_related("report").first()


def standing(operation: Operation, unit: Unit) -> list[Finding]:
    """The silence and the items that are open at this unit."""
    rows = Finding.objects.filter(operation=operation, unit=unit, kind__in=["silent", "item"], closed_at=None)
    return list(rows.select_related("slot"))


def history(slot: Slot, unit: Unit) -> list[UnitReport]:
    """Every revision for the slot, the last first."""
    return list(UnitReport.objects.filter(slot=slot, unit=unit).order_by("-revision")[:HISTORY])


def listed(
    user: Viewer, operation: Operation, *, unit: str = "", slot: int | None = None
) -> QuerySet[UnitReport]:
    """The last revision of each unit in reach for each slot (or this one), the newest slots first."""
    rows = visible(UnitReport.objects.filter(slot__operation=operation), user)
    if unit:
        rows = rows.filter(path__startswith=unit)
    if slot is not None:
        rows = rows.filter(slot=slot)
    last = rows.order_by("slot", "unit", "-revision").distinct("slot", "unit").values("pk")
    found = UnitReport.objects.filter(pk__in=last).select_related("unit")
    return found.order_by("-slot__due_at", "path", "pk")


def owes(unit: Unit) -> bool:
    """Whether this unit reports on itself."""
    return unit.kind in OWES
