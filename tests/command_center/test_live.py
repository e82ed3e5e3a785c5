"""Does what runs for all sockets go on, and does a socket never stand open in silence?"""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError

from command_center import phrases
from command_center.live import hub as live
from command_center.live import socket
from command_center.live.hub import Hub, Watch
from command_center.live.socket import FAULT, TRY_AGAIN, Live
from reports import picture
from subcommittees.models import Operation, Unit


class Screen(Live):
    """A socket that is not wired to anything."""

    def __init__(self) -> None:
        self.waiting: Any = asyncio.Queue()
        self.writer = None
        self.group: Any = None
        self.codes: list[int] = []

    def end(self, code: int) -> None:
        self.codes.append(code)


async def nothing(*_: Any) -> None:
    """The database answers nothing."""


async def away(*_: Any) -> None:
    raise OperationalError("away")


async def broken(*_: Any) -> None:
    raise ValueError("A string literal cannot contain NUL (0x00) characters.")


async def hanging(*_: Any) -> None:
    await asyncio.sleep(3600)


@pytest.mark.loud
async def test_a_fault_does_not_end_what_runs_by_the_second():
    """Or authority that ended would never again close a socket of this process."""
    turns = []

    async def act() -> None:
        turns.append(1)
        raise KeyError("x")

    running = asyncio.create_task(Hub()._every(0.005, act))
    async with asyncio.timeout(2):
        while len(turns) < 3:
            await asyncio.sleep(0.005)
    running.cancel()


@pytest.mark.loud
@pytest.mark.parametrize(("database", "code"), [(away, TRY_AGAIN), (hanging, TRY_AGAIN), (broken, FAULT)])
async def test_a_socket_that_cannot_begin_closes_with_a_code(database, code, monkeypatch):
    monkeypatch.setattr(socket, "in_database", database)
    monkeypatch.setattr(socket, "ANSWER_WITHIN_S", 0.05)
    screen = Screen()
    async with asyncio.timeout(2):
        await screen._run()
    assert screen.codes == [code]


async def test_a_ping_while_the_database_is_away_closes_with_a_code(monkeypatch):
    monkeypatch.setattr(socket, "in_database", away)
    screen = Screen()
    screen.group = SimpleNamespace()
    await screen._hear('{"type": "ping"}')
    assert screen.codes == [TRY_AGAIN]


async def test_a_picture_that_could_not_be_counted_is_counted_again(monkeypatch):
    """Or the numbers would stay old until something else happens there."""
    watch = Watch(Operation(pk=1, slug="bau-cu"), Unit(pk=1, path="vn/"), ())
    hub = Hub()
    hub.stale.add(watch)
    monkeypatch.setattr(live, "in_database", away)
    with pytest.raises(OperationalError):
        await hub._send_pictures()
    assert hub.stale == {watch}
    monkeypatch.setattr(live, "in_database", nothing)
    monkeypatch.setattr(live, "RECOUNT_S", 0.0)
    await hub._send_pictures()
    assert hub.stale == set()


def test_whatever_opens_or_ends_a_finding_draws_the_picture_anew():
    told = {verb for verb in phrases.EVENTS if verb.startswith(("readiness.", "finding."))}
    assert {"readiness.checked", "finding.closed", "finding.reconciled"} <= told
    assert [verb for verb in told if not picture.moves(verb)] == []
