"""What does a socket say to a stranger, to nonsense and to a flood?"""

import asyncio
import contextlib
import json
import secrets
from types import SimpleNamespace
from typing import Any

import pytest
import websockets
from asgiref.sync import sync_to_async
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from journal.models import Epoch
from tests import cast as players
from tests.journeys.stage import Stage

ENTRY = "/ws/live/"


def connect(house: Stage, path: str = ENTRY, **headers: str) -> Any:
    url = house.base.replace("http", "ws") + path
    return websockets.connect(url, additional_headers=headers, compression=None, max_size=None)


async def token(user: Any) -> str:
    return f"Token {await sync_to_async(players.token)(user)}"


async def closing(socket: Any, seconds: float = 5) -> int:
    """Read whatever comes until the socket closes; its code."""
    async with asyncio.timeout(seconds):
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                await socket.recv()
    return int(socket.close_code)


async def frame(socket: Any, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(5):
        while True:
            found = json.loads(await socket.recv())
            if found["type"] == kind:
                return dict(found)


def session(user: Any) -> str:
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return str(store.session_key)


async def test_strangers(house: Stage, committed: SimpleNamespace) -> None:
    async with connect(house, Authorization="Token nonsense") as socket:
        assert await closing(socket) == 4401
    async with connect(house, Authorization=await token(committed.nobody)) as socket:
        assert await closing(socket) == 4403


async def test_who_sees_no_incident_is_shown_no_number(house: Stage, committed: SimpleNamespace) -> None:
    async with connect(house, Authorization=await token(committed.admin)) as socket:
        assert json.loads(await socket.recv())["type"] == "hello"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(frame(socket, "picture"), 1)


@pytest.mark.parametrize("origin", [None, "http://evil.example", "null", "http://127.0.0.1.evil.example"])
async def test_a_cookie_needs_our_own_origin(
    house: Stage, committed: SimpleNamespace, origin: str | None
) -> None:
    key = await sync_to_async(session)(committed.sonla)
    headers = {"Cookie": f"baucu={key}"} | ({"Origin": origin} if origin else {})
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with connect(house, **headers):
            pass
    assert refused.value.response.status_code == 403


async def test_a_cookie_that_carries_nul_is_nobody(house: Stage, committed: SimpleNamespace) -> None:
    async with connect(house, Cookie=f'baucu="\\000{"a" * 32}"', Origin=house.base) as socket:
        assert await closing(socket) == 4401


async def test_another_life_of_the_journal_begins_every_screen_anew(
    house: Stage, committed: SimpleNamespace
) -> None:
    """Also of those who lost no connection when a backup was restored."""
    async with contextlib.AsyncExitStack() as stack:
        screens = [
            await stack.enter_async_context(connect(house, Authorization=await token(user)))
            for user in (committed.sonla, committed.tohieu)
        ]
        for socket in screens:
            await frame(socket, "picture")
        await sync_to_async(Epoch.objects.using("owner").create)(
            name=secrets.token_hex(16), at=timezone.now(), reason="restored"
        )
        for socket in screens:
            assert (await frame(socket, "reset"))["reason"] == "epoch"
            assert (await frame(socket, "picture"))["incidents"]["open"] == 0


async def test_a_cookie_with_our_origin_and_signing_out(house: Stage, committed: SimpleNamespace) -> None:
    key = await sync_to_async(session)(committed.sonla)
    async with connect(house, Cookie=f"baucu={key}", Origin=house.base) as socket:
        assert (await frame(socket, "hello"))["heartbeat_s"] == 5
        await sync_to_async(SessionStore(key).delete)()
        assert await closing(socket, 3) == 4401


async def test_nonsense_is_told_and_then_refused(house: Stage, committed: SimpleNamespace) -> None:
    async with connect(house, Authorization=await token(committed.sonla)) as socket:
        await frame(socket, "picture")
        for text in ("nonsense", '{"a": NaN}', "[]", "null", "[" * 50_000, "9" * 5000, '{"type": "event"}'):
            await socket.send(text)
            assert (await frame(socket, "error"))["code"] == "message"
        await socket.send('{"type": "ping"}')
        assert (await frame(socket, "heartbeat"))["cursor"]
        for _ in range(6):
            await socket.send("{}")
        assert await closing(socket) == 1008


@pytest.mark.parametrize(("sent", "code"), [(b"\x00\x01", 1003), ("", 1003), ("x" * 70_000, 1009)])
async def test_frames_that_are_not_taken(
    house: Stage, committed: SimpleNamespace, sent: str | bytes, code: int
) -> None:
    async with connect(house, Authorization=await token(committed.sonla)) as socket:
        await frame(socket, "picture")
        await socket.send(sent)
        assert await closing(socket) == code


async def test_a_flood_is_ended(house: Stage, committed: SimpleNamespace) -> None:
    async with connect(house, Authorization=await token(committed.sonla)) as socket:
        await frame(socket, "picture")
        with contextlib.suppress(websockets.ConnectionClosed):
            for _ in range(200):
                await socket.send('{"type": "ping"}')
        assert await closing(socket) == 1008


async def test_cursors_from_elsewhere_begin_anew(house: Stage, committed: SimpleNamespace) -> None:
    async with connect(house, Authorization=await token(committed.laocai)) as socket:
        foreign = (await frame(socket, "hello"))["cursor"]
    for cursor, reason in [
        ("nonsense", "cursor"),
        (foreign[:-4], "cursor"),
        (foreign, "reach"),
        ("%00", "cursor"),
    ]:
        path = f"{ENTRY}?after={cursor}"
        async with connect(house, path, Authorization=await token(committed.sonla)) as socket:
            assert (await frame(socket, "reset"))["reason"] == reason


async def test_a_unit_out_of_reach_is_refused(house: Stage, committed: SimpleNamespace) -> None:
    for unit in ("vn/15/", "vn/99/", "vn/", "%00", "x" * 3000):
        async with connect(
            house, f"{ENTRY}?unit={unit}", Authorization=await token(committed.sonla)
        ) as socket:
            assert await closing(socket) == 4403


async def test_an_address_without_a_socket(house: Stage) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with connect(house, "/ws/other/"):
            pass
    assert refused.value.response.status_code == 403


async def test_another_operation_has_its_own_socket(house: Stage, committed: SimpleNamespace) -> None:
    async with connect(house, "/op/dien-tap/ws/live/", Authorization=await token(committed.sonla)) as socket:
        assert (await frame(socket, "picture"))["unit"]["path"] == "vn/14/"
