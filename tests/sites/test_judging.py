"""Does the check judge in one statement exactly as a report is judged when it is filed?"""

import random
import threading
import time

import pytest
from django.db import connection, transaction

from journal import clock
from sites import checklist
from sites.checks import actions
from sites.models import Check, Finding, Site, SiteReport, SiteStatus, Slot
from sites.readiness import actions as readiness
from sites.readiness.actions import Given
from sites.readiness.models import LocalItem
from subcommittees.scope import SYSTEM
from tests.sites.test_checks import HOUR, a_slot, file


def lived(cast, dice):
    """Some slots of every phase that the sites of Sơn La answered in any way that is taken."""
    at, order = clock.now(), list(checklist.PHASES)
    phases = sorted((dice.choice(order) for _ in range(2)), key=order.index)
    slots = [
        Slot.objects.create(
            operation=cast.operation, phase=phase, opens_at=at - HOUR, due_at=at + HOUR * (number + 1),
            remind_at=at, silent_at=at + HOUR * (number + 1), closes_at=at + 9 * HOUR,
        )
        for number, phase in enumerate(phases)
    ]  # fmt: skip
    sites = list(Site.objects.filter(path__startswith="vn/14/").order_by("pk"))
    for slot in slots:
        for site in sites:
            if dice.random() < 0.2:
                continue
            said = {}
            for item in checklist.asked(site.kind, slot.phase):
                said[item.code] = dice.choice(["ok"] * 12 + ["no", "" if item.critical else "na"])
            for row in LocalItem.objects.all():
                asked = row.kind in {"", site.kind} and order.index(row.phase) <= order.index(slot.phase)
                if asked and dice.random() < 0.7:
                    said[f"x{row.pk}"] = dice.choice(["ok", "ok", "no"])
            for _ in range(dice.randint(1, 2)):
                given = Given(site, {code: one for code, one in said.items() if one})
                by = cast.tohieu if site.path == cast.unit.tohieu.path else cast.chiengan
                unit = cast.unit.tohieu if site.path == cast.unit.tohieu.path else cast.unit.chiengan
                readiness.file(by=by, operation=cast.operation, slot=slot, unit=unit, given=[given])
                said |= {code: "ok" for code in said if dice.random() < 0.3}
    for report in SiteReport.objects.filter(slot=slots[-1]).order_by("pk")[:2]:
        wrong = [code for code, one in checklist.unpacked(report.answers).items() if one != "returned"][:2]
        if wrong and dice.random() < 0.5:
            readiness.send_back(
                by=cast.sonla,
                operation=cast.operation,
                slot=slots[-1],
                site=report.site,
                items=wrong,
                reason="Xem lại",
            )
    return slots


@pytest.mark.parametrize("seed", range(12))
def test_the_check_agrees_with_every_report(seed, cast, move_clock):
    dice = random.Random(seed)
    for number in range(dice.randint(0, 2)):
        LocalItem.objects.create(
            operation=cast.operation, province=cast.unit.sonla, path="vn/14/", name_vi=f"Mục {number}",
            phase=dice.choice(list(checklist.PHASES)), serves="means", critical=dice.random() < 0.5,
            kind=dice.choice(["", "hospital"]), added_at=clock.now(),
        )  # fmt: skip
    slots = lived(cast, dice)
    stood = dict(SiteStatus.objects.exclude(due=None).values_list("site", "verdict"))
    open_items = set(Finding.objects.filter(kind="item", closed_at=None).values_list("site", "item"))
    move_clock(hours=4)
    for slot in slots:
        row = actions.check(by=SYSTEM, operation=cast.operation, slot=slot, province=cast.unit.sonla)
        assert row.ready + row.conditional + row.not_ready + row.silent == 4
    assert dict(SiteStatus.objects.exclude(due=None).values_list("site", "verdict")) == stood
    found = Finding.objects.filter(kind="item", closed_at=None, unit=None)
    assert set(found.values_list("site", "item")) == open_items
    last = Check.objects.get(slot=slots[-1])
    answered = list(SiteStatus.objects.filter(due=slots[-1].due_at))
    assert last.silent == 4 - len(answered)
    assert last.not_ready == sum(one.verdict == "not_ready" for one in answered)
    assert last.ready == sum(one.verdict == "ready" for one in answered)


def test_who_answers_at_the_very_moment_is_not_silent(committed, move_clock):
    """The check waits for a report that is being written, and then sees it."""
    cast = committed
    slot = a_slot(cast)
    move_clock(hours=2)
    judged = []

    def judge():
        try:
            judged.append(
                actions.check(by=SYSTEM, operation=cast.operation, slot=slot, province=cast.unit.sonla)
            )
        finally:
            connection.close()

    other = threading.Thread(target=judge)
    with transaction.atomic():
        file(cast, slot, cast.site.tohieu_1)
        other.start()
        for _ in range(100):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
                if cursor.fetchone():
                    break
            time.sleep(0.05)
    other.join()
    assert (judged[0].ready, judged[0].silent) == (1, 3)
    assert not Finding.objects.filter(site=cast.site.tohieu_1).exists()
