"""How soon does everybody follow again, when a thousand screens come back at once?"""

import asyncio
import time

import uvloop

from bench import fanout, house, lines
from bench.fanout import EVENT
from bench.figures import Figure, quantile
from bench.nation import LEVELS, Nation

SOCKETS = 1_000
MISSED = 60  # what happens in a minute away, at one event a second
ROUNDS = 2
PATIENCE = 60.0


class Back:
    """Counts what each of them has missed and now been given."""

    def __init__(self) -> None:
        self.events: dict[lines.Ear, int] = {}
        self.begun: set[lines.Ear] = set()
        self.cursor = ""

    def hear(self, one: lines.Ear, now: float, frame: bytes) -> None:
        if EVENT in frame[:20]:
            self.events[one] = self.events.get(one, 0) + 1
        elif b'"type":"picture"' in frame[:20]:
            self.begun.add(one)
            place = frame.rfind(b'"cursor":"') + 10
            self.cursor = frame[place : frame.find(b'"', place)].decode()


def reconnect(nation: Nation) -> list[Figure]:
    """T4: from the first handshake until all have their missed events and their picture."""
    rate = Figure("T4", "1,000 come back", "sockets/s", "≥ 1/3", least=1 / 3)
    late = Figure("T4", "API meanwhile: p99", "ms", "≤ 1000", limit=1000)
    missing = Figure("T4", "events missed", "", "0", limit=0)
    for _ in range(ROUNDS):
        rate.floor.append(uvloop.run(_floor()))
        own = uvloop.run(_product(nation))
        rate.product.append(own["rate"])
        late.product.append(own["p99"])
        missing.product.append(own["missing"])
    return [rate, late, missing]


async def _floor() -> float:
    with house.floor() as floor:
        began = time.time()
        await lines.ears(floor.port, ["/"] * SOCKETS, lambda *_: None, [""] * SOCKETS)
        return SOCKETS / (time.time() - began)


async def _product(nation: Nation) -> dict[str, float]:
    tokens = [nation.tokens[LEVELS["national"]]] * (SOCKETS // 5)
    officers = nation.everywhere
    tokens += [officers[number % len(officers)][0] for number in range(SOCKETS - len(tokens))]
    with house.product() as product:
        cursors = await _before(product.port, tokens)
        await fanout.write(MISSED, 0.0)
        back, began = Back(), time.time()
        paths = [f"/ws/live/?after={cursors[token]}" for token in tokens]
        probing = asyncio.create_task(_probe(product.port, nation.tokens[LEVELS["provincial"]]))
        made = await lines.ears(product.port, paths, back.hear, tokens)
        while len(back.begun) < SOCKETS and time.time() - began < PATIENCE:
            await asyncio.sleep(0.02)
        seconds = time.time() - began
        probing.cancel()
        times = await asyncio.gather(probing, return_exceptions=True)
        national = [
            back.events.get(one, 0) for one, token in zip(made, tokens, strict=True) if token == tokens[0]
        ]
    heard = times[0] if isinstance(times[0], list) else [0.0]
    missing = sum(MISSED - one for one in national) + SOCKETS - len(back.begun)
    return {"rate": SOCKETS / seconds, "p99": 1000 * quantile(heard, 0.99), "missing": missing}


async def _before(port: int, tokens: list[str]) -> dict[str, str]:
    """One cursor of each officer."""
    cursors = {}
    for token in dict.fromkeys(tokens):
        back = Back()
        one = await lines.ear(port, "/ws/live/", back.hear, Authorization=f"Token {token}")
        while not back.cursor:
            await asyncio.sleep(0.005)
        cursors[token] = back.cursor
        one.transport.abort()
    return cursors


async def _probe(port: int, token: str) -> list[float]:
    """Somebody who works on all the while."""
    times: list[float] = []
    one = await lines.line(port)
    request = lines.get("/api/incidents/?limit=5", Authorization=f"Token {token}")
    try:
        while True:
            asked = time.time()
            await one.ask(request)
            times.append(time.time() - asked)
            await asyncio.sleep(0.05)
    except asyncio.CancelledError:
        return times
    finally:
        one.transport.close()
