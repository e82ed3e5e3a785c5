"""How fast does a nation of communes hand in what it says of its sites, and how fast is a cell of the grid kept?"""

import itertools
import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.middleware.csrf import _get_new_csrf_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from bench import house, lines, nation, pages
from bench.figures import Figure, quantile
from bench.nation import Nation
from sites import checklist
from sites.models import Site
from sites.readiness import actions
from sites.readiness import queries as readiness
from sites.readiness.models import Slot
from subcommittees.models import Operation, Unit, User

CLIENTS = 16
SECONDS = 6.0
ROUNDS = 3
SITES = 22
WITHIN = 500
ITEMS = [item.code for item in checklist.asked("regular", "before") if not item.critical]


@dataclass(frozen=True)
class Commune:
    path: str
    token: str
    username: str
    sites: list[tuple[str, str]]  # code and kind


def file(here: Nation) -> list[Figure]:
    """T10: commune after commune, in no order; then cells of their grids. Floor: the same bytes, bare, a row each."""
    slot = _slot(here.operation)
    communes = _communes()
    with house.product() as product, house.floor() as floor:
        batches, saves = _batches(slot, communes), _saves(slot, communes)
        lines.press(product.port, CLIENTS, 2, batches)  # every thread has its connection
        figures = _measured("communes filing 22 sites", floor.port, product.port, batches, {201})
        figures[0].note = f"{len(communes):,} communes; {_statements(slot, communes[0])}"
        figures += _measured("grid, a cell kept", floor.port, product.port, saves, {200})
    return figures


def _measured(what: str, bare: int, own: int, requests: Iterator[bytes], right: set[int]) -> list[Figure]:
    rate = Figure("T10", f"{what}, {CLIENTS} clients", "/s", "≥ 1/8", least=1 / 8)
    late = Figure("T10", f"{what}: p99", "ms", f"≤ {WITHIN} ms", limit=WITHIN)
    ask: Callable[[int, Iterator[bytes]], lines.Taken] = lambda port, these: lines.press(  # noqa: E731
        port, CLIENTS, SECONDS, these
    )
    for floor, product in house.by_turns(
        ROUNDS, lambda: ask(bare, map(_bare, requests)), lambda: ask(own, requests)
    ):
        if set(product.statuses) != right:
            raise RuntimeError(f"not everything was taken: {product.statuses}")
        rate.floor.append(floor.rate)
        rate.product.append(product.rate)
        late.floor.append(1000 * quantile(floor.times, 0.99))
        late.product.append(1000 * quantile(product.times, 0.99))
    return [rate, late]


def _bare(request: bytes) -> bytes:
    return lines.post("/insert", request.partition(b"\r\n\r\n")[2])


def _slot(operation: Operation) -> Slot:
    actions.plan(by=User.objects.get(username="bo.truongtieuban"), operation=operation)
    slot = readiness.asked_now(operation)
    if slot is None or slot.phase != "before":
        raise RuntimeError("no slot of the days before the poll is open: load the demonstration anew")
    return slot


def _communes() -> list[Commune]:
    """Every commune with an officer of its own, in no order."""
    units = {unit.path: unit for unit in Unit.objects.filter(kind="commune")}
    known = set(User.objects.filter(username__startswith="filing.").values_list("username", flat=True))
    nation.appoint([one for one in units.values() if f"filing.{one.code}" not in known], "filing")
    tokens = dict(
        Token.objects.filter(user__username__startswith="filing.").values_list("user__username", "key")
    )
    sites: dict[str, list[tuple[str, str]]] = {}
    for path, code, kind in (
        Site.objects.filter(early=False).order_by("number").values_list("path", "code", "kind")
    ):
        sites.setdefault(path, []).append((code, kind))
    found = [
        Commune(path, tokens[f"filing.{unit.code}"], f"filing.{unit.code}", sites[path][:SITES])
        for path, unit in units.items()
        if len(sites.get(path, [])) >= SITES
    ]
    random.Random(1).shuffle(found)  # noqa: S311 - chance that can be repeated is wanted
    return found


def _batches(slot: Slot, communes: list[Commune]) -> Iterator[bytes]:
    """Round after round something has changed: what says the same again would not be written."""
    for round_ in itertools.count():
        wrong = {ITEMS[round_ % len(ITEMS)]: "no"}
        for one in communes:
            headers = {"Authorization": f"Token {one.token}", "Idempotency-Key": uuid.uuid4().hex}
            yield lines.post("/api/readiness/", _body(slot, one, wrong), **headers)


def _body(slot: Slot, commune: Commune, wrong: dict[str, str]) -> dict[str, Any]:
    asked = {kind: checklist.asked(kind, slot.phase) for _code, kind in commune.sites}
    return {
        "slot": slot.pk,
        "reports": [
            {"site": code, "answers": {item.code: "ok" for item in asked[kind]} | wrong, "note": ""}
            for code, kind in commune.sites
        ],
    }


def _saves(slot: Slot, communes: list[Commune]) -> Iterator[bytes]:
    """One cell after the other, in the grids of a hundred communes, as their pages send it."""
    return _typed(slot, [(one, pages.session(one.username)) for one in communes[:100]])


def _typed(slot: Slot, some: list[tuple[Commune, str]]) -> Iterator[bytes]:
    proof = _get_new_csrf_string()
    for round_ in itertools.count():
        for at, (one, cookie) in enumerate(some):
            address = f"{reverse('readiness-grid-save', args=[one.path])}?slot={slot.pk}"
            site = one.sites[(round_ // len(ITEMS) + at) % len(one.sites)][0]
            body = {"cells": [[site, ITEMS[round_ % len(ITEMS)], "na"[round_ // 997 % 2], None]]}
            cookies = f"{cookie}; {settings.CSRF_COOKIE_NAME}={proof}"
            yield lines.post(address, body, Cookie=cookies, **{"X-CSRFToken": proof})


def _statements(slot: Slot, commune: Commune) -> str:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {commune.token}", HTTP_IDEMPOTENCY_KEY=uuid.uuid4().hex)
    body = _body(slot, commune, {ITEMS[-1]: "no", ITEMS[-2]: "no"})
    with CaptureQueriesContext(connection) as said:
        answer = client.post("/api/readiness/", body, format="json", headers={"host": "127.0.0.1"})
    if answer.status_code != 201:
        raise RuntimeError(answer.content.decode()[:2000])
    return f"{len([one for one in said if one['sql'].split()[0] not in {'BEGIN', 'COMMIT'}])} statements"
