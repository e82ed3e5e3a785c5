"""Is a slot judged once when two beats and two workers run it and one of them dies in the middle?"""

import time
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.db import connection, transaction

from journal.models import Event, Notice
from sites.models import Check, Finding, Site, SiteStatus
from sites.readiness.queries import VERDICTS
from tests.journeys.stage import Stage
from tests.sites.test_checks import a_slot, file

AREAS = 3


def until(done: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.2)


def said(verb: str) -> Counter[str]:
    return Counter(Event.objects.filter(verb=verb).values_list("path", flat=True))


def waiting() -> int:
    """How many others wait for a row that somebody holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return int(cursor.fetchone()[0])


@pytest.mark.slow
def test_a_slot_is_judged_once_whoever_dies(
    own_house: Stage, committed: SimpleNamespace, move_clock: Callable[..., None]
) -> None:
    house, cast = own_house, committed
    slot = a_slot(cast)
    file(cast, slot, cast.site.tohieu_1)
    file(cast, slot, cast.site.tohieu_2, **{"9": "no", "5": "no"})
    house.start("worker", "beat", "worker2", "beat2")
    move_clock(minutes=31)
    until(lambda: said("readiness.reminded").total() == 7)

    with transaction.atomic():
        SiteStatus.objects.select_for_update().get(site=cast.site.chiengan_1, operation=cast.operation)
        move_clock(minutes=91)
        until(lambda: waiting() >= 2)  # one has claimed the slot and waits for us, the other for its claim
        assert not Check.objects.filter(province=cast.unit.sonla).exists()
        house.kill("worker")
    until(lambda: Check.objects.count() == AREAS)
    time.sleep(9)  # two more rounds of both beats
    house.start("worker")

    rows = {row.path: row for row in Check.objects.all()}
    assert len(rows) == Check.objects.count() == AREAS
    judged = [getattr(row, verdict) for row in rows.values() for verdict in VERDICTS]
    assert sum(judged) == Site.objects.count()
    assert [getattr(rows["vn/14/"], verdict) for verdict in VERDICTS] == [1, 0, 1, 2]
    assert said("readiness.checked") == dict.fromkeys(rows, 1)
    assert set(said("readiness.silent").values()) == set(said("readiness.reminded").values()) == {1}
    opened = Finding.objects.filter(closed_at=None)
    assert opened.filter(kind="silent").count() == 6 + 7
    assert {row.item for row in opened.filter(kind="item")} == {"5", "9"}

    move_clock(minutes=91 + 35)
    until(lambda: said("finding.escalated").total() == AREAS)
    move_clock(hours=12)
    until(lambda: said("finding.escalated")["vn/"] >= 1)
    time.sleep(11)
    climbed = Counter(
        (key, after["level"])
        for event in Event.objects.filter(verb="finding.escalated")
        for key, after in event.said["after"].items()
    )
    assert set(climbed.values()) == {1}
    assert Counter(level for _key, level in climbed) == {1: 13 + 1, 2: 13 + 1}
    twice = Counter(Notice.objects.values_list("person", "event"))
    assert set(twice.values()) == {1}
    assert "Traceback" not in house.log("worker2") + house.log("beat") + house.log("beat2")
