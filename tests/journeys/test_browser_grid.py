"""Does a commune file all its sites in a minute, with keys, from Excel, by two hands, and without a network?"""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import expect

from journal import clock
from sites import checklist
from sites.models import Site
from sites.readiness import actions
from sites.readiness import queries as readiness
from sites.readiness.models import DraftCell, SiteReport, Slot
from tests.journeys.browser import NARROW, OFFICE, PHONE, Seat
from tests.journeys.stage import Stage
from tests.journeys.test_axe import breaches

pytestmark = pytest.mark.browser
Sit = Callable[..., Seat]
GRID = "/readiness/vn/14/03646/grid/"
ONE = "14-03646-001"


@pytest.fixture
def slot(committed: SimpleNamespace) -> Slot:
    """A commune of 22 sites, and the slot that it should answer now."""
    for number in range(3, 23):
        Site.objects.create(
            code=f"14-03646-{number:03d}",
            number=number,
            name=f"Điểm bầu cử {number} – Nhà văn hóa tổ {number}",
            unit=committed.unit.tohieu,
            lat=21.3,
            lon=103.9,
        )
    committed.operation.election_day = clock.now().date() + dt.timedelta(days=10)
    committed.operation.save()
    actions.plan(by=committed.secretary, operation=committed.operation)
    found = readiness.asked_now(committed.operation)
    assert found
    return found


def cell(seat: Seat, site: str, item: str) -> Any:
    at = list(checklist.ITEMS).index(item) + 1
    return seat.find(f'tr[data-site="{site}"] td:nth-child({at + 1})')


def kept(site: str = ONE) -> dict[str, str]:
    return dict(DraftCell.objects.filter(site__code=site).values_list("item", "value"))


def pasted(seat: Seat, text: str) -> None:
    seat.page.evaluate(
        """(text) => { const data = new DataTransfer(); data.setData("text/plain", text);
        const paste = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
        document.activeElement.dispatchEvent(paste); }""",
        text,
    )


def typed(seat: Seat, key: str, **more: Any) -> None:
    seat.page.evaluate(
        """(given) => document.activeElement.dispatchEvent(
        new KeyboardEvent("keydown", {bubbles: true, cancelable: true, ...given}))""",
        {"key": key, **more},
    )


def state(seat: Seat) -> str:
    return seat.find("[data-grid-state]").inner_text()


@pytest.mark.parametrize("size", [OFFICE, PHONE], ids=["office", "phone"])
def test_a_clean_commune_is_handed_in_with_three_taps(
    house: Stage, committed: SimpleNamespace, sit: Sit, slot: Slot, size: tuple[int, int]
) -> None:
    seat = sit(committed.tohieu, size).open(GRID)
    seat.find("button[value=ok]").click()
    seat.find("[data-grid-send] button:visible, [data-open-confirm]:visible").first.click()
    expect(seat.find("[data-confirm-body]")).to_contain_text("Nộp 22 điểm bầu cử. Tất cả đều đạt")
    seat.find("[data-confirm-send]").click()
    expect(seat.find(".message", has_text="Đã nộp: 22 điểm bầu cử")).to_be_visible()
    assert SiteReport.objects.filter(verdict="ready", source="own").count() == 22
    assert not DraftCell.objects.exists()
    expect(seat.find("[aria-current=page] [data-task-state]")).to_have_text("Đã nộp")


def test_keys_move_and_answer_as_in_a_spreadsheet(
    house: Stage, committed: SimpleNamespace, sit: Sit, slot: Slot
) -> None:
    seat = sit(committed.tohieu, OFFICE).open(GRID)
    press = seat.page.keyboard.press
    cell(seat, ONE, "1").focus()
    typed(seat, "đ")
    for key in ("ArrowRight", "c", "Tab", "o", "ArrowRight", "ArrowRight", " ", " ", " "):
        press(key)
    for key in ("Enter", "Shift+Tab", "n"):
        press(key)
    cell(seat, "14-03646-004", "9").dblclick()
    press("Escape")
    expect(seat.find("[data-grid-send] button:visible")).to_be_focused()
    seat.until(lambda: kept() == {"1": "o", "2": "n", "3": "o", "5": "a"}, 3)
    seat.until(lambda: kept("14-03646-002") == {"4": "n"} and kept("14-03646-004") == {"9": "o"}, 3)
    expect(seat.find("[aria-current=page] [data-task-state]")).to_have_text("Đang làm")
    cell(seat, ONE, "1").focus()
    for key in ("Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowRight", "d"):
        press(key)
    seat.until(lambda: kept("14-03646-003") == {"1": "o", "2": "o"}, 3)
    press("Control+z")
    seat.until(lambda: kept("14-03646-003") == {} and kept()["2"] == "n", 3)
    # Vietnamese in the making answers nothing.
    typed(seat, "c", keyCode=229, isComposing=True)
    seat.page.wait_for_timeout(600)
    assert kept()["1"] == "o"
    assert seat.page.url.endswith(GRID)


def test_a_block_of_excel_is_pasted_and_garbage_told_beside_its_cell(
    house: Stage, committed: SimpleNamespace, sit: Sit, slot: Slot
) -> None:
    seat = sit(committed.tohieu, OFFICE).open(GRID)
    cell(seat, ONE, "5").focus()
    pasted(seat, "Đạt\tchưa đạt\ttạm\r\n\tkhông áp dụng\t✓\r\n")
    seat.until(lambda: kept() == {"5": "o", "6": "n"} and kept("14-03646-002") == {"6": "a", "7": "o"}, 3)
    wrong = cell(seat, ONE, "7")
    expect(wrong).to_contain_text("tạm")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(seat.find("#grid-trouble li")).to_contain_text("không nhận “tạm”. Hãy ghi Đạt, Chưa đạt")
    cell(seat, ONE, "1").focus()
    pasted(seat, "\n".join(["Đạt"] * 22))
    seat.until(lambda: DraftCell.objects.filter(item="1", value="o").count() == 22, 3)


def test_a_change_is_kept_within_a_second_and_two_officers_see_each_other(
    house: Stage, committed: SimpleNamespace, sit: Sit, slot: Slot
) -> None:
    one = sit(committed.tohieu, OFFICE).open(GRID)
    two = sit(committed.sonla, OFFICE).open(GRID)
    expect(two.find(".grid-behalf")).to_contain_text("Ghi hộ")
    cell(one, ONE, "1").focus()
    one.page.keyboard.press("o")
    assert one.until(lambda: kept() == {"1": "o"}, 2) < 1.2
    one.until(lambda: state(one).startswith("đã lưu"))
    cell(two, ONE, "1").focus()
    two.page.keyboard.press("n")
    line = two.find("#grid-trouble li")
    expect(line).to_contain_text("đồng chí ghi Chưa đạt; Cán bộ tohieu ghi Đạt")
    assert kept() == {"1": "o"}
    two.find("[data-grid-send] button:visible").click()
    expect(two.find("[data-confirm-send]")).to_be_disabled()
    two.find("[data-confirm-close]").click()
    line.get_by_role("button", name="Giữ của tôi").click()
    two.until(lambda: kept() == {"1": "n"}, 3)
    expect(two.find("#grid-trouble")).to_be_hidden()


def test_without_a_network_it_waits_through_a_restart_and_goes_in_order(
    house: Stage, committed: SimpleNamespace, sit: Sit, slot: Slot
) -> None:
    seat = sit(committed.tohieu, OFFICE).open(GRID)
    seat.may_be_cut = True
    seat.context.set_offline(True)
    seat.find("button[value=ok]").click()
    cell(seat, ONE, "1").focus()
    seat.page.keyboard.press("n")
    seat.until(lambda: state(seat).startswith("chờ mạng"), 3)
    assert not DraftCell.objects.exists()
    stored = seat.context.storage_state()
    seat.close()
    again = sit(committed.tohieu, OFFICE, storage_state=stored)
    again.may_be_cut = True
    again.page.route("**/grid/save/**", lambda route: route.abort())
    again.open(GRID)
    expect(cell(again, ONE, "1")).to_have_attribute("data-a", "n")
    again.find("[data-grid-send] button:visible").click()
    expect(again.find("[data-confirm-body]")).to_contain_text("1. Có phương án bảo vệ")
    again.page.route("**/grid/file/**", lambda route: route.abort())
    again.find("[data-confirm-send]").click()
    again.until(lambda: "sẽ nộp ngay khi có mạng" in state(again), 3)
    again.page.unroute("**/grid/save/**")
    again.page.unroute("**/grid/file/**")
    again.page.evaluate("dispatchEvent(new Event('online'))")
    again.until(lambda: SiteReport.objects.count() == 22, 8)
    assert SiteReport.objects.exclude(verdict="ready").get().site.code == ONE
    expect(again.find(".message", has_text="Đã nộp")).to_be_visible()
    assert not DraftCell.objects.exists()


def test_who_reported_meanwhile_is_named_and_no_cell_is_lost(
    house: Stage, committed: SimpleNamespace, sit: Sit, slot: Slot
) -> None:
    seat = sit(committed.tohieu, OFFICE).open(GRID)
    seat.find("button[value=ok]").click()
    seat.until(lambda: DraftCell.objects.filter(site__code=ONE).count() > 20, 5)
    said = dict.fromkeys((item.code for item in checklist.asked("regular", "before")), "ok") | {"5": "no"}
    given = actions.Given(committed.site.tohieu_1, said)
    actions.file(
        by=committed.sonla,
        operation=committed.operation,
        slot=slot,
        unit=committed.unit.tohieu,
        given=[given],
    )
    expect(seat.find("#grid-trouble li")).to_contain_text("đồng chí ghi Đạt; Trực ban cấp tỉnh")
    seat.find("#grid-trouble").get_by_role("button", name="Lấy của họ").click()
    expect(cell(seat, ONE, "5")).to_have_attribute("data-a", "n")
    seat.find("[data-grid-send] button:visible").click()
    seat.find("[data-confirm-send]").click()
    expect(seat.find(".message", has_text="Đã nộp: 21 điểm bầu cử")).to_be_visible()


def test_one_site_at_a_time_on_a_phone(
    house: Stage, committed: SimpleNamespace, sit: Sit, slot: Slot
) -> None:
    seat = sit(committed.tohieu, PHONE).open(GRID)
    expect(seat.find(".grid-wrap")).to_be_hidden()
    seat.find("[data-ask='5'] [value=n]").check()
    seat.find("[data-one-fill]").click()
    seat.find("[data-site-form] [name=note]").fill("Thiếu sơ đồ lối ra")
    expect(seat.find("[data-one-state]")).to_have_text("đã trả lời hết · 1 chưa đạt")
    seat.find("[data-one-step='1']").click()
    expect(seat.find("#one-site")).to_have_value("14-03646-002")
    expect(seat.find("[data-site-form] [name=note]")).to_have_value("")
    seat.until(
        lambda: kept().get("note") == "Thiếu sơ đồ lối ra" and kept()["5"] == "n" and len(kept()) == 33, 4
    )
    for width, height in (PHONE, NARROW):
        seat.page.set_viewport_size({"width": width, "height": height})
        assert seat.too_wide() <= 0
    thumbs = "main button, main .grid-choice span, main select, main summary, main .button"
    small = """(thumbs) => [...document.querySelectorAll(thumbs)].filter((one) => one.offsetParent)
        .filter((one) => one.offsetHeight < 44 || one.offsetWidth < 44).map((one) => one.outerHTML.slice(0, 99))"""
    assert seat.page.evaluate(small, thumbs) == []


def test_without_a_script_it_is_forms(house: Stage, committed: SimpleNamespace, sit: Sit, slot: Slot) -> None:
    seat = sit(committed.tohieu, OFFICE, java_script_enabled=False).open(GRID, live=False)
    seat.find("[data-ask='5'] [value=n]").check()
    seat.find("[data-site-form] button", has_text="Lưu").click()
    seat.find("button[value=ok]").click()
    expect(cell(seat, ONE, "5")).to_have_text("C")
    seat.find("[data-grid-send] button:visible").click()
    handing = seat.find("form:has([name=grid])")
    expect(handing).to_contain_text("5. Sơ đồ điểm")
    handing.get_by_role("button", name="Nộp").click()
    expect(seat.find(".message", has_text="Đã nộp: 22 điểm bầu cử")).to_be_visible()
    assert SiteReport.objects.exclude(verdict="ready").get().site.code == ONE


@pytest.mark.parametrize(("size", "theme", "language"), [(PHONE, "light", "vi"), (OFFICE, "dark", "en")])
def test_the_grid_is_readable_for_everybody(
    house: Stage,
    committed: SimpleNamespace,
    sit: Sit,
    slot: Slot,
    size: tuple[int, int],
    theme: str,
    language: str,
) -> None:
    seat = sit(committed.tohieu, size, theme=theme, language=language).open(GRID)
    seat.find("button[value=ok]").click()
    if size == OFFICE:
        cell(seat, ONE, "7").focus()
        pasted(seat, "tạm")
        seat.page.keyboard.press("ArrowDown")
        seat.page.keyboard.press("n")
    seat.page.evaluate("scrollTo(0, 0)")
    assert breaches(seat) == []
    seat.find("[data-grid-send] button:visible, [data-open-confirm]:visible").first.click()
    assert breaches(seat) == []
