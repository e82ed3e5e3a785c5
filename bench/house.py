"""On which processes is measured? The product's own web processes, and a bare server of the same software."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg2

from command_center.up import install, processes, run

WEB_PROCESSES = 2
READY_WITHIN = 60.0
SERVER = [
    *("--loop", "uvloop", "--http", "httptools", "--lifespan", "auto", "--ws", "websockets-sansio"),
    *(
        "--ws-max-size",
        "65536",
        "--ws-per-message-deflate",
        "false",
        "--no-proxy-headers",
        "--no-server-header",
    ),
    *("--no-access-log", "--log-level", "warning"),
]


class Served:
    """Some processes that take from one listening socket."""

    def __init__(self, application: str, number: int) -> None:
        self.address = run.claim_port(0)
        self.port: int = self.address.getsockname()[1]
        self.log = Path(os.environ["VAR"]) / "log" / f"bench-{self.port}.log"
        self.running = [self._start(application) for _ in range(number)]

    def _start(self, application: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "uvicorn", application, "--fd", str(self.address.fileno()), *SERVER]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=install.ROOT,
                stdout=log,
                stderr=log,
                pass_fds=[self.address.fileno()],
                preexec_fn=processes.dying_with(os.getpid(), signal.SIGKILL),  # noqa: PLW1509 - it only asks the kernel
            )

    def until_ready(self, path: str) -> None:
        until = time.monotonic() + READY_WITHIN
        while time.monotonic() < until and all(one.poll() is None for one in self.running):
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=2) as answer,
            ):
                if answer.status == 200:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"nothing answers at {path}:\n{self.log.read_text()[-3000:]}")

    def memory(self) -> int:
        """Resident bytes of all its processes."""
        return sum(_kilobytes(one.pid, "VmRSS:") for one in self.running)

    def stop(self) -> None:
        for one in self.running:
            one.kill()
        for one in self.running:
            one.wait()
        self.address.close()


def most_resident(pid: int) -> int:
    """The most bytes that the process has held so far; 0 where it is gone."""
    return _kilobytes(pid, "VmHWM:")


def children(pid: int) -> list[int]:
    """The processes that `pid` has started; not every kernel keeps the list beside it."""
    found = []
    for one in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(one.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(one.parent.name))
    return found


def _kilobytes(pid: int, name: str) -> int:
    """What `/proc` says in kB, as bytes."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    return 0


@contextlib.contextmanager
def product(number: int = WEB_PROCESSES) -> Iterator[Served]:
    with _served("command_center.asgi:application", "/readyz", number) as served:
        yield served


@contextlib.contextmanager
def floor(number: int = WEB_PROCESSES) -> Iterator[Served]:
    with _served("bench.floor:application", "/", number) as served:
        yield served


@contextlib.contextmanager
def _served(application: str, path: str, number: int) -> Iterator[Served]:
    served = Served(application, number)
    try:
        served.until_ready(path)
        yield served
    finally:
        served.stop()


@contextlib.contextmanager
def asking(variable: str = "DATABASE_OWNER_URL") -> Iterator[Any]:
    """A cursor on a connection of its own, closed afterwards."""
    with contextlib.closing(connect(variable)) as made, made.cursor() as cursor:
        yield cursor


def connect(variable: str = "DATABASE_OWNER_URL") -> Any:
    """A bare connection to the database of this run; each statement is a transaction."""
    parts = urlsplit(os.environ[variable])
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    found = psycopg2.connect(
        dbname=parts.path.lstrip("/"),
        user=parts.username,
        password=parts.password,
        host=query.get("host") or unquote(parts.hostname or ""),
        port=parts.port,
    )
    found.autocommit = True
    return found


def by_turns(rounds: int, *measures: Callable[[], Any]) -> Iterator[Sequence[Any]]:
    """A B A B …: what makes the machine slow for a while meets both."""
    for _ in range(rounds):
        yield [measure() for measure in measures]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
