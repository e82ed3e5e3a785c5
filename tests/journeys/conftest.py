"""On what does a journey run?"""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from tests.journeys import stage


@pytest.fixture
def house(committed: SimpleNamespace) -> Iterator[stage.Stage]:
    """The product with one web process and a Redis of its own, on the committed cast."""
    with stage.raised() as raised:
        yield raised
        for name in ("web", "web2"):
            if (raised.folder / f"{name}.log").exists():
                assert "Traceback" not in raised.log(name), raised.log(name)[-4000:]
