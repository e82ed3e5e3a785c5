"""Do the clocks run when real workers run them, however many and however late?"""

import asyncio
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from asgiref.sync import sync_to_async

from journal.models import Event, Notice
from tests.journeys.stage import Stage
from tests.journeys.test_feed import FIRE, ask, watching


@pytest.mark.slow
async def test_silence_is_called_out_once_by_real_workers(
    own_house: Stage, committed: SimpleNamespace, move_clock: Callable[..., None]
) -> None:
    house, cast = own_house, committed
    house.start("worker", "beat", "worker2", "beat2")
    async with watching(house, cast.sonla, cast.duty, cast.laocai) as [sonla, duty, laocai]:
        made = [(await ask(house, cast.tohieu, "/api/incidents/", FIRE))[1] for _ in range(5)]
        await ask(house, cast.sonla, f"/api/incidents/{made[0]['id']}/acknowledge/", {})
        await duty.until(6)
        await sync_to_async(move_clock)(minutes=6)
        house.kill("worker2")  # one of the two dies in the middle, and the sweep is not its own
        await duty.until(10, 40)
        await asyncio.sleep(5)
        silent = Counter(e["subject"]["id"] for e in duty.events if e["verb"] == "incident.unanswered")
        assert silent == dict.fromkeys([one["id"] for one in made[1:]], 1)
        assert sonla.pictures[-1]["incidents"]["overdue"] == 4
        assert [notice["verb"] for notice in duty.notices] == ["incident.unanswered"] * 4
        assert laocai.events == []
    called = await sync_to_async(lambda: Event.objects.filter(verb="incident.unanswered").count())()
    owed = await sync_to_async(lambda: Notice.objects.filter(event__verb="incident.unanswered").count())()
    assert (called, owed) == (4, 16)
