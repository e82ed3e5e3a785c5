"""Does Ctrl-K lead anywhere by a few letters, by the keys alone, and stay out of the way of writing?"""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import NARROW, PHONE, Seat
from tests.journeys.stage import Stage
from tests.journeys.test_axe import breaches
from tests.journeys.test_browser_story import reported

pytestmark = pytest.mark.browser
Sit = Callable[..., Seat]
BOX = "#palette"
ROW = "#palette [role=option]"


def test_by_the_keys_alone(house: Stage, committed: SimpleNamespace, sit: Sit) -> None:
    fire = reported(house, committed)
    seat = sit(committed.sonla).open("/sites/")
    keys = seat.page.keyboard
    keys.press("Control+k")
    expect(seat.find("#palette-field")).to_be_focused()
    expect(seat.find(ROW).first).to_be_visible()  # nothing typed: the pages
    keys.type("to hieu")
    expect(seat.find(ROW, has_text="14-03646-001")).to_be_visible()
    assert [head.inner_text() for head in seat.find("#palette .palette-head").all()]
    expect(seat.find(f"{ROW}[aria-selected=true]")).to_contain_text(fire["ref"])
    keys.press("ArrowDown")
    chosen = seat.find(f"{ROW}[aria-selected=true]")
    assert seat.find("#palette-field").get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    expect(chosen).to_contain_text("14-03646-001")
    assert breaches(seat) == []
    keys.press("ArrowUp")
    keys.press("ArrowUp")  # from the first to the last and back
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    keys.press("Enter")
    seat.page.wait_for_url("**/sites/14-03646-001/")


def test_escape_closes_and_the_place_is_kept(house: Stage, committed: SimpleNamespace, sit: Sit) -> None:
    seat = sit(committed.sonla).open("/units/")
    seat.find(".bar-name").focus()
    seat.page.keyboard.press("Control+k")
    seat.page.keyboard.type("sa pa")
    told = seat.find("#palette [role=status]")
    expect(told).to_have_text(str(told.get_attribute("data-none")))  # the neighbour's: as if absent
    expect(seat.find(ROW)).to_have_count(0)
    seat.page.keyboard.press("Escape")
    expect(seat.find(BOX)).to_be_hidden()
    expect(seat.find(".bar-name")).to_be_focused()
    seat.page.keyboard.press("Control+k")
    expect(seat.find("#palette-field")).to_have_value("")
    seat.page.keyboard.press("Control+k")
    expect(seat.find(BOX)).to_be_hidden()


def test_enter_before_the_answer_goes_to_the_first_answer(
    house: Stage, committed: SimpleNamespace, sit: Sit
) -> None:
    seat = sit(committed.tohieu).open("/units/")
    seat.page.keyboard.press("Control+k")
    seat.page.keyboard.type("14-03646-002")
    seat.page.keyboard.press("Enter")
    seat.page.wait_for_url("**/sites/14-03646-002/")


COMPOSE = """(key) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {
  key, ctrlKey: key === "k", isComposing: true, bubbles: true, cancelable: true }))"""


def test_vietnamese_input_is_left_alone(house: Stage, committed: SimpleNamespace, sit: Sit) -> None:
    """While a letter is being composed no key means anything, in the palette and outside."""
    seat = sit(committed.sonla).open("/sites/")
    seat.find("#f-q").focus()
    seat.page.evaluate(COMPOSE, "k")
    expect(seat.find(BOX)).to_be_hidden()
    seat.page.keyboard.press("Control+k")
    seat.page.keyboard.type("to hieu")
    expect(seat.find(ROW, has_text="14-03646-001")).to_be_visible()
    before = seat.find("#palette-field").get_attribute("aria-activedescendant")
    for key in ("Enter", "ArrowDown"):
        seat.page.evaluate(COMPOSE, key)
    assert seat.find("#palette-field").get_attribute("aria-activedescendant") == before
    assert seat.page.url.endswith("/sites/")


def test_the_single_keys_off_leave_ctrl_k(house: Stage, committed: SimpleNamespace, sit: Sit) -> None:
    seat = sit(committed.sonla).open("/units/vn/14/")
    seat.page.keyboard.press("/")  # no field of its own on this page
    expect(seat.find("#palette-field")).to_be_focused()
    seat.page.keyboard.press("Escape")
    seat.page.evaluate("localStorage.setItem('keys-off', '1')")
    seat.page.keyboard.press("/")
    expect(seat.find(BOX)).to_be_hidden()
    seat.page.keyboard.press("Control+k")
    expect(seat.find(BOX)).to_be_visible()


def test_only_the_last_question_is_answered(house: Stage, committed: SimpleNamespace, sit: Sit) -> None:
    """What is typed fast is asked once; an answer that comes too late or never is not shown as one."""
    seat = sit(committed.sonla).open("/units/")
    seat.find("[data-palette-open]").click()
    expect(seat.find(ROW).first).to_be_visible()
    seat.asked.clear()
    seat.page.keyboard.type("chieng an", delay=5)
    expect(seat.find(ROW, has_text="14-03664-001")).to_be_visible()
    assert len([url for url in seat.asked if "/api/search/" in url]) <= 3
    seat.expected = "500|Failed to load"
    seat.page.route("**/api/search/**", lambda route: route.fulfill(status=500, body="{}"))
    seat.page.keyboard.type(" x")
    told = seat.find("#palette [role=status]")
    expect(told).to_have_text(str(told.get_attribute("data-failed")))
    expect(seat.find(ROW)).to_have_count(0)


def test_on_a_phone(house: Stage, committed: SimpleNamespace, sit: Sit) -> None:
    seat = sit(committed.tohieu, PHONE).open("/")
    seat.find("[data-palette-open]").click()
    seat.find("#palette-field").fill("nha van hoa")
    expect(seat.find(ROW).nth(1)).to_be_visible()
    assert breaches(seat) == []
    for width, height in (NARROW, PHONE):
        seat.page.set_viewport_size({"width": width, "height": height})
        assert seat.too_wide() <= 0
    seat.find(ROW, has_text="14-03646-002").click()
    seat.page.wait_for_url("**/sites/14-03646-002/")
