"""Do forms and keys spare the officer: nothing typed twice, nothing sent twice, nothing done by accident?"""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from incidents.models import Incident
from tests.journeys.browser import OFFICE, PHONE, Seat
from tests.journeys.stage import Stage
from tests.journeys.test_browser_story import reported

pytestmark = pytest.mark.browser
Sit = Callable[..., Seat]


def focused(seat: Seat, selector: str) -> bool:
    return bool(seat.page.evaluate("(one) => document.activeElement.matches(one)", selector))


def test_what_was_half_written_is_back_after_a_reload(
    house: Stage, committed: SimpleNamespace, sit: Sit
) -> None:
    seat = sit(committed.tohieu, PHONE).open("/report/")
    seat.find(".kind", has_text="Mất điện").tap()
    seat.find("#id_summary").fill("Cả phường mất điện từ 5 giờ")
    seat.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    kept = "Object.keys(localStorage).some((name) => name.startsWith('draft:'))"
    seat.until(lambda: seat.page.evaluate(kept))
    seat.page.reload()
    expect(seat.find("[data-draft-note]")).to_be_visible()
    expect(seat.find("#id_summary")).to_have_value("Cả phường mất điện từ 5 giờ")
    expect(seat.find("input[value=POWER]")).to_be_checked()
    seat.find(".send-bar button").tap()
    seat.page.wait_for_url("**/incidents/*/")
    sent = seat.find("[data-just-sent]")
    expect(sent).to_have_text(f"Đã gửi: {Incident.objects.get().ref}")
    seat.page.reload()
    expect(sent).to_be_hidden()
    seat.open("/report/")
    expect(seat.find("#id_summary")).to_have_value("")
    expect(seat.find("[data-draft-note]")).to_be_hidden()


def test_a_likely_duplicate_is_hinted_at_and_two_quick_taps_report_once(
    house: Stage, committed: SimpleNamespace, sit: Sit
) -> None:
    first = reported(house, committed)
    seat = sit(committed.tohieu, PHONE).open("/report/")
    seat.find(".kind", has_text="Cháy, nổ").tap()
    expect(seat.find("#similar")).to_contain_text(first["ref"])
    expect(seat.find("#similar .note-box")).to_be_in_viewport(ratio=1)
    seat.find(".send-bar button").dblclick()
    seat.page.wait_for_url("**/incidents/*/")
    seat.page.wait_for_timeout(300)
    assert Incident.objects.count() == 2


def test_a_report_that_is_refused_says_where(house: Stage, committed: SimpleNamespace, sit: Sit) -> None:
    seat = sit(committed.tohieu).open("/report/")
    seat.expected = "400"
    seat.find(".send-bar button").click()
    expect(seat.find("[data-send-what]")).not_to_be_empty()
    assert focused(seat, "[name=category]")
    seat.find(".kind", has_text="Cháy, nổ").click()
    seat.find("summary", has_text="sớm hơn").or_(seat.find("details.fold summary")).first.click()
    seat.find("#id_happened_at").fill("31/12/2999 23:59")
    seat.find(".send-bar button").click()
    expect(seat.find("#refused")).to_be_focused()
    assert seat.page.title().startswith("Lỗi:")
    assert not Incident.objects.exists()


def test_one_key_does_one_thing_and_nothing_while_writing(
    house: Stage, committed: SimpleNamespace, sit: Sit
) -> None:
    cast = committed
    made = [reported(house, cast), reported(house, cast, category="MED")]
    seat = sit(cast.sonla, OFFICE).open("/incidents/")
    press = seat.page.keyboard.press
    press("j")
    assert focused(seat, f"a[href$='{made[1]['id']}/']")
    press("j")
    assert focused(seat, f"a[href$='{made[0]['id']}/']")
    ring = "getComputedStyle(document.activeElement).outlineWidth"
    assert float(seat.page.evaluate(ring).removesuffix("px")) >= 2
    press("k")
    press("/")
    assert focused(seat, "[data-search]")
    press("j")
    expect(seat.find("[data-search]")).to_have_value("j")
    press("Escape")
    seat.page.evaluate("document.activeElement.blur()")
    press("?")
    expect(seat.find("#keys")).to_be_visible()
    press("Escape")
    expect(seat.find("#keys")).to_be_hidden()
    seat.until(lambda: focused(seat, "body"))
    press("j")
    press("Enter")
    seat.page.wait_for_url(f"**/incidents/{made[1]['id']}/")
    press("a")
    expect(seat.find("#act-panel .state")).to_have_text("Đã tiếp nhận")


def test_keys_can_be_switched_off_for_good(house: Stage, committed: SimpleNamespace, sit: Sit) -> None:
    made = reported(house, committed)
    seat = sit(committed.sonla).open("/account/")
    seat.find("#keys-on-account").uncheck()
    seat.open(f"/incidents/{made['id']}/")
    seat.page.keyboard.press("a")
    seat.page.keyboard.press("?")
    seat.page.wait_for_timeout(300)
    expect(seat.find("#keys")).to_be_hidden()
    assert Incident.objects.get().state == "reported"


def test_new_rows_do_not_move_the_row_under_the_pointer(
    house: Stage, committed: SimpleNamespace, sit: Sit
) -> None:
    first = reported(house, committed)
    seat = sit(committed.sonla).open("/")
    row = seat.find("#feed > li").first
    row.hover()
    before = row.bounding_box()
    second = reported(house, committed, category="MED")
    more = seat.find(".feed-more button")
    expect(more).to_be_visible()
    assert seat.find("#feed > li").first.bounding_box() == before
    assert seat.feed() == [first["ref"]]
    more.click()
    assert seat.feed() == [second["ref"], first["ref"]]
