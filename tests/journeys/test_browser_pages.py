"""Does a page do what stands on it: fill the wall, find the site, keep the language and the theme?"""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import WALL, Seat
from tests.journeys.stage import Stage

pytestmark = pytest.mark.browser
Sit = Callable[..., Seat]


def test_the_wall_shows_the_nation_without_scrolling(
    house: Stage, committed: SimpleNamespace, sit: Sit
) -> None:
    seat = sit(committed.wall, WALL).open("/")
    height = "document.documentElement.scrollHeight - innerHeight"
    assert seat.page.evaluate(height) <= 0
    assert seat.too_wide() <= 0
    assert seat.find(".tile").count() == seat.find(".tile:visible").count()


def test_sites_are_found_without_accents(house: Stage, committed: SimpleNamespace, sit: Sit) -> None:
    seat = sit(committed.sonla).open("/sites/")
    seat.find("#f-q").fill("bau cu 2 to hieu")
    seat.page.keyboard.press("Enter")
    expect(seat.find("tbody tr")).to_have_count(1)
    expect(seat.find("tbody tr")).to_contain_text("Phường Tô Hiệu")
    expect(seat.find(".tag").first).to_be_visible()
    seat.open("/report/").find("#id_site").press_sequentially("chieng an 2", delay=10)
    expect(seat.find("#found input[value='14-03664-002']")).to_be_attached()


def test_language_and_theme_are_kept(house: Stage, committed: SimpleNamespace, sit: Sit) -> None:
    seat = sit(committed.sonla).open("/incidents/?state=open")
    seat.find(".bar button", has_text="English").first.click()
    expect(seat.find("main h1")).to_have_text("Incidents")
    assert seat.page.url.endswith("/incidents/?state=open")
    assert seat.page.evaluate("document.documentElement.lang") == "en"
    seat.find(".bar button[data-theme-next]").first.click()
    seat.find(".bar button[data-theme-next]").first.click()
    seat.page.reload()
    assert seat.page.evaluate("document.documentElement.dataset.theme") == "dark"
    expect(seat.find("main h1")).to_have_text("Incidents")
    seat.find(".bar button", has_text="Tiếng Việt").first.click()
    expect(seat.find("main h1")).to_have_text("Sự cố")


def test_the_documentation_of_the_api_is_drawn_offline(
    house: Stage, committed: SimpleNamespace, sit: Sit
) -> None:
    seat = sit(committed.sonla)
    seat.page.goto(seat.base + "/api/docs/")
    expect(seat.find(".opblock").first).to_be_visible()
