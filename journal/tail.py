"""Who hands events to the open sockets? One task in each web process, and nobody else."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

import redis.asyncio as redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections

from journal import nudge, queries
from journal.queries import Fact

log = logging.getLogger(__name__)
T = TypeVar("T")
EVERY_S = 1.0
AT_ONCE = 500
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="live")


async def in_database(question: Callable[..., T], *args: Any) -> T:
    """Ask the database off the event loop, in one of few threads that keep their connections."""

    def ask() -> T:
        close_old_connections()
        return question(*args)

    return await asyncio.get_running_loop().run_in_executor(_threads, ask)


class Audience(Protocol):
    """Viewers with one and the same reach."""

    def sees(self, fact: Fact) -> bool: ...

    def hand(self, fact: Fact) -> None: ...

    def begin_anew(self) -> None: ...


class Tail:
    """Looks at all heads every second, sooner when nudged; reads what is new and hands it out in order."""

    def __init__(self) -> None:
        self.at: dict[str, int] = {}
        self.epoch = ""
        self.looked = 0.0
        self.audiences: set[Audience] = set()
        self.nudged = asyncio.Event()
        self.done: asyncio.Future[None] | None = None
        self.tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        if not self.tasks:
            self.tasks = [asyncio.create_task(self._run()), asyncio.create_task(self._listen())]

    async def stop(self) -> None:
        for task in self.tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self.tasks = []

    @property
    def lag(self) -> float | None:
        """Seconds since the heads were last seen; None before the first look."""
        return time.monotonic() - self.looked if self.looked else None

    async def look(self) -> None:
        """Wait for one whole look that begins after this call; many callers share one."""
        if self.done is None:
            self.done = asyncio.get_running_loop().create_future()
        done = self.done
        self.nudged.set()
        await asyncio.shield(done)

    async def _run(self) -> None:
        while True:
            self.nudged.clear()
            waiting, self.done = self.done, None
            try:
                await self._pass()
            except Exception as error:  # whatever it is: a tail that stands still is worse
                fault = None if isinstance(error, DatabaseError | InterfaceError | OSError) else error
                log.warning("the tail cannot read the journal, it tries again: %s", error, exc_info=fault)
                if waiting and not waiting.done():
                    waiting.set_exception(ConnectionError("the journal cannot be read"))
                    waiting.exception()
            else:
                if waiting and not waiting.done():
                    waiting.set_result(None)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.nudged.wait(), EVERY_S)

    async def _pass(self) -> None:
        ends, epoch = await in_database(queries.heads)
        if epoch != self.epoch:  # the first look, or another life of the journal
            self.at, self.epoch = dict(ends), epoch
            for audience in list(self.audiences):
                audience.begin_anew()
        while behind := {s: self.at.get(s, 0) for s, end in ends.items() if end > self.at.get(s, 0)}:
            facts = await in_database(self._read, behind, ends)
            if not facts:  # somebody took entries away by force: go on, and leave it to the verifier to prove
                log.error("the journal has a hole behind %s", behind)
                self.at.update(ends)
            for fact in facts:
                self.at[fact.stream] = fact.seq
                for audience in list(self.audiences):
                    if audience.sees(fact):
                        audience.hand(fact)
        self.looked = time.monotonic()

    @staticmethod
    def _read(behind: dict[str, int], ends: dict[str, int]) -> list[Fact]:
        return queries.facts(queries.between(behind, ends)[:AT_ONCE], with_people=True)

    async def _listen(self) -> None:
        """Redis only says "look now"; without it the second hand does."""
        while True:
            client = redis.Redis.from_url(
                settings.REDIS_URL, socket_timeout=30, socket_connect_timeout=2, health_check_interval=10
            )
            with contextlib.suppress(redis.RedisError, OSError):
                async with client.pubsub() as hints:
                    await hints.subscribe(nudge.CHANNEL)
                    while True:
                        hint = await hints.get_message(ignore_subscribe_messages=True, timeout=10)
                        if hint is not None:
                            self.nudged.set()
            with contextlib.suppress(redis.RedisError, OSError):
                await client.aclose()
            await asyncio.sleep(1)


tail = Tail()
