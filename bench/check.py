"""How long does it take to judge the nation at one slot?"""

import datetime as dt
import random
import time

from bench import house
from bench.figures import Figure, middle
from bench.nation import Nation
from journal import clock
from sites import checklist
from sites.checks import actions, queries
from sites.models import Check, Site, SiteReport, SiteStatus, Slot
from subcommittees.models import Operation, Unit
from subcommittees.scope import SYSTEM

ROUNDS = 5
SILENT, FAULTY = 0.03, 0.07  # of the sites; others at each slot, so that findings are opened and closed


def national(nation: Nation) -> list[Figure]:
    """T9: every site judged by its items, findings opened and closed, events and notices written, durably.

    The floor is one aggregate over the same reports that asks of each whether each of forty items is in order.
    """
    areas = list(Unit.objects.filter(kind__in=queries.AREAS).order_by("path"))
    dice = random.Random(9)  # noqa: S311 - chance that can be repeated is wanted
    found = Figure("T9", "", "s", "≤ 8×, ≤ 5 s", most=8, limit=5.0)
    per_site: dict[str, list[tuple[int, float]]] = {}
    for number in range(ROUNDS + 1):
        slot = _answered(nation.operation, dice)
        floor = _aggregated(slot)
        began = time.perf_counter()
        for area in areas:
            since = time.perf_counter()
            row = actions.check(by=SYSTEM, operation=nation.operation, slot=slot, province=area)
            if row is None:
                raise RuntimeError(f"{area} was judged already")
            sites = row.ready + row.conditional + row.not_ready + row.silent
            per_site.setdefault(area.path, []).append((sites, time.perf_counter() - since))
        took = time.perf_counter() - began
        if number:  # the first only warms, and opens all at once
            found.floor.append(floor)
            found.product.append(took)
    rows = Check.objects.filter(slot=slot)
    total = sum(row.ready + row.conditional + row.not_ready + row.silent for row in rows)
    opened, closed = sum(row.opened for row in rows), sum(row.closed for row in rows)
    if total != Site.objects.filter(early=False).count():
        raise RuntimeError(f"{total} sites were judged")
    found.what = f"national check of {total:,} sites"
    found.note = f"{len(areas)} transactions; {opened:,} findings opened, {closed:,} closed in the last; "
    found.note += _growth(per_site)
    return [found]


def _growth(per_site: dict[str, list[tuple[int, float]]]) -> str:
    """What a thousand sites cost in the largest provinces and in the smallest: the same where growth is linear."""
    known = sorted(
        (rows[-1][0], middle([seconds for _sites, seconds in rows[1:]]))
        for rows in per_site.values()
        if rows[-1][0]
    )
    some = len(known) // 3
    told = []
    for part in (known[-some:], known[:some]):
        sites = sum(count for count, _seconds in part)
        told.append(
            f"{1e6 * sum(seconds for _count, seconds in part) / sites:.0f} ms ({sites // some:,} sites)"
        )
    return f"a thousand sites {told[0]} in the largest provinces, {told[1]} in the smallest"


def _answered(operation: Operation, dice: random.Random) -> Slot:
    """A slot that has just run out, as most of the nation answered it."""
    at = clock.now()
    minute = dt.timedelta(minutes=1)
    slot = Slot.objects.create(
        operation=operation, phase="before", opens_at=at - minute, due_at=at, remind_at=at - minute, silent_at=at,
        closes_at=at + minute, planned_at=at - minute,
    )  # fmt: skip
    post, reports = "Công an cấp xã", []
    for pk, path, kind in Site.objects.filter(early=False).values_list("pk", "path", "kind"):
        if dice.random() < SILENT:
            continue
        asked = checklist.asked(kind, "before")
        said = dict.fromkeys((item.code for item in asked), "ok")
        if dice.random() < FAULTY:
            said |= {item.code: "no" for item in dice.sample(asked, dice.randint(1, 3))}
        facts = {"answers": checklist.packed(said), "verdict": checklist.judge(asked, said)}
        reports.append(SiteReport(slot=slot, site_id=pk, path=path, at=at, post=post, **facts))
    SiteReport.objects.bulk_create(reports, batch_size=5_000)
    statuses = SiteStatus.objects.filter(operation=operation).count()
    if statuses < Site.objects.count():
        kept = SiteStatus.objects.filter(operation=operation).values("site")
        rows = Site.objects.exclude(pk__in=kept).values_list("pk", "path")
        SiteStatus.objects.bulk_create(
            [SiteStatus(operation=operation, site_id=pk, path=path, since=at) for pk, path in rows],
            batch_size=5_000,
        )
    with house.asking() as cursor:
        cursor.execute(
            "UPDATE sites_sitestatus t SET due = %s, verdict = r.verdict, report_id = r.id FROM sites_sitereport r"
            " WHERE r.slot_id = %s AND r.site_id = t.site_id AND t.operation_id = %s",
            [slot.due_at, slot.pk, operation.pk],
        )
        cursor.execute("VACUUM (ANALYZE) sites_sitestatus, sites_sitereport, sites_finding")
    return slot


def _aggregated(slot: Slot) -> float:
    items = ", ".join(
        f"count(*) FILTER (WHERE substr(answers, {place}, 1) NOT IN ('o', 'a'))" for place in range(1, 41)
    )
    with house.asking("DATABASE_URL") as cursor:
        began = time.perf_counter()
        cursor.execute(f"SELECT {items} FROM sites_sitereport WHERE slot_id = %s", [slot.pk])
        cursor.fetchone()
        return time.perf_counter() - began
