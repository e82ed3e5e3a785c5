"""Does a right that ends close what is open on the screen, and does signing in and out work as a person sees it?"""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from playwright.sync_api import expect

from tests import cast as players
from tests.journeys.browser import PHONE, Seat
from tests.journeys.stage import Stage

pytestmark = pytest.mark.browser
Sit = Callable[..., Seat]


def test_the_page_of_a_relieved_officer_closes_and_says_so(
    house: Stage, committed: SimpleNamespace, sit: Sit
) -> None:
    cast = committed
    officer = sit(cast.tohieu, PHONE)
    officer.expected = "404|WebSocket"
    officer.open("/")
    assert "Phường Tô Hiệu" in officer.written("main")
    staff = sit(cast.sonla_staff).open("/people/")
    staff.find("a", has_text=cast.tohieu.username).click()
    staff.find("main a[href*='/relieve/']").click()
    staff.find("main [name=reason]").fill("Chuyển công tác")
    staff.find("main form .button-primary").click()
    expect(staff.find(".message")).to_be_visible()
    officer.until(lambda: "Nhà văn hóa" not in officer.written("main"), 3)
    expect(officer.find("#changed")).to_be_visible()
    assert "404" in officer.written("main")
    officer.until(lambda: officer.link() == "none")


def test_signing_out_in_one_tab_ends_the_other(house: Stage, committed: SimpleNamespace, sit: Sit) -> None:
    seat = sit(committed.sonla).open("/")
    other = seat.context.new_page()
    seat.listen(other)
    other.goto(seat.base + "/")
    other.locator(".bar-tools details.menu summary").click()
    other.locator("[data-sign-out] button").click()
    other.wait_for_url("**/accounts/login/**")
    seat.page.wait_for_url("**/accounts/login/?next=*", timeout=3000)


def test_the_way_in(house: Stage, committed: SimpleNamespace, sit: Sit) -> None:
    # The suite's own hasher is not one of the product's.
    committed.sonla.password = Argon2PasswordHasher().encode(players.PASSWORD, "muoi-de-thu")
    committed.sonla.save(update_fields=["password"])
    seat = sit().open("/incidents/")
    seat.page.wait_for_url("**/accounts/login/?next=/incidents/")
    seat.find("#id_login").fill(committed.sonla.username)
    seat.find("#id_password").fill("không phải mật khẩu này")
    seat.find("main button[type=submit]").click()
    expect(seat.find("#errors")).to_be_visible()
    assert seat.page.title().startswith("Lỗi:")
    expect(seat.find("#id_login")).to_have_value(committed.sonla.username)
    seat.find("#id_password").fill(players.PASSWORD)
    seat.find("main button[type=submit]").click()
    seat.page.wait_for_url("**/incidents/")
    expect(seat.find("main h1")).to_have_text("Sự cố")
