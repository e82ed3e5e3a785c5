"""How long does it take to recompute the whole journal?"""

import hashlib
import time

from bench import house
from bench.figures import Figure
from bench.nation import Nation
from journal import verify

ROUNDS = 3


def recompute(nation: Nation) -> list[Figure]:
    """T13: every chain of the journal, against sha256 of the same bytes out of memory."""
    with house.asking() as cursor:
        cursor.execute("SELECT convert_to(body, 'UTF8') FROM journal_event")
        bodies = [bytes(body) for (body,) in cursor.fetchall()]
    found = Figure("T13", f"verify {len(bodies):,} events", "events/s", "≤ 6×", least=1 / 6)
    for floor, product in house.by_turns(ROUNDS, lambda: _hashed(bodies), _verified):
        found.floor.append(len(bodies) / floor)
        found.product.append(len(bodies) / product)
    return [found]


def _hashed(bodies: list[bytes]) -> float:
    began = time.perf_counter()
    chain = bytes(32)
    for body in bodies:
        chain = hashlib.sha256(chain + body).digest()
    return time.perf_counter() - began


def _verified() -> float:
    verdict = verify.verify()
    if verdict.breaks:
        raise RuntimeError(f"the journal is broken: {verdict.breaks[:3]}")
    return verdict.seconds
