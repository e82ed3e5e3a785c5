"""Does an incident reach every screen that must show it, within two seconds and without a reload, and no other?"""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from playwright.sync_api import Locator, expect

from incidents.models import Incident
from tests.journeys.browser import OFFICE, PHONE, WALL, Seat
from tests.journeys.test_feed import FIRE, call

pytestmark = pytest.mark.browser
Sit = Callable[..., Seat]

# Notes when the button was pressed and when the page showed that it is on its way.
STOPWATCH = """() => {
  addEventListener("click", () => { window.pressed = performance.now(); }, true);
  new MutationObserver(() => {
    const word = [...document.querySelectorAll(".pending")].find((node) => node.offsetParent);
    if (word && !window.pending) window.pending = performance.now() - window.pressed;
  }).observe(document.body, { attributes: true, subtree: true, attributeFilter: ["class", "disabled"] });
}"""


def reported(house: object, cast: SimpleNamespace, **more: object) -> dict[str, str]:
    status, made = call(house, cast.tohieu, "/api/incidents/", {**FIRE, **more})  # type: ignore[arg-type]
    assert status == 201, made
    return dict(made)


def by_phone(seat: Seat) -> tuple[int, str]:
    """Report a fire from the desk with the thumb alone; the taps it took and the reference it got."""
    taps = 0

    def tap(target: Locator) -> None:
        nonlocal taps
        taps += 1
        target.tap()

    tap(seat.find(".thumb-report"))
    tap(seat.find(".kind", has_text="Cháy, nổ"))
    tap(seat.find(".grade", has_text="Nghiêm trọng").first)
    expect(seat.find("[data-send-what]")).to_contain_text("Điểm bầu cử 1")
    tap(seat.find(".send-bar button"))
    seat.page.wait_for_url("**/incidents/*/")
    return taps, seat.find("h1 .muted").inner_text()


def arrived(seat: Seat, ref: str, unit: str) -> Callable[[], bool]:
    return lambda: ref in seat.feed() and seat.count("incidents.open", unit) == "1"


def test_the_story_on_five_screens(house: object, committed: SimpleNamespace, sit: Sit) -> None:
    cast = committed
    phone = sit(cast.tohieu, PHONE).open("/")
    sonla = sit(cast.sonla, OFFICE).open("/")
    sonla.expected = "400"  # a close without a reason is refused
    ministry = sit(cast.duty, WALL).open("/")
    laocai = sit(cast.laocai, OFFICE).open("/")
    quiet, heard = laocai.written(), len(laocai.frames)
    assert ministry.count("incidents.open", "vn/14/") == "0"

    taps, ref = by_phone(phone)
    assert taps <= 5
    assert sonla.until(arrived(sonla, ref, "vn/14/")) + ministry.until(arrived(ministry, ref, "vn/")) < 2
    tile = ministry.find(".tile", has_text="Sơn La")
    expect(tile.locator('[data-count="incidents.open"]')).to_have_text("1")
    expect(tile.locator(".sev")).to_have_attribute("data-level", "3")
    expect(sonla.find("tr", has_text="Phường Tô Hiệu").locator('[data-count="incidents.open"]')).to_have_text(
        "1"
    )

    _is_taken(sonla, ministry, phone, ref)
    _is_worked(sonla, ministry, phone)
    assert laocai.written() == quiet
    assert not [frame for frame in laocai.frames[heard:] if '"heartbeat"' not in frame]


def _is_taken(sonla: Seat, ministry: Seat, phone: Seat, ref: str) -> None:
    """The duty officer acknowledges from the list; it is pending at once and then confirmed, everywhere."""
    expect(phone.find("#incident-head .state")).to_have_text("Mới báo")
    sonla.page.evaluate(STOPWATCH)
    sonla.find("#waiting button", has_text="Tiếp nhận").click()
    expect(sonla.find("#waiting [data-subject]")).to_have_count(0)
    assert sonla.page.evaluate("window.pending") <= 100
    for seat in (sonla, ministry):
        expect(seat.find("#feed > li").first).to_contain_text("Đã tiếp nhận")
        expect(seat.find("#waiting [data-subject]")).to_have_count(0)
        assert seat.feed() == [ref, ref]
    expect(phone.find("#timeline > li")).to_have_count(2)
    expect(phone.find("#incident-head .state")).to_have_text("Đã tiếp nhận")


def _is_worked(sonla: Seat, ministry: Seat, phone: Seat) -> None:
    sonla.find("#feed a.feed-what").first.click()
    sonla.until(lambda: sonla.link() == "live")
    panel = sonla.find("#act-panel")
    panel.get_by_role("button", name="Xác minh").click()
    expect(panel.locator("[data-act-result]")).to_have_text("Đã xác minh.")
    for name, words in [("Ghi chú", "Đã cử tổ công tác"), ("Kết thúc", "")]:
        fold = panel.locator("details", has=sonla.page.locator("summary", has_text=name))
        fold.locator("summary").click()
        fold.locator("textarea").fill(words)
        fold.get_by_role("button", name=name).click()
        expect(panel.locator("[data-act-result]")).to_be_visible()
        if words:
            expect(sonla.find("#timeline > li").first).to_contain_text(words)
    expect(panel.locator("[role=alert]")).to_be_focused()
    panel.locator("[role=alert] a").click()
    expect(panel.locator("textarea[aria-invalid]")).to_be_focused()
    expect(sonla.find(".bar")).to_be_visible()  # only the panel was drawn anew
    assert sonla.page.title().startswith("Lỗi:")
    fold = panel.locator("details[open]")
    fold.locator("textarea").fill("Đã dập tắt, không ai bị thương")
    fold.get_by_role("button", name="Kết thúc").click()
    expect(panel.locator(".state")).to_have_text("Đã kết thúc")
    assert not sonla.page.title().startswith("Lỗi:")
    for seat in (sonla, phone):
        expect(seat.find("#timeline > li")).to_have_count(5)
        expect(seat.find("#timeline > li").first).to_contain_text("Đã dập tắt, không ai bị thương")
        expect(seat.find("#incident-head .state")).to_have_text("Đã kết thúc")
    expect(ministry.find("#feed > li").first).to_contain_text("Đã dập tắt")
    ministry.until(lambda: ministry.count("incidents.open", "vn/") == "0")


def test_of_two_who_acknowledge_the_second_sees_who_was_first(
    house: object, committed: SimpleNamespace, sit: Sit
) -> None:
    cast = committed
    made = reported(house, cast)
    # The second has not heard yet: what the first did is held back from this browser.
    second = sit(cast.sonla_head)
    second.expected = "409"
    second.page.route_web_socket("**/ws/live/**", lambda _: None)
    first = sit(cast.sonla).open(f"/incidents/{made['id']}/")
    second.open(f"/incidents/{made['id']}/", live=False)
    first.page.keyboard.press("a")
    expect(first.find("#act-panel .state")).to_have_text("Đã tiếp nhận")
    second.find("#act-panel").get_by_role("button", name="Tiếp nhận").click()
    expect(second.find("#act-panel [role=alert]")).to_contain_text("Trực ban cấp tỉnh · Tỉnh Sơn La")
    expect(second.find("#act-panel .state")).to_have_text("Đã tiếp nhận")
    assert Incident.objects.get(pk=made["id"]).acknowledged_by == cast.sonla


def test_the_lists_of_a_commune_and_of_a_site_follow_too(
    house: object, committed: SimpleNamespace, sit: Sit
) -> None:
    cast = committed
    commune = sit(cast.tohieu, PHONE).open("/")
    site = sit(cast.sonla).open("/sites/14-03646-001/")
    made = reported(house, cast)
    for seat, place in [(commune, "#commune-incidents"), (site, "#site-incidents")]:
        row = seat.find(f"{place} a[href$='{made['id']}/']")
        expect(row).to_contain_text("Mới báo", timeout=3000)
    assert call(house, cast.sonla, f"/api/incidents/{made['id']}/acknowledge/", {})[0] == 200  # type: ignore[arg-type]
    expect(commune.find("#commune-incidents .state")).to_have_text("Đã tiếp nhận", timeout=3000)
