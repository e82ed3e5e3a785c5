"""Is anything lost, doubled or shown to the wrong person when a part of the product is killed in the middle?"""

import asyncio
import contextlib
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg2
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection

from tests import cast as players
from tests.journeys.stage import Stage
from tests.journeys.watcher import Watcher
from tests.proofs import oracle
from tests.proofs.writers import Writer

SECONDS = float(os.environ.get("PROOF_SECONDS", "12"))
SEEDS = [int(word) for word in os.environ.get("PROOF_SEEDS", "1").split()]
BACK_WITHIN = 60

pytestmark = [pytest.mark.proof, pytest.mark.loud, pytest.mark.timeout(300)]
Trouble = Callable[[Stage, random.Random], Awaitable[None]]


async def web(house: Stage, dice: random.Random) -> None:
    """One of two web processes at a time: the other takes over."""
    name = dice.choice(["web", "web2"])
    house.kill(name)
    await asyncio.sleep(dice.random())
    await asyncio.to_thread(house.start, name)


async def redis(house: Stage, dice: random.Random) -> None:
    house.kill("redis")
    await asyncio.sleep(2 * dice.random())
    house.redis.unlink(missing_ok=True)
    await asyncio.to_thread(house.start, "redis")


async def worker(house: Stage, dice: random.Random) -> None:
    house.kill("worker")
    await asyncio.sleep(dice.random())
    house.start("worker")


async def postgres(house: Stage, dice: random.Random) -> None:
    """One backend of a web process in the middle of its work: the postmaster then throws everybody out and recovers."""
    for pid in await asyncio.to_thread(_backends):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            break
    await asyncio.sleep(1 + 2 * dice.random())


def _backends() -> list[int]:
    kept = settings.DATABASES["owner"]
    with contextlib.suppress(psycopg2.OperationalError):
        found = psycopg2.connect(
            dbname="postgres", user=kept["USER"], host=kept["HOST"], port=kept["PORT"] or None
        )
        with contextlib.closing(found), found.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = %s AND usename = %s ORDER BY state = 'active' DESC",
                [settings.DATABASES["default"]["NAME"], settings.DATABASES["default"]["USER"]],
            )
            return [pid for (pid,) in cursor.fetchall() if Path(f"/proc/{pid}").exists()]
    return []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("trouble", [web, redis, worker, postgres], ids=lambda one: one.__name__)
async def test_kill_in_the_middle(
    trouble: Trouble, seed: int, own_house: Stage, committed: SimpleNamespace, tmp_path: Path
) -> None:
    house, cast = own_house, committed
    if trouble is postgres:
        await sync_to_async(_only_where_it_keeps)()
    house.start("web2", "worker", "beat")
    ports = list(house.ports.values())
    dice = random.Random(f"{seed}:{trouble.__name__}")
    tokens = {
        name: await sync_to_async(players.token)(user)
        for name, user in cast.officers.items()
        if name != "nobody"
    }
    places = [("tohieu", "14-03646-001"), ("chiengan", "14-03664-001"), ("sapa", "15-03006-001")]
    writers = [
        Writer(f"{name}-{number}", ports, tokens[name], site, tmp_path, seed)
        for name, site in places
        for number in range(2)
    ]
    reach = {"duty": "vn/", "sonla": "vn/14/", "tohieu": "vn/14/03646/", "laocai": "vn/15/"}
    async with contextlib.AsyncExitStack() as stack:
        watchers = {
            name: await stack.enter_async_context(
                Watcher(f"http://127.0.0.1:{ports[number % 2]}", tokens[name])
            )
            for number, name in enumerate(reach)
        }
        end = time.monotonic() + SECONDS

        async def break_things() -> None:
            while time.monotonic() < end - 2:
                await asyncio.sleep(1 + dice.random())
                await trouble(house, dice)

        await asyncio.gather(*(one.write(lambda: time.monotonic() > end) for one in writers), break_things())
        assert [fault for one in writers for fault in one.faults] == []
        await _caught_up(watchers, reach)
        for name, path in reach.items():
            assert not watchers[name].faults, watchers[name].faults[:3]
            await asked(oracle.all_was_seen, watchers[name].events, path)
    await asked(oracle.promises_are_kept, writers)
    await asked(oracle.the_journal_is_whole, cast)


async def asked(question: Callable[..., Any], *given: Any) -> Any:
    """Ask on a new connection: the one before may have been thrown out with everybody else."""

    def ask() -> Any:
        connection.close()
        return question(*given)

    return await sync_to_async(ask)()


async def _caught_up(watchers: dict[str, Watcher], reach: dict[str, str]) -> None:
    """Everybody is shown everything within a minute of the last trouble, without a human."""
    until = time.monotonic() + BACK_WITHIN
    for name, path in reach.items():
        wanted = len(await asked(oracle.events_for, path))
        while len(watchers[name].events) < wanted and time.monotonic() < until:
            await asyncio.sleep(0.1)


def _only_where_it_keeps() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW fsync")
        if cursor.fetchone()[0] != "on":
            pytest.skip("this cluster does not keep what it commits: make proofs")
