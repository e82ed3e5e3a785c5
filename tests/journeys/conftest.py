"""On what does a journey run?"""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from tests.journeys import stage


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
