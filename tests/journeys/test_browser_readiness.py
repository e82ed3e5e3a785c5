"""Does what a commune says of its sites, and its silence, reach the province and the ministry by itself?"""

import csv
import datetime as dt
import io
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from journal import clock
from journal.models import Notice
from reports import picture
from sites import checklist
from sites.readiness import queries as readiness
from sites.readiness.models import Slot
from subcommittees.scope import reach
from tests import cast as players
from tests.journeys.browser import OFFICE, PHONE, WALL, Seat
from tests.journeys.stage import Stage
from tests.journeys.test_browser_grid import cell, typed
from tests.journeys.test_feed import call
from tests.sites.readiness.stage import planned

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Sit = Callable[..., Seat]
GRID, PROVINCE, NATION = "/readiness/vn/14/03646/grid/", "/readiness/vn/14/", "/readiness/vn/"
ONE, TWO = "14-03646-001", "14-03646-002"
REASON = "Chưa thấy lối ưu tiên trong ảnh"


def handed_in(seat: Seat, sites: int) -> None:
    seat.find("[data-grid-send] button:visible, [data-open-confirm]:visible").first.click()
    expect(seat.find("[data-confirm-body]")).to_contain_text(f"{sites} điểm bầu cử")
    seat.find("[data-confirm-send]").click()
    expect(seat.find(".message", has_text="Đã nộp")).to_be_visible()


def shown(seat: Seat, unit: str, ready: int, conditional: int) -> bool:
    found = seat.count("readiness.ready", unit), seat.count("readiness.conditional", unit)
    return found == (str(ready), str(conditional))


def test_what_a_commune_says_moves_the_numbers_above_it(
    house: Stage, committed: SimpleNamespace, sit: Sit
) -> None:
    cast = committed
    slot = planned(cast)
    # A month ago: there is a slot that everybody should have answered by now.
    Slot.objects.update(planned_at=clock.now() - dt.timedelta(days=30))
    commune = sit(cast.tohieu, OFFICE).open(GRID)
    ministry = sit(cast.duty, WALL).open(NATION)
    province = sit(cast.sonla, OFFICE).open(PROVINCE)
    assert shown(ministry, "vn/", 0, 0)

    commune.find("button[value=ok]").click()
    handed_in(commune, 2)
    ministry.until(lambda: shown(ministry, "vn/", 2, 0))
    province.until(lambda: shown(province, "vn/14/", 2, 0))

    back = {"slot": slot.pk, "site": ONE, "items": ["22"], "reason": REASON}
    status, said = call(house, cast.sonla, "/api/readiness/return/", back, "mot")
    assert status in {200, 201}, said
    ministry.until(lambda: shown(ministry, "vn/", 1, 1))
    province.until(lambda: shown(province, "vn/14/", 1, 1))

    commune.open(GRID)
    expect(cell(commune, ONE, "22")).to_have_attribute("data-a", "r")
    cell(commune, ONE, "22").focus()
    expect(commune.find("body")).to_contain_text(REASON)
    typed(commune, "o")
    handed_in(commune, 1)
    ministry.until(lambda: shown(ministry, "vn/", 2, 0))
    province.until(lambda: shown(province, "vn/14/", 2, 0))
    _one_number(house, cast, sit)


def _one_number(house: Stage, cast: SimpleNamespace, sit: Sit) -> None:
    """Tile, boards, API and export: one count."""
    counted = picture.count(cast.unit.sonla, reach(cast.sonla), cast.operation).readiness
    assert counted == {"ready": 2, "conditional": 0, "not_ready": 0, "silent": 2}
    nation, province = sit(cast.duty, WALL).open(NATION), sit(cast.sonla, OFFICE).open(PROVINCE)
    expect(nation.find(".tile", has_text="Sơn La")).to_contain_text("50")  # of a hundred
    for verdict, count in counted.items():
        assert province.count(f"readiness.{verdict}", "vn/14/") == str(count)
        if verdict != "ready":  # stands as the share
            assert nation.count(f"readiness.{verdict}", "vn/14/") == str(count)
        status, listed = call(house, cast.sonla, f"/api/readiness/?unit=vn/14/&verdict={verdict}")
        assert (status, listed["count"]) == (200, count)
    assert call(house, cast.sonla, "/api/picture/?unit=vn/14/")[1]["readiness"] == counted
    token = {"Authorization": f"Token {players.token(cast.duty)}"}
    asked = urllib.request.Request(f"{house.base}/api/exports/readiness/?format=csv&unit=vn/", headers=token)
    with urllib.request.urlopen(asked, timeout=30) as answer:
        text = answer.read().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text[text.index("Mã đơn vị") :]), delimiter=";"))
    [row] = [row for row in rows if row["Mã đơn vị"] == "14"]
    assert [int(row[str(checklist.VERDICTS[verdict].vi)]) for verdict in counted] == list(counted.values())


def owed() -> Counter[tuple[int, str]]:
    return Counter(Notice.objects.values_list("person", "event__verb"))


def until(done: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, owed()
        time.sleep(0.2)


def test_silence_is_seen_and_climbs_from_the_commune_to_the_ministry(
    own_house: Stage, committed: SimpleNamespace, sit: Sit, move_clock: Callable[..., None]
) -> None:
    house, cast = own_house, committed
    slot = planned(cast)
    begun = clock.now()

    def at(moment: object, minutes: int = 1) -> None:
        move_clock(seconds=(moment - begun).total_seconds() + 60 * minutes)  # type: ignore[operator]

    house.start("worker", "beat")
    until(lambda: house.running["worker"].poll() is None)
    call(house, cast.tohieu, "/api/readiness/", _well(slot), "mot")
    ministry = sit(cast.duty, WALL).open(NATION)
    commune = sit(cast.chiengan, PHONE).open("/readiness/vn/14/03664/")
    assert ministry.count("readiness.ready", "vn/") == "2"

    at(slot.remind_at)
    until(lambda: owed()[cast.chiengan.pk, "readiness.reminded"] == 1)
    at(slot.silent_at)
    until(lambda: owed()[cast.chiengan.pk, "readiness.silent"] == 1)
    commune.until(lambda: commune.count("readiness.silent", "vn/14/03664/") == "2", 20)
    ministry.until(lambda: ministry.count("readiness.silent", "vn/") == "6", 20)
    ministry.until(lambda: ministry.count("readiness.ready", "vn/") == "2", 20)
    at(slot.silent_at, 32)
    until(lambda: owed()[cast.sonla.pk, "finding.escalated"] == 1)
    at(slot.silent_at, 95)
    until(lambda: owed()[cast.duty.pk, "finding.escalated"] >= 1)
    time.sleep(11)  # two more rounds of every clock

    told = owed()
    assert set(told.values()) == {1}, told
    assert told[cast.tohieu.pk, "readiness.silent"] == 1  # the ward itself has not reported, its sites have
    expect(commune.find(".bar")).to_be_visible()
    assert "Traceback" not in house.log("worker") + house.log("beat")
    assert readiness.judged_now(cast.operation) == slot


def _well(slot: Slot) -> dict[str, object]:
    from_the_list = dict.fromkeys((str(number) for number in range(1, 33)), "ok")
    return {"slot": slot.pk, "reports": [{"site": site, "answers": from_the_list} for site in (ONE, TWO)]}
