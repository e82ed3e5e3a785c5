"""How many reports are taken in, spread over the nation and in a storm on one province?"""

import itertools
import random
import uuid
from collections.abc import Iterator, Sequence

from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from bench import house, lines
from bench.figures import Figure, quantile
from bench.nation import Nation

CLIENTS = (1, 8, 32)
SECONDS = 3.0
ROUNDS = 3
STORM = "14"
KINDS = ("POWER", "TRAFFIC", "WEATHER", "CROWD", "STAFF")


def spread(nation: Nation) -> list[Figure]:
    """T1: one officer after the other, province by province."""
    figures = []
    with house.product() as product, house.floor() as floor:
        lines.press(product.port, 16, 2, reports(nation.everywhere))  # every thread has its connection
        for clients in CLIENTS:
            figures += _measured(nation.everywhere, clients, floor.port, product.port)
    figures[-2].note = statements(nation)
    return figures


def _measured(reporters: Sequence[tuple[str, str]], clients: int, bare: int, own: int) -> list[Figure]:
    judged = clients == max(CLIENTS)
    rate = Figure(
        "T1", f"intake, {clients} clients", "/s", "≥ 1/10" if judged else "", least=0.1 if judged else None
    )
    late = Figure(
        "T1", f"intake, {clients} clients: p99", "ms", "≤ 10×" if judged else "", most=10 if judged else None
    )
    rounds = house.by_turns(
        ROUNDS,
        lambda: lines.press(bare, clients, SECONDS, rows()),
        lambda: lines.press(own, clients, SECONDS, reports(reporters)),
    )
    for floor, product in rounds:
        refused = {status: count for status, count in product.statuses.items() if status != 201}
        if refused:
            raise RuntimeError(f"not every report was taken: {refused}")
        rate.floor.append(floor.rate)
        rate.product.append(product.rate)
        late.floor.append(1000 * quantile(floor.times, 0.99))
        late.product.append(1000 * quantile(product.times, 0.99))
    return [rate, late]


def storm(nation: Nation) -> list[Figure]:
    """T2: all of T1's clients into one stream, against the same spread over the nation."""
    found = Figure("T2", "storm in one province, 32 clients; floor = T1", "/s", "≥ 0.7 of T1", least=0.7)
    here = nation.reporters[STORM]
    with house.product() as product:
        lines.press(product.port, 16, 2, reports(nation.everywhere))
        rounds = house.by_turns(
            ROUNDS,
            lambda: lines.press(product.port, 32, SECONDS, reports(nation.everywhere)),
            lambda: lines.press(product.port, 32, SECONDS, reports(here)),
        )
        for everywhere, one in rounds:
            found.floor.append(everywhere.rate)
            found.product.append(one.rate)
    return [found]


def reports(reporters: Sequence[tuple[str, str]]) -> Iterator[bytes]:
    dice = random.Random(1)  # noqa: S311 - chance that can be repeated is wanted
    for token, site in itertools.cycle(reporters):
        body = {
            "site": site,
            "category": dice.choice(KINDS),
            "severity": 1 + dice.randrange(3),
            "summary": "Báo thử",
        }
        headers = {"Authorization": f"Token {token}"}
        headers["Idempotency-Key"] = uuid.uuid4().hex
        yield lines.post("/api/incidents/", body, **headers)


def rows() -> Iterator[bytes]:
    body = {"site": "14-03646-001", "category": "POWER", "severity": 1, "summary": "Báo thử"}
    while True:
        yield lines.post("/insert", body)


def statements(nation: Nation) -> str:
    """What one report says to the database, signed in and with a key."""
    token, site = nation.everywhere[0]
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}", HTTP_IDEMPOTENCY_KEY=uuid.uuid4().hex)
    with CaptureQueriesContext(connection) as said:
        answer = client.post(
            "/api/incidents/",
            {"site": site, "category": "POWER", "severity": 1},
            format="json",
            headers={"host": "127.0.0.1"},
        )
    if answer.status_code != 201:
        raise RuntimeError(answer.content.decode())
    words = [one["sql"].split()[0] for one in said]
    begun = words.count("BEGIN")
    counted = [word for word in words if word not in {"BEGIN", "COMMIT"}]
    return f"{len(counted)} statements, {begun} transaction"
