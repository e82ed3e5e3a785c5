"""What can be done to a grid before it is handed in?"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from journal import clock
from sites.grid import queries
from sites.grid.queries import NOTE, Grid, Row
from sites.readiness.actions import NOTE_AT_MOST, Closed
from sites.readiness.models import DraftCell, Slot
from subcommittees.models import Operation, Unit, User
from subcommittees.scope import require
from subcommittees.typed import tidied

LETTERS = {"", "o", "n", "a"}


@dataclass(frozen=True)
class Typed:
    """What somebody typed into a cell, and what they saw there before (None: whatever it was)."""

    site: str
    item: str
    value: str
    seen: str | None = None


@dataclass(frozen=True)
class Met:
    """A cell that holds something else than its writer saw: what, and by whom."""

    site: str
    item: str
    value: str
    by: str


@dataclass
class Saved:
    """What became of some cells."""

    saved: int = 0
    met: list[Met] = field(default_factory=list)
    refused: list[tuple[str, str, str]] = field(default_factory=list)  # site, item, why


@transaction.atomic(savepoint=False)
def save(*, by: User, operation: Operation, unit: Unit, slot: Slot, typed: Sequence[Typed]) -> Saved:
    """Keep what was typed until it is handed in. It is nobody's word yet: the journal does not tell of it.

    Cell by cell: one that holds something else than its writer saw is left and told, one that cannot be is refused.
    """
    require(by, "readiness.file", unit.path, "sites")
    at = clock.now()
    if slot.cancelled_at is not None or not slot.opens_at <= at < slot.closes_at:
        raise Closed(slot)
    queries.hold(slot, unit)
    grid = queries.read(by, operation, unit, slot, history=False, only={one.site for one in typed})
    rows = {row.site.code: row for row in grid.rows}
    done = Saved()
    keep: dict[tuple[int, str], DraftCell] = {}
    drop: list[int] = []
    for one in typed:
        row = rows.get(one.site)
        value = tidied(one.value) if one.item == NOTE else one.value
        why = _wrong(grid, row, one.item, value)
        if row is None or why:
            done.refused.append((one.site, one.item, why))
            continue
        kept = row.drafts.get(one.item)
        filed = row.filed_note if one.item == NOTE else row.filed.get(one.item, "")
        now = kept.value if kept else filed
        if one.seen is not None and now not in {one.seen, value}:
            done.met.append(Met(one.site, one.item, now, _author(row, kept)))
            continue
        done.saved += 1
        if value == now:
            continue
        if value == filed:
            drop += [kept.pk] if kept and kept.pk else []
            row.drafts.pop(one.item, None)
            keep.pop((row.site.pk, one.item), None)
            continue
        fresh = DraftCell(slot=slot, site=row.site, path=unit.path, item=one.item, value=value, by=by, at=at)
        keep[row.site.pk, one.item] = row.drafts[one.item] = fresh
    DraftCell.objects.filter(pk__in=drop).delete()
    DraftCell.objects.bulk_create(
        keep.values(),
        update_conflicts=True,
        unique_fields=["slot", "site", "item"],
        update_fields=["value", "by", "at"],
    )
    return done


def _wrong(grid: Grid, row: Row | None, item: str, value: str) -> str:
    """Why this cannot stand in the cell; "" if it can."""
    if row is None:
        return _("This site is not in this grid.")
    if item == NOTE:
        return _("At most %(most)s characters.") % {"most": NOTE_AT_MOST} if len(value) > NOTE_AT_MOST else ""
    if item not in row.asked:
        return _("This item is not asked of this site.")
    if value not in LETTERS:
        return _("Write in order, not in order or not applicable.")
    if value == "a" and any(one.code == item and one.critical for one in grid.items):
        return _("A critical item is either in order or not.")
    return ""


def _author(row: Row, kept: DraftCell | None) -> str:
    if kept is not None:
        return kept.by.title
    return row.report.post if row.report else ""
