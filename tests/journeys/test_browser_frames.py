"""What does the page do with frames that are doubled, missing, linked, reset or not coming at all?"""

import datetime as dt
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import WebSocketRoute

from tests.journeys.browser import WALL, Seat
from tests.journeys.stage import Stage

pytestmark = pytest.mark.browser
Sit = Callable[..., Seat]
SILENT = 1013


class Wire:
    """A socket in the test's own hands, in place of the server's."""

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.opened: list[WebSocketRoute] = []
        self.dead = False
        seat.page.route_web_socket("**/ws/live/**", self._open)

    def _open(self, socket: WebSocketRoute) -> None:
        if self.dead:
            socket.close(code=SILENT)
            return
        self.opened.append(socket)
        socket.send(json.dumps({"type": "hello", "cursor": "c0", "heartbeat_s": 5, "at": _now()}))

    def send(self, frame: dict[str, Any]) -> None:
        self.opened[-1].send(json.dumps(frame))
        self.seat.page.wait_for_timeout(50)

    def returned(self, after: str) -> Callable[[], bool]:
        return lambda: len(self.opened) > 1 and f"after={after}" in self.opened[-1].url


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat().replace("+00:00", "Z")


def event(number: int, **place: Any) -> dict[str, Any]:
    return {
        "type": "event",
        "id": f"{number:016x}",
        "cursor": f"c{number}",
        "at": _now(),
        "verb": "incident.reported",
        "subject": {
            "kind": "incident",
            "id": f"00000000-0000-4000-8000-{number:012d}",
            "ref": f"SC-14-{number:06d}",
        },
        "unit": {"path": "vn/14/03646/", "name": "Phường Tô Hiệu"},
        "line": {
            "category": "POWER",
            "severity": 2,
            "state": "reported",
            "text": "<b>&",
            "by": "",
            "answer_by": _now(),
        },
        **place,
    }


def whole(number: int) -> dict[str, Any]:
    return event(number, stream="bau-cu/14", seq=number)


def refs(*numbers: int) -> list[str]:
    return [f"SC-14-{number:06d}" for number in reversed(numbers)]


@pytest.fixture
def wall(house: Stage, committed: SimpleNamespace, sit: Sit) -> tuple[Seat, Wire]:
    seat = sit(committed.duty, WALL)
    wire = Wire(seat)
    return seat.open("/"), wire


def test_an_event_that_comes_twice_is_shown_once(wall: tuple[Seat, Wire]) -> None:
    seat, wire = wall
    for frame in (whole(1), whole(2), whole(1), whole(2)):
        wire.send(frame)
    assert seat.feed() == refs(1, 2)
    assert seat.find("#feed .feed-text").first.inner_text() == "<b>&"


def test_a_missing_number_is_fetched_before_anything_newer_is_shown(wall: tuple[Seat, Wire]) -> None:
    seat, wire = wall
    wire.send(whole(1))
    wire.send(whole(3))
    assert seat.feed() == refs(1)
    seat.until(wire.returned("c1"))
    wire.send(whole(2))
    wire.send(whole(3))
    assert seat.feed() == refs(1, 2, 3)


def test_a_broken_link_is_noticed_where_numbers_are_not_given(wall: tuple[Seat, Wire]) -> None:
    seat, wire = wall
    wire.send(event(1, prev=None))
    wire.send(event(2, prev=f"{1:016x}"))
    assert seat.feed() == refs(1, 2)
    wire.send(event(4, prev=f"{3:016x}"))
    assert seat.feed() == refs(1, 2)
    seat.until(wire.returned("c2"))


def test_a_feed_tells_of_incidents_as_the_server_draws_it(wall: tuple[Seat, Wire]) -> None:
    seat, wire = wall
    wire.send(whole(1))
    taken = {"kind": "list", "id": "sites", "ref": "sites"}
    wire.send({**whole(2), "verb": "list.exported", "subject": taken, "line": {"text": "CSV: 2"}})
    wire.send(whole(3))
    assert seat.feed() == refs(1, 3)


def test_a_reset_draws_the_page_anew_from_its_own_cursor(wall: tuple[Seat, Wire]) -> None:
    seat, wire = wall
    wire.send(whole(1))
    wire.send({"type": "reset", "reason": "epoch"})
    seat.until(lambda: seat.feed() == [])
    fresh = seat.find("body").get_attribute("data-cursor") or ""
    seat.until(lambda: len(wire.opened) > 1)
    assert "after=c1" not in wire.opened[-1].url
    assert fresh


def test_silence_is_said_before_it_is_called_lost(wall: tuple[Seat, Wire]) -> None:
    seat, _wire = wall
    seat.until(lambda: seat.link() == "slow", 9)


def test_without_a_socket_the_page_asks_again_and_again(wall: tuple[Seat, Wire]) -> None:
    seat, wire = wall
    seat.may_be_cut = True
    answer = {"results": [whole(1), whole(2)], "cursor": "c2", "more": False}
    seat.page.route("**/api/journal/**", lambda route: route.fulfill(json=answer))
    wire.dead = True
    wire.opened[-1].close(code=SILENT)
    seat.until(lambda: seat.link() == "slow", 30)
    assert seat.feed() == refs(1, 2)
    wire.dead = False
    seat.until(lambda: seat.link() == "live", 35)
    assert wire.returned("c2")()


def test_a_quiet_nation_is_a_grey_page(wall: tuple[Seat, Wire]) -> None:
    """At most 5 % of the pixels carry colour when nothing is wrong."""
    seat, _wire = wall
    picture = seat.page.screenshot(type="png")
    share = seat.page.context.new_page().evaluate(
        """async (bytes) => {
          const image = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: "image/png" }));
          const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
          canvas.drawImage(image, 0, 0);
          const { data } = canvas.getImageData(0, 0, image.width, image.height);
          let coloured = 0;
          for (let at = 0; at < data.length; at += 4) {
            const [low, , high] = [data[at], data[at + 1], data[at + 2]].sort((a, b) => a - b);
            if (high > 40 && (high - low) / high > 0.35) coloured += 1;
          }
          return coloured / (data.length / 4);
        }""",
        list(picture),
    )
    assert share < 0.05
