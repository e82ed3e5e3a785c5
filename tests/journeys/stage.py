"""How does the whole product run under test: real web processes, a real worker, a Redis to kill?"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings

from command_center.up import binaries, processes

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Stage:
    """Processes by name, each of which a test may kill and start again."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="stage-"))
        self.redis = self.folder / "redis.sock"
        self.ports = {"web": free_port(), "web2": free_port()}
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.ports['web']}"

    def environment(self) -> dict[str, str]:
        kept = {alias: settings.DATABASES[alias] for alias in ("default", "owner")}
        urls = {
            alias: f"postgresql://{one['USER']}:{one['PASSWORD']}@/{one['NAME']}?host={one['HOST']}"
            for alias, one in kept.items()
        }
        return {
            **os.environ,
            "DATABASE_URL": urls["default"],
            "DATABASE_OWNER_URL": urls["owner"],
            "REDIS_URL": f"unix://{self.redis}?db=0",
            "SECRET_KEY": settings.SECRET_KEY,
            "VAR": str(self.folder),
            "DEBUG": "1",
            "LOG_LEVEL": "WARNING",
            "FAST_PASSWORDS": "1",
        }

    def command(self, name: str) -> list[str]:
        python = [sys.executable, "-m"]
        if name in self.ports:
            options = ["--host", "127.0.0.1", "--port", str(self.ports[name]), "--log-level", "warning"]
            options += ["--ws-max-size", "65536", "--ws-per-message-deflate", "false"]
            return [*python, "uvicorn", "command_center.asgi:application", *options]
        if name == "redis":
            return [str(binaries.redis()), "--port", "0", "--unixsocket", str(self.redis), "--save", ""]
        celery = [*python, "celery", "-A", "command_center"]
        if name.startswith("beat"):
            return [*celery, "beat", "-s", str(self.folder / name), "-l", "WARNING"]
        return [*celery, "worker", "-n", f"{name}@%h", "-c", "2", "-l", "WARNING"]

    def start(self, *names: str) -> None:
        for name in names:
            with (self.folder / f"{name}.log").open("ab") as log:
                self.running[name] = subprocess.Popen(
                    self.command(name),
                    env=self.environment(),
                    cwd=ROOT,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    preexec_fn=processes.dying_with(os.getpid(), signal.SIGTERM),  # noqa: PLW1509
                )
        for name in names:
            if name in self.ports:
                self._until_ready(name)
            if name == "redis":
                self._until(self.redis.exists, name)

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        process = self.running.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        process.wait()

    def stop(self) -> None:
        for name in list(self.running):
            self.kill(name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def _until_ready(self, name: str) -> None:
        def answers() -> bool:
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"http://127.0.0.1:{self.ports[name]}/readyz", timeout=2) as answer,
            ):
                return bool(answer.status == 200)
            return False

        self._until(answers, name)

    def _until(self, done: Callable[[], bool], name: str, seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() > end or self.running[name].poll() is not None:
                raise AssertionError(f"{name} did not start:\n{self.log(name)[-3000:]}")
            time.sleep(0.05)


@contextlib.contextmanager
def raised() -> Iterator[Stage]:
    stage = Stage()
    try:
        stage.start("redis", "web")
        yield stage
    finally:
        stage.stop()
