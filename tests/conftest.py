"""Who plays in the tests, on which stage, under which clock?"""

import datetime as dt
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from types import SimpleNamespace
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from rest_framework.test import APIClient

from journal import nudge
from tests import cast as players

settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
settings.STORAGES = {
    **settings.STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
settings.WHITENOISE_AUTOREFRESH = True
TEST_DATABASE = f"test_baucu_{os.getpid()}"  # two runs on one cluster do not meet


def _owner(name: str) -> AbstractContextManager[Any]:
    """A cursor of the owner's own, outside of every test's transaction."""
    return _connected(name, "owner")


@contextmanager
def _connected(name: str, alias: str) -> Iterator[Any]:
    kept = settings.DATABASES[alias]
    found = psycopg2.connect(
        dbname=name,
        user=kept["USER"],
        password=kept["PASSWORD"] or None,
        host=kept["HOST"],
        port=kept["PORT"] or None,
    )
    found.autocommit = True
    with closing(found), found.cursor() as cursor:
        yield cursor


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """A database of its own, migrated by the owner; everything in the tests then acts as the web role."""
    home = settings.DATABASES["owner"]["NAME"]
    with _owner(home) as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {TEST_DATABASE} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {TEST_DATABASE}")
    for alias in ("default", "owner"):
        connections[alias].close()
        settings.DATABASES[alias]["NAME"] = TEST_DATABASE
        connections[alias].settings_dict["NAME"] = TEST_DATABASE
    with django_db_blocker.unblock():
        call_command("migrate", database="owner", verbosity=0)
        players.settle()
        for alias in ("default", "owner"):
            connections[alias].close()
    yield
    connections.close_all()
    _drop(home)


def _drop(home: str) -> None:
    """Drop the database once the last thread and process that used it has been shown out."""
    show_out = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user"
    )
    for left in reversed(range(50)):
        for alias in ("default", "owner"):
            with _connected(home, alias) as cursor:
                cursor.execute(show_out, [TEST_DATABASE])
        try:
            with _owner(home) as cursor:
                cursor.execute(f"DROP DATABASE IF EXISTS {TEST_DATABASE}")
        except psycopg2.errors.ObjectInUse:
            if not left:
                raise
            time.sleep(0.1)
        else:
            return


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest) -> Iterator[None]:
    """Any warning or error in the log fails the test that caused it, unless it says that it expects one."""
    yield
    if request.node.get_closest_marker("loud"):
        return
    told = [
        f"{record.name}: {record.getMessage()}"
        for record in caplog.get_records("call")
        if record.levelno >= logging.WARNING
        and not (record.name == "django.request" and record.levelno == logging.WARNING)
        and record.name not in {"django.security.csrf", "asyncio"}
    ]
    assert not told, told


@pytest.fixture(autouse=True)
def no_nudges(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was nudged; nothing is sent unless a test asks for the real sender."""
    sent: list[str] = []
    monkeypatch.setattr(nudge, "send", sent.append)
    return sent


@pytest.fixture
def cast(db: None) -> SimpleNamespace:
    """One nation, two provinces with two communes each, and named officers with jobs; rolled back afterwards."""
    return players.gather()


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[SimpleNamespace]:
    """The same cast where commits are real, for what numbers, sends or races; wiped as the owner afterwards."""
    with django_db_blocker.unblock():
        connection.close()
        yield players.gather()
        connection.close()
        with _owner(TEST_DATABASE) as cursor:
            players.wipe(cursor)
        players.settle()
        connection.close()


@pytest.fixture
def number() -> Callable[[], None]:
    """Number the events so far, as a commit would."""

    def now() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SET CONSTRAINTS journal_number IMMEDIATE; SET CONSTRAINTS journal_number DEFERRED"
            )

    return now


@pytest.fixture
def move_clock(django_db_setup: None) -> Iterator[Callable[..., None]]:
    """Stand this far from the database's clock, for every process: `move_clock(minutes=5)`."""
    with _owner(TEST_DATABASE) as cursor:

        def move(**shift: float) -> None:
            cursor.execute("UPDATE journal_clock SET shift = %s", [dt.timedelta(**shift)])

        yield move
        move()


@pytest.fixture
def later(move_clock: Callable[..., None]) -> Callable[[float], None]:
    """Let this many seconds more go by."""
    passed = [0.0]

    def go(seconds: float) -> None:
        passed[0] += seconds
        move_clock(seconds=passed[0])

    return go


@pytest.fixture
def api() -> Callable[..., APIClient]:
    """A client of the API with this officer's token: `api(cast.sonla)`."""

    def client(user: Any = None, **headers: str) -> APIClient:
        found = APIClient(raise_request_exception=False)
        if user is not None:
            found.credentials(HTTP_AUTHORIZATION=f"Token {players.token(user)}", **headers)
        return found

    return client
