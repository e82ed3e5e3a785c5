"""Does everybody entitled see every event once and in order, and nobody else anything, through any trouble?"""

import asyncio
import json
import random
import urllib.error
import urllib.request
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import websockets
from asgiref.sync import sync_to_async

from incidents.models import Incident
from journal.models import Entry
from journal.queries import heads
from reports import picture
from subcommittees import scope
from subcommittees.models import Appointment, User
from tests import cast as players
from tests.journeys.stage import Stage
from tests.journeys.watcher import Watcher

FIRE = {"site": "14-03646-001", "category": "FIRE", "severity": 2, "summary": "Khói ở bếp"}
in_db = sync_to_async


def call(
    house: Stage, user: User, path: str, body: Any = None, key: str = "", *, web: str = "web"
) -> tuple[int, Any]:
    headers = {"Authorization": f"Token {players.token(user)}", "Content-Type": "application/json"}
    if key:
        headers["Idempotency-Key"] = key
    data = None if body is None else json.dumps(body).encode()
    url = f"http://127.0.0.1:{house.ports[web]}{path}"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.loads(refusal.read() or b"{}")


ask = sync_to_async(call, thread_sensitive=False)


@asynccontextmanager
async def watching(house: Stage, *users: User, after: str = "") -> AsyncIterator[list[Watcher]]:
    async with AsyncExitStack() as stack:
        tokens = [await in_db(players.token)(user) for user in users]
        yield [await stack.enter_async_context(Watcher(house.base, token, after=after)) for token in tokens]


async def test_the_whole_story(house: Stage, committed: SimpleNamespace) -> None:
    cast = committed
    quiet = (await ask(house, cast.laocai, "/api/picture/"))[1]
    async with watching(house, cast.tohieu, cast.sonla, cast.duty, cast.laocai, cast.health) as watchers:
        tohieu, sonla, duty, laocai, health = watchers
        key = uuid.uuid4().hex
        status, made = await ask(house, cast.tohieu, "/api/incidents/", FIRE, key)
        assert status == 201
        await duty.until(1, 2)
        again = await ask(house, cast.tohieu, "/api/incidents/", FIRE, key)
        assert again == (201, made)
        url = f"/api/incidents/{made['id']}/"
        steps = [
            ("acknowledge/", {}),
            ("verify/", {}),
            ("note/", {"text": "Đã cử tổ"}),
            ("close/", {"reason": "Xong"}),
        ]
        for verb, body in steps:
            assert (await ask(house, cast.sonla, url + verb, body))[0] == 200
        assert (await ask(house, cast.laocai, url + "note/", {"text": "?"}))[0] == 404
        for one in (tohieu, sonla, duty):
            await one.until(5, 5)
        await asyncio.sleep(1.5)
        assert [event["verb"] for event in duty.events] == [
            "incident.reported", "incident.acknowledged", "incident.verified", "incident.noted", "incident.closed",
        ]  # fmt: skip
        assert [event["id"] for event in tohieu.events] == [event["id"] for event in duty.events]
        assert laocai.events == health.events == []
        assert sonla.pictures[-1]["incidents"]["open"] == 0
        assert len(sonla.notices) == 1
        assert not tohieu.notices
        assert all(not one.faults for one in watchers)
    after = (await ask(house, cast.laocai, "/api/picture/"))[1]
    assert {**quiet, "as_of": 0, "cursor": 0} == {**after, "as_of": 0, "cursor": 0}
    assert len(quiet["cursor"]) == len(after["cursor"])


@pytest.mark.slow
async def test_a_storm_with_cuts_and_without_redis_loses_nothing(
    own_house: Stage, committed: SimpleNamespace
) -> None:
    house = own_house
    cast = committed
    rng = random.Random(1)
    made: dict[str, str] = {}
    async with watching(house, cast.tohieu, cast.sonla, cast.duty, cast.wall, cast.laocai) as watchers:

        async def writer(number: int) -> None:
            site = [("tohieu", FIRE), ("sapa", {**FIRE, "site": "15-03006-001", "category": "MED"})][
                number % 4 == 3
            ]
            for _ in range(30):
                key = uuid.uuid4().hex
                for _ in range(2 if rng.random() < 0.1 else 1):
                    status, body = await ask(house, getattr(cast, site[0]), "/api/incidents/", site[1], key)
                    assert status == 201, body
                    assert made.setdefault(key, body["id"]) == body["id"]

        async def trouble() -> None:
            for turn in range(20):
                await asyncio.sleep(0.1)
                rng.choice(watchers).cut()
                if turn == 8:
                    house.kill("redis")
                if turn == 16:
                    house.start("redis")

        await asyncio.gather(*(writer(number) for number in range(8)), trouble())
        rows = await in_db(lambda: {str(row.pk): row.path for row in Incident.objects.all()})()
        assert set(rows) == set(made.values())
        sonla = {one for one, path in rows.items() if path.startswith("vn/14/")}
        for watcher, mine in zip(
            watchers, [sonla, sonla, set(rows), set(rows), set(rows) - sonla], strict=True
        ):
            await watcher.until(len(mine), 20)
            assert watcher.by_verb()["incident.reported"] == mine
            assert not watcher.faults
    await in_db(_counts_agree)(cast)


def _counts_agree(cast: SimpleNamespace) -> None:
    bodies = [entry.event.said for entry in Entry.objects.select_related("event").order_by("pos")]
    state = picture.replayed(bodies)
    for user, unit in [
        (cast.duty, cast.unit.bo),
        (cast.sonla, cast.unit.sonla),
        (cast.tohieu, cast.unit.tohieu),
    ]:
        counted = picture.count(unit, scope.reach(user), cast.operation)
        assert picture.tally(state, unit.path, counted.as_of) == counted.incidents


@pytest.mark.slow
async def test_a_killed_web_process_is_replaced_by_the_other(
    own_house: Stage, committed: SimpleNamespace
) -> None:
    house = own_house
    house.start("web2")
    async with watching(house, committed.duty) as [duty]:
        await ask(house, committed.tohieu, "/api/incidents/", FIRE)
        await duty.until(1)
        house.kill("web")
        for _ in range(3):
            assert (await ask(house, committed.tohieu, "/api/incidents/", FIRE, web="web2"))[0] == 201
        duty.url = duty.url.replace(str(house.ports["web"]), str(house.ports["web2"]))
        await duty.until(4)
        assert not duty.faults


def _relieve(cast: SimpleNamespace) -> None:
    Appointment.objects.filter(user=cast.sonla).update(
        ends_at=Appointment.objects.get(user=cast.sonla).starts_at
    )


def _disable(cast: SimpleNamespace) -> None:
    User.objects.filter(pk=cast.sonla.pk).update(is_active=False)


@pytest.mark.parametrize(("end", "code", "then"), [(_relieve, 4409, 4403), (_disable, 4401, 4401)])
async def test_authority_that_ends_closes_the_socket(
    house: Stage, committed: SimpleNamespace, end: Callable[[SimpleNamespace], None], code: int, then: int
) -> None:
    token = await in_db(players.token)(committed.sonla)
    url = house.base.replace("http", "ws") + "/ws/live/"
    headers = {"Authorization": f"Token {token}"}
    async with websockets.connect(url, additional_headers=headers) as socket:
        await socket.recv()
        await in_db(end)(committed)
        async with asyncio.timeout(3):
            await socket.wait_closed()
        assert socket.close_code == code
    async with websockets.connect(url, additional_headers=headers) as socket, asyncio.timeout(3):
        await socket.wait_closed()
        assert socket.close_code == then


async def test_the_page_of_the_journal_continues_the_picture(
    house: Stage, committed: SimpleNamespace
) -> None:
    cast = committed
    cursor = (await ask(house, cast.duty, "/api/picture/"))[1]["cursor"]
    for _ in range(3):
        await ask(house, cast.tohieu, "/api/incidents/", FIRE)
    page = (await ask(house, cast.duty, f"/api/journal/?after={cursor}&limit=2"))[1]
    assert (len(page["results"]), page["more"]) == (2, True)
    rest = (await ask(house, cast.duty, f"/api/journal/?after={page['cursor']}"))[1]
    assert (len(rest["results"]), rest["more"]) == (1, False)
    async with watching(house, cast.duty, after=cursor) as [duty]:
        await duty.until(3)
        assert [event["id"] for event in duty.events] == [
            one["id"] for one in page["results"] + rest["results"]
        ]
    assert (await in_db(heads)())[0] == {"bau-cu/14": 3}
