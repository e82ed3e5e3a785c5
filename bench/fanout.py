"""How long from the commit to the frame on a thousand screens?"""

import asyncio
import subprocess
import sys
import time

import uvloop

from bench import house, lines
from bench.figures import Figure, quantile
from bench.nation import LEVELS, Nation
from command_center.up import install

SOCKETS = 1_000
STEADY = (50, 0.1)  # 10 a second
BURST = (200, 0.0)
ROUNDS = 2
PATIENCE = 20.0
EVENT = b'"type":"event"'
ID = b'"subject":{"id":"'


class Crowd:
    """A thousand listeners who note when which event reached them."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, bytes]] = []
        self.hello = 0
        self.others = 0
        self.sample = b""

    def hear(self, one: lines.Ear, now: float, frame: bytes) -> None:
        place = frame.find(ID)
        if EVENT in frame[:20] and place > 0:
            self.heard.append((now, frame[place + len(ID) : place + len(ID) + 36]))
            self.sample = frame
        else:
            self.others += 1
            self.hello += b'"type":"picture"' in frame[:20]

    def hear_bare(self, one: lines.Ear, now: float, frame: bytes) -> None:
        self.heard.append((now, frame[frame.rfind(b'"t":') + 4 : -1]))

    async def until(self, count: int, seconds: float = PATIENCE) -> None:
        end = time.time() + seconds
        while len(self.heard) < count and time.time() < end:
            await asyncio.sleep(0.02)


def fan_out(nation: Nation) -> list[Figure]:
    """T3: steady and in a burst; one web process on each side, and a thousand national viewers."""
    middle = Figure("T3", "fan-out to 1,000, 10/s: p50", "ms", "≤ 2×", most=2)
    late = Figure("T3", "fan-out to 1,000, 10/s: p99", "ms", "≤ 4×", most=4)
    burst = Figure("T3", "burst of 200 to 1,000", "frames/s", "≥ 1/2", least=0.5)
    memory = Figure("T3", "memory a socket", "kB", "≤ 100", limit=100)
    lost = Figure("T3", "frames lost", "", "0", limit=0)
    token = nation.tokens[LEVELS["national"]]
    sample = uvloop.run(_sample(token))
    for _ in range(ROUNDS):
        bare = uvloop.run(_floor(sample))
        own = uvloop.run(_product(token))
        for figure, name in ((middle, "p50"), (late, "p99"), (burst, "rate"), (memory, "memory")):
            figure.floor.append(bare[name])
            figure.product.append(own[name])
        lost.product.append(own["lost"])
    memory.note = f"event frame {len(sample)} bytes"
    return [middle, late, burst, memory, lost]


async def _sample(token: str) -> bytes:
    """One real frame, whose bytes the floor hands out."""
    crowd = Crowd()
    with house.product(1) as product:
        await lines.ears(product.port, ["/ws/live/"], crowd.hear, [token])
        await write(1, 0.0)
        await crowd.until(1, 10)
    return crowd.sample


async def _product(token: str) -> dict[str, float]:
    with house.product(1) as product:
        crowd = Crowd()
        warm = product.memory()
        await lines.ears(product.port, ["/ws/live/"] * SOCKETS, crowd.hear, [token] * SOCKETS)
        end = time.time() + PATIENCE
        while crowd.hello < SOCKETS and time.time() < end:
            await asyncio.sleep(0.05)
        memory = (product.memory() - warm) / SOCKETS / 1000
        said = await write(*STEADY)
        await crowd.until(SOCKETS * STEADY[0])
        delays = [now - said[uid] for now, uid in crowd.heard if uid in said]
        lost = SOCKETS * STEADY[0] - len(delays)
        crowd.heard.clear()
        said = await write(*BURST)
        await crowd.until(SOCKETS * BURST[0])
        rate = len(crowd.heard) / (max(now for now, _ in crowd.heard) - min(said.values()))
        lost += SOCKETS * BURST[0] - len(crowd.heard)
    return {**_quantiles(delays), "rate": rate, "memory": memory, "lost": lost}


async def _floor(sample: bytes) -> dict[str, float]:
    text = sample.decode().rstrip("}")
    with house.floor(1) as floor:
        crowd = Crowd()
        warm = floor.memory()
        await lines.ears(floor.port, ["/"] * SOCKETS, crowd.hear_bare, [""] * SOCKETS)
        memory = (floor.memory() - warm) / SOCKETS / 1000
        hand = await lines.line(floor.port)
        await hand.ask(lines.post("/hand", {"text": text, "count": STEADY[0], "every": STEADY[1]}))
        await crowd.until(SOCKETS * STEADY[0])
        delays = [now - float(at) for now, at in crowd.heard]
        crowd.heard.clear()
        await hand.ask(lines.post("/hand", {"text": text, "count": BURST[0], "every": BURST[1]}))
        await crowd.until(SOCKETS * BURST[0])
        first = min(float(at) for _, at in crowd.heard)
        rate = len(crowd.heard) / (max(now for now, _ in crowd.heard) - first)
    return {**_quantiles(delays), "rate": rate, "memory": memory}


def _quantiles(delays: list[float]) -> dict[str, float]:
    return {"p50": 1000 * quantile(delays, 0.5), "p99": 1000 * quantile(delays, 0.99)}


async def write(count: int, every: float) -> dict[bytes, float]:
    """Report so many incidents in another process; when each was committed, by its id."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.writer", str(count), str(every),
        cwd=install.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    told, _ = await process.communicate(b"go\n")
    if process.returncode:
        raise RuntimeError("the writer failed")
    rows = [line.split() for line in told.splitlines() if line != b"ready"]
    return {uid: float(at) for uid, at in rows}
