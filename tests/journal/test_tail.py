"""Does the tail go on, whatever it meets?"""

import asyncio

import pytest

from journal import tail
from journal.tail import Tail


@pytest.mark.loud
@pytest.mark.parametrize("fault", [KeyError("line"), ValueError("x"), OSError("x")])
async def test_a_fault_is_told_to_who_waits_and_the_next_look_is_taken(fault, monkeypatch):
    """Or one event that cannot be read would silence every screen of the process until it is started again."""
    looks = []

    async def look(_tail):
        looks.append(1)
        if len(looks) == 1:
            raise fault

    monkeypatch.setattr(Tail, "_pass", look)
    monkeypatch.setattr(tail, "EVERY_S", 0.01)
    mine = Tail()
    running = asyncio.create_task(mine._run())
    async with asyncio.timeout(2):
        with pytest.raises(ConnectionError):
            await mine.look()
        await mine.look()
    running.cancel()
