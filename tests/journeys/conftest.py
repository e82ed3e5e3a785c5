"""On what does a journey run?"""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.journeys import browser, stage
from tests.journeys.browser import Seat


@pytest.fixture(scope="session")
def _standing(django_db_setup: None) -> Iterator[stage.Stage]:
    with stage.raised() as raised:
        yield raised


@pytest.fixture
def house(_standing: stage.Stage, committed: SimpleNamespace) -> Iterator[stage.Stage]:
    """The product with one web process and a Redis of its own, on the committed cast; not to be killed."""
    before = len(_standing.log("web"))
    yield _standing
    _no_traceback(_standing.log("web")[before:])


@pytest.fixture
def own_house(committed: SimpleNamespace) -> Iterator[stage.Stage]:
    """The same for one test alone, which may kill what it likes."""
    with stage.raised() as raised:
        yield raised
        for name in ("web", "web2"):
            if (raised.folder / f"{name}.log").exists():
                _no_traceback(raised.log(name))


def _no_traceback(log: str) -> None:
    assert "Traceback" not in log, log[-4000:]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of a module, where no other event loop runs."""
    with browser.chromium() as found:
        yield found


@pytest.fixture
def sit(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Seat]]:
    """`sit(user, size)`: an officer at a browser of the house that the test runs in."""
    name = "own_house" if "own_house" in request.fixturenames else "house"
    base = request.getfixturevalue(name).base
    seats: list[Seat] = []

    def seated(*args: Any, **options: Any) -> Seat:
        seats.append(browser.sit(chromium, base, *args, **options))
        return seats[-1]

    yield seated
    faults = []
    for seat in seats:
        try:
            seat.close()
        except AssertionError as fault:
            faults.append(str(fault))
    assert not faults, faults
