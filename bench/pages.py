"""How long do desks, lists and searches take, and how many statements, against their own statements run bare?"""

import itertools
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench import house, lines
from bench.figures import Figure, quantile
from bench.nation import LEVELS, Nation
from subcommittees.models import User

TIMES = 30
ROUNDS = 3


@dataclass(frozen=True)
class Asked:
    """One address as one officer; `table` limits the floor to the statements that read it (desks: all)."""

    row: str
    what: str
    level: str
    path: str
    table: str = ""
    most: float | None = 5.0
    limit: float = 50.0
    statements: int = 8

    @property
    def target(self) -> str:
        ratio = f"≤ {self.most:g}×, " if self.most else ""
        return f"{ratio}p95 ≤ {self.limit:g} ms"


def desks(nation: Nation) -> list[Figure]:
    """T5: the whole page of the nation, of a province, of a commune."""
    units = {"national": "vn/", "provincial": "vn/14/", "communal": "vn/14/03646/"}
    return measured(
        [
            Asked("T5", f"desk, {level}", level, f"/desk/{unit}", most=3, limit=60, statements=12)
            for level, unit in units.items()
        ]
    )


def lists(nation: Nation) -> list[Figure]:
    """T6: first and deep pages, filtered, as each level; the API and the page."""
    incidents, sites = "incidents_incident", "sites_site"
    asked = [
        Asked("T6", f"{what}, {level}", level, path, table)
        for level, what, path, table in (
            ("national", "incidents API, first", "/api/incidents/", incidents),
            ("national", "incidents API, 70,000 deep", "/api/incidents/?offset=70000", incidents),
            ("national", "incidents API, open", "/api/incidents/?state=open", incidents),
            ("national", "incidents page, first", "/incidents/", incidents),
            ("national", "incidents page, 70,000 deep", "/incidents/?page=2800", incidents),
            ("provincial", "incidents page, first", "/incidents/", incidents),
            ("communal", "incidents page, first", "/incidents/", incidents),
            ("national", "sites API, first", "/api/sites/", sites),
            ("national", "sites API, 70,000 deep", "/api/sites/?offset=70000", sites),
            ("national", "sites page, 70,000 deep", "/sites/?page=2800", sites),
            ("provincial", "sites page, ready", "/sites/?state=ready", sites),
            ("communal", "sites page, first", "/sites/", sites),
        )
    ]
    return measured(asked)


def search(nation: Nation) -> list[Figure]:
    """T8: a word without accents, in sites and incidents, and in the search of everything where there is one."""
    ways = [
        ("incidents", "/api/incidents/?q=may+phat+son+la"),
        ("sites", "/api/sites/?q=nha+van+hoa+to+hieu"),
    ]
    ways.append(("everything", f"{reverse('api-search')}?q=to+hieu"))
    return measured(
        [
            Asked("T8", f"search {what}, {level}", level, path, limit=30, most=None)
            for what, path in ways
            for level in ("national", "provincial")
        ]
    )


def measured(asked: list[Asked]) -> list[Figure]:
    """Each address by turns with its own statements, asked bare in one round trip on the connection that knows them."""
    found = []
    with house.product() as product:
        for one in asked:
            cookie = session(LEVELS[one.level])
            request = lines.get(one.path, Cookie=cookie, **{"Accept-Encoding": "gzip"})
            statements, size = _statements(one, cookie)
            bare = _bare(statements, one.table)
            lines.press(product.port, 4, 60, itertools.repeat(request), most=12)
            ratio = Figure(one.row, one.what, "ms", one.target, most=one.most)
            for floor, own in house.by_turns(ROUNDS, bare, partial(_asked, product.port, request)):
                ratio.floor.append(1000 * statistics.median(floor))
                ratio.product.append(1000 * statistics.median(own))
                ratio.tail.append(1000 * quantile(own, 0.95))
            ratio.tail_limit = one.limit
            ratio.note = f"{len(statements)} statements (≤ {one.statements}), {size / 1000:.1f} kB"
            found.append(ratio)
    return found


def _asked(port: int, request: bytes) -> list[float]:
    taken = lines.press(port, 1, 60, itertools.repeat(request), most=TIMES)
    if set(taken.statuses) != {200}:
        raise RuntimeError(f"{request[:80]!r} was answered {taken.statuses}")
    return taken.times


def session(username: str) -> str:
    user = User.objects.get(username=username)
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}"


def _statements(one: Asked, cookie: str) -> tuple[list[str], int]:
    """What this address says to the database, and the bytes that cross the network."""
    name, _, value = cookie.partition("=")
    client = Client(headers={"host": "127.0.0.1", "accept-encoding": "gzip"})
    client.cookies[name] = value
    client.get(one.path)
    with CaptureQueriesContext(connection) as said:
        answer = client.get(one.path)
    if answer.status_code != 200:
        raise RuntimeError(f"{one.path}: {answer.status_code}")
    return [entry["sql"] for entry in said], len(answer.content)


def _bare(statements: list[str], table: str) -> Callable[[], list[float]]:
    own = [one for one in statements if not table or f'FROM "{table}"' in one]
    text = ";".join(own)

    def run() -> list[float]:
        times = []
        # On the connection that asked them: it knows the statements that are prepared.
        with connection.connection.cursor() as cursor:
            cursor.execute(text)
            for _ in range(TIMES):
                began = time.perf_counter()
                cursor.execute(text)
                cursor.fetchall()
                times.append(time.perf_counter() - began)
        return times

    return run
