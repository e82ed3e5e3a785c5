"""Do requests at the same time disturb each other: those that never end, and the first after a start?"""

import contextlib
import socket
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

from tests import cast as players
from tests.journeys.stage import Stage


def test_forms_that_never_end_hold_up_nobody(house: Stage) -> None:
    """More of them than there are threads, from somebody who is not even signed in."""
    with urllib.request.urlopen(f"{house.base}/accounts/login/") as page:
        cookie = page.headers["Set-Cookie"].split(";")[0]
    form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nx"
    begun = f"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n{form}".encode()
    with contextlib.ExitStack() as stack:
        for _ in range(16):
            line: Any = stack.enter_context(socket.create_connection(("127.0.0.1", house.ports["web"])))
            line.sendall(begun)
        time.sleep(0.3)
        with urllib.request.urlopen(f"{house.base}/healthz", timeout=5) as answer:
            assert answer.status == 200


def test_the_first_to_ask_for_the_schema_may_be_many(own_house: Stage, committed: SimpleNamespace) -> None:
    asked = urllib.request.Request(f"{own_house.base}/api/schema/")
    asked.add_header("Authorization", f"Token {players.token(committed.duty)}")

    def status(_number: int) -> int:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return int(answer.status)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(status, range(8))) == [200] * 8
