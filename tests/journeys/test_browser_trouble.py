"""What does the screen do when the network, the server or Redis is gone, and what when they are back?"""

import re
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from playwright.sync_api import Route, WebSocketRoute, expect

from incidents.models import Incident
from tests.journeys.browser import PHONE, Seat
from tests.journeys.stage import Stage
from tests.journeys.test_browser_story import reported
from tests.journeys.test_feed import call

pytestmark = pytest.mark.browser
Sit = Callable[..., Seat]
SHOWN = ".counts-box, #waiting, #feed"


def lost(seat: Seat) -> bool:
    return seat.link() == "lost"


def live(seat: Seat) -> bool:
    return seat.link() == "live"


def test_a_pulled_network_is_said_and_caught_up_with(
    house: Stage, committed: SimpleNamespace, sit: Sit
) -> None:
    cast = committed
    known = reported(house, cast)
    seat = sit(cast.sonla)
    seat.may_be_cut = True
    seat.open("/").page.evaluate("window.same = true")
    seat.context.set_offline(True)
    seat.until(lambda: lost(seat))
    expect(seat.find("[data-link-state]")).to_have_text(
        re.compile(r"mất kết nối từ \d\d:\d\d$", re.IGNORECASE)
    )
    expect(seat.find("#lost")).to_be_visible()
    expect(seat.find("#waiting button")).to_be_disabled()
    expect(seat.find("#waiting [data-lost-reason]")).to_be_visible()
    hatched = "getComputedStyle(document.querySelector('.feed > header')).backgroundImage"
    assert seat.page.evaluate(hatched) != "none"

    missed = [reported(house, cast, summary=f"Khi mất mạng {n}") for n in range(3)]
    assert call(house, cast.sonla_head, f"/api/incidents/{known['id']}/acknowledge/", {})[0] == 200
    seat.page.wait_for_timeout(500)
    assert seat.feed() == [known["ref"]]

    seat.context.set_offline(False)
    seat.until(lambda: live(seat) and len(seat.feed()) == 5)
    expect(seat.find("#lost")).to_be_hidden()
    expect(seat.find("#waiting button").first).to_be_enabled()
    seat.until(lambda: seat.count("incidents.open", "vn/14/") == "4")
    assert Counter(seat.feed()) == {known["ref"]: 2, **{one["ref"]: 1 for one in missed}}
    assert seat.find("#waiting [data-subject]").count() == 3
    assert seat.page.evaluate("window.same")
    assert seat.written(SHOWN) == sit(cast.sonla).open("/").written(SHOWN)


@pytest.mark.slow
def test_redis_and_the_server_are_killed_under_an_open_page(
    own_house: Stage, committed: SimpleNamespace, sit: Sit
) -> None:
    house, cast = own_house, committed
    seat = sit(cast.duty)
    seat.may_be_cut = True
    seat.open("/").page.evaluate("window.same = true")
    house.kill("redis")
    refs = [reported(house, cast)["ref"]]
    assert seat.until(lambda: refs[0] in seat.feed()) < 3
    house.start("redis")
    house.kill("web")
    seat.until(lambda: lost(seat))
    house.start("web")
    refs += [reported(house, cast)["ref"]]
    seat.until(lambda: live(seat) and refs[1] in seat.feed(), 15)
    refs += [reported(house, cast)["ref"]]
    assert seat.until(lambda: refs[2] in seat.feed()) < 2
    assert seat.feed() == refs[::-1]
    assert seat.page.evaluate("window.same")


def fill_in(seat: Seat) -> None:
    seat.find(".kind", has_text="Cháy, nổ").tap()


def test_a_report_without_network_waits_and_goes_once(
    house: Stage, committed: SimpleNamespace, sit: Sit
) -> None:
    seat = sit(committed.tohieu, PHONE)
    seat.may_be_cut = True
    seat.open("/report/")
    seat.context.set_offline(True)
    fill_in(seat)
    seat.find(".send-bar button").tap()
    expect(seat.find("#queued")).to_contain_text("hờ gửi")
    expect(seat.find("#outbox")).to_be_visible()
    assert not Incident.objects.exists()
    seat.context.set_offline(False)
    expect(seat.find("#outbox")).to_be_hidden()
    expect(seat.find("#queued")).to_contain_text(Incident.objects.get().ref)


def test_a_lost_answer_makes_no_second_incident(house: Stage, committed: SimpleNamespace, sit: Sit) -> None:
    """The report arrived, its answer did not: what waits in the browser is sent again, under its own key."""
    seat = sit(committed.tohieu, PHONE)
    seat.may_be_cut = True
    seat.open("/report/")

    def swallow(route: Route) -> None:
        assert route.fetch().status == 201
        route.abort()

    seat.page.route("**/api/incidents/", swallow, times=1)
    fill_in(seat)
    seat.find(".send-bar button").tap()
    expect(seat.find("#outbox")).to_be_visible()
    assert Incident.objects.count() == 1
    seat.find("[data-outbox-send]").tap()
    expect(seat.find("#outbox")).to_be_hidden()
    assert Incident.objects.count() == 1


def test_nothing_is_lost_when_the_page_cannot_be_drawn_anew(
    house: Stage, committed: SimpleNamespace, sit: Sit
) -> None:
    """Told to begin anew, refused twice, while something happens: it is shown, and nobody believes to be live."""
    seat = sit(committed.sonla)
    seat.expected = "503"
    sockets: list[WebSocketRoute] = []
    made: list[str] = []
    refused: list[str] = []

    def opened(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        if len(sockets) == 2:  # after the reset, before the page is listening again
            made.append(reported(house, committed)["ref"])
        socket.connect_to_server()

    def refuse(route: Route) -> None:
        if "x-part" in route.request.headers and len(refused) < 2:
            refused.append(seat.link())
            route.fulfill(status=503, body="")
        else:
            route.continue_()

    seat.page.route_web_socket("**/ws/live/**", opened)
    seat.page.route(seat.base + "/**", refuse)
    seat.open("/")
    sockets[0].send('{"type": "reset", "reason": "epoch"}')
    seat.until(lambda: live(seat) and bool(made) and seat.feed() == made, 20)
    assert refused == ["lost", "lost"]
