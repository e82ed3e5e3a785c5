"""Does everything come up, stay up, and go down without leaving anything behind?"""

import contextlib
import itertools
import json
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from command_center.up import binaries, install, places, processes, run, stores, translations

SMALL_HOUSE = "tests.command_center.small_house"
HOUSE = "command_center.up.run"


def pins(lock: str) -> dict[str, str]:
    return dict(
        re.findall(r"^([\w.-]+==\S+)(.*(?:\n    .*)*)", (install.ROOT / lock).read_text(), re.MULTILINE)
    )


def test_the_development_lock_pins_everything_that_runs_alike():
    assert pins(install.RUNTIME).items() <= pins(install.DEV).items()


@pytest.mark.parametrize("lock", [install.RUNTIME, install.DEV, install.EMBEDDED])
def test_a_lock_names_no_machine_and_hashes_everything(lock):
    text = (install.ROOT / lock).read_text()
    assert not re.search(r"://|--index|--find-links|^#", text, re.MULTILINE)
    assert all("--hash=sha256:" in rest for rest in pins(lock).values())


def program(folder: Path, name: str, says: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\necho '{says}'\n")
    (folder / name).chmod(0o755)


def test_the_newest_postgresql_that_is_new_enough_is_taken(tmp_path, monkeypatch):
    for version in (9, 14, 16, 17):
        program(tmp_path / str(version) / "bin", "postgres", f"postgres (PostgreSQL) {version}.4")
        program(tmp_path / str(version) / "bin", "initdb", "")
    monkeypatch.setattr(binaries, "POSTGRESQL_FOLDERS", (f"{tmp_path}/*/bin",))
    monkeypatch.setattr(binaries.shutil, "which", lambda _: None)
    monkeypatch.setattr(install, "VENV", tmp_path / "none")
    assert binaries.postgresql().version == 17
    assert binaries.postgresql(made_by=16)["initdb"] == str(tmp_path / "16" / "bin" / "initdb")
    assert binaries.postgresql(made_by=14) is None


def test_this_machine_has_both_servers():
    assert binaries.postgresql().version >= binaries.OLDEST_POSTGRESQL
    assert os.access(binaries.redis(), os.X_OK)


@pytest.fixture
def var():
    """A folder that the servant can enter: pytest closes its own to everybody else."""
    with tempfile.TemporaryDirectory(prefix="baucu-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


def test_other_terminals_find_the_running_installation_and_nobody_else_does(var):
    place = places.lay_out(var)
    place.write_environment(place.environment())
    lines = dict(line.split("=", 1) for line in (var / "env").read_text().splitlines() if line[0] != "#")
    assert {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "VAR"} <= lines.keys()
    assert lines["SECRET_KEY"] == places.lay_out(var).environment()["SECRET_KEY"]
    for name in ("env", "secret"):
        assert stat.S_IMODE((var / name).stat().st_mode) == 0o600


def test_a_long_folder_gets_short_sockets_that_only_we_may_enter(var):
    deep = var / ("x" * 60) / ("y" * 60)
    place = places.lay_out(deep)
    assert len(os.fsencode(place.database / places.SOCKET)) <= places.LONGEST_SOCKET
    assert stat.S_IMODE(place.database.stat().st_mode) == 0o700
    assert places.lay_out(deep) == place
    place.database.rmdir()
    place.sockets.rmdir()
    place.sockets.symlink_to(var)  # somebody else got there first
    elsewhere = places.lay_out(deep)
    assert elsewhere.sockets != place.sockets
    place.sockets.unlink()
    elsewhere.database.rmdir()
    elsewhere.sockets.rmdir()


@pytest.mark.skipif(not places.ROOT_RUNS_IT, reason="only root needs a servant")
def test_a_folder_closed_to_the_servant_keeps_its_cluster_elsewhere(var, monkeypatch):
    closed = var / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(tempfile, "tempdir", str(var))
    monkeypatch.setattr(places, "remembered", lambda *_: str(var / "elsewhere" / "pg"))
    assert places.lay_out(closed / "var").cluster == var / "elsewhere" / "pg"


def test_a_leftover_is_known_by_its_number_and_its_start(tmp_path):
    with subprocess.Popen(["sleep", "60"]) as sleeper:
        ledger = processes.Ledger(tmp_path / "pids")
        ledger.add("sleeper", sleeper.pid)
        assert processes.Ledger(tmp_path / "pids").left_behind() == {"sleeper": sleeper.pid}
        another = (tmp_path / "pids").read_text().strip() + "1\nbroken\n"
        (tmp_path / "pids").write_text(another)
        assert processes.Ledger(tmp_path / "pids").left_behind() == {}
        sleeper.kill()
    ledger.add("sleeper", sleeper.pid)
    assert ledger.left_behind() == {}


def test_only_the_owner_changes_tables():
    with (
        contextlib.closing(psycopg2.connect(os.environ["DATABASE_OWNER_URL"])) as owner,
        owner.cursor() as cursor,
    ):
        cursor.execute("CREATE TABLE up_probe (id serial PRIMARY KEY)")
        owner.commit()
        try:
            web = psycopg2.connect(os.environ["DATABASE_URL"])
            with contextlib.closing(web), web.cursor() as asked:
                asked.execute("INSERT INTO up_probe DEFAULT VALUES RETURNING id")
                assert asked.fetchone() == (1,)
                for forbidden in ("CREATE TABLE up_other ()", "DROP TABLE up_probe", "TRUNCATE up_probe"):
                    web.rollback()
                    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                        asked.execute(forbidden)
        finally:
            cursor.execute("DROP TABLE up_probe")
            owner.commit()


def test_translations_are_compiled_without_gettext(tmp_path, monkeypatch):
    folder = tmp_path / "vi" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Site"\nmsgstr "Khu vực"\n'
    )
    monkeypatch.setattr(translations, "LOCALE", tmp_path)
    translations.compile_changed()
    assert "Khu vực".encode() in (folder / "django.mo").read_bytes()
    assert [path.name for path in folder.iterdir() if path.suffix not in {".po", ".mo"}] == []


def test_a_port_in_use_is_told_in_words(capsys):
    with run.claim_port(0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit, match=f"PORT={port + 1}"):
            run.claim_port(port)


@contextlib.contextmanager
def live(command: list[str], ready: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    house = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=install.ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        heard = list(itertools.takewhile(lambda line: ready not in line, house.stdout))
        assert house.poll() is None, "".join(heard)
        yield house
    finally:
        house.kill()
        house.communicate()


def until(true, within=10.0):
    end = time.monotonic() + within
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    assert true()


@pytest.mark.slow
def test_a_killed_supervisor_leaves_nothing_and_loses_nothing(var):
    place = places.lay_out(var)
    with live([SMALL_HOUSE, str(var)], "ready") as house:
        with (
            contextlib.closing(stores.connect(place, "baucu")) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute("CREATE TABLE kept AS SELECT 1 AS one")
            connection.commit()
            children = processes.Ledger(place.ledger).left_behind()
            assert children.keys() == {"up", "postgres", "redis"}
            house.kill()
    began = time.monotonic()
    with live([SMALL_HOUSE, str(var)], "ready") as house:
        assert time.monotonic() - began < 30
        assert not any(processes.started(pid) for pid in children.values())
        with (
            contextlib.closing(stores.connect(place, "baucu")) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT one FROM kept")
            assert cursor.fetchone() == (1,)
        ledger = processes.Ledger(place.ledger)
        redis = ledger.left_behind()["redis"]
        os.kill(redis, signal.SIGKILL)
        until(lambda: ledger.left_behind().get("redis", redis) != redis)
        children = ledger.left_behind()
        house.terminate()
        assert house.wait(20) == 0
    assert not any(processes.started(pid) for pid in children.values())
    assert not place.ledger.read_text()


def answer(port: int) -> dict[str, object]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as said:
        return json.load(said)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_the_whole_house_is_back_soon_after_it_was_killed(var):
    place = places.lay_out(var)
    ledger = processes.Ledger(place.ledger)
    with run.claim_port(0) as free:
        port = free.getsockname()[1]
    began = time.monotonic()
    chosen = {"VAR": str(var), "PORT": str(port), "DEMO_PASSWORD": "mat-khau-cua-bai-thu", "LANG": "C.UTF-8"}
    with live([HOUSE], "Stop: Ctrl-C", **chosen) as house:
        first = time.monotonic() - began
        assert answer(port)["database"]
        everybody = ledger.left_behind()
        assert {"up", "postgres", "redis", "web-1", "worker", "beat"} <= everybody.keys()
        house.kill()
    began = time.monotonic()
    with live([HOUSE], "Stop: Ctrl-C", **chosen) as house:
        assert time.monotonic() - began < max(2 * first, 30)  # 3 s where nothing else runs
        assert answer(port)["redis"]
        assert not any(processes.started(pid) for pid in everybody.values())
        everybody = ledger.left_behind()
        for line in (var / "env").read_text().splitlines():
            key, _, value = line.partition("=")
            chosen[key] = value
        verified = subprocess.run(
            [sys.executable, "manage.py", "verify_journal"],
            cwd=install.ROOT,
            env={**os.environ, **chosen},
            capture_output=True,
            text=True,
            check=False,
        )
        assert verified.returncode == 0, verified.stdout + verified.stderr
        house.send_signal(signal.SIGINT)
        assert house.wait(30) == 0
    assert not any(processes.started(pid) for pid in everybody.values())
    with pytest.raises(OSError, match="refused"):
        answer(port)
