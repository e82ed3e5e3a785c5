"""How does a child start, stay up, speak, and stop?"""

import asyncio
import contextlib
import logging
import os
import re
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from pathlib import Path

from . import places, processes, screen

FIRST_PAUSE, LONGEST_PAUSE, LIVED_WELL = 0.5, 10.0, 30.0
GIVE_UP_AFTER = 5  # failures before it was ready even once
LOG_BYTES, LOG_FILES = 20_000_000, 3


class FailedError(Exception):
    """A child that the others need did not come up."""


@dataclass
class Child:
    name: str
    command: list[str]
    environment: dict[str, str]
    folder: Path
    user: str | None = None
    stop: signal.Signals = signal.SIGTERM
    farewell: signal.Signals = signal.SIGTERM  # what the kernel sends it when the supervisor is killed
    kill: signal.Signals = signal.SIGKILL
    patience: float = 10.0  # seconds between being asked to stop and being killed
    ready: Callable[[], Awaitable[bool]] | None = None
    sockets: tuple[int, ...] = ()
    loud: re.Pattern[str] | None = None  # which lines reach the terminal; None = all
    wanted: bool = True
    failures: int = 0
    process: asyncio.subprocess.Process | None = None
    keeper: asyncio.Task[None] | None = None
    log: logging.Logger = field(default_factory=logging.getLogger)


class Supervisor:
    """Keeps children up in tiers: each tier is ready before the next starts, and outlives it."""

    def __init__(self, place: places.Places) -> None:
        self.place = place
        self.tiers: list[tuple[Child, ...]] = []
        self.ledger = processes.Ledger(place.ledger)
        self.ledger.add("up", os.getpid())
        self.log = open_log(place.logs / "up.log")

    def tell(self, text: str, colour: str = "") -> None:
        screen.say(text, colour)
        self.log.info(text)

    async def start(self, title: str, *children: Child, within: float = 60.0) -> None:
        self.tiers.append(children)
        for child in children:
            child.log = open_log(self.place.logs / f"{child.name}.log")
            child.keeper = asyncio.create_task(self._keep(child), name=child.name)
        with screen.bar(title, len(children)) as bar:
            for waiting in asyncio.as_completed([self._until_ready(child, within) for child in children]):
                await waiting
                bar.step()
        self.log.info("%s are ready", ", ".join(child.name for child in children))

    async def run(self, name: str, command: list[str], environment: dict[str, str], folder: Path) -> None:
        """Run something that ends by itself; it writes to the terminal directly."""
        await asyncio.to_thread(screen.flush)
        process = await self._spawn(Child(name, command, environment, folder), None)
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            process.terminate()
            await process.wait()
            raise
        finally:
            self.ledger.remove(name)
        if code:
            raise FailedError(name)

    async def stop(self) -> None:
        """Stop everything, last come first."""
        while self.tiers:
            await asyncio.gather(*(self._stop(child) for child in self.tiers.pop()))
        self.ledger.remove("up")

    def hurry(self) -> None:
        for child in (child for tier in self.tiers for child in tier):
            child.patience = 0
            self._signal(child, child.kill)

    async def _until_ready(self, child: Child, within: float) -> None:
        until = time.monotonic() + within
        while child.ready and not (child.process and await child.ready()):
            never = child.keeper is None or child.keeper.done()
            if never or child.failures >= GIVE_UP_AFTER or time.monotonic() > until:
                raise FailedError(child.name)
            await asyncio.sleep(0.05)
        child.failures = 0

    async def _keep(self, child: Child) -> None:
        pause = FIRST_PAUSE
        while True:
            began = time.monotonic()
            read, write = os.pipe()
            done = self._listen(child, read)
            try:
                child.process = await self._spawn(child, write)
            finally:
                os.close(write)
            code = await child.process.wait()
            processes.end_group(child.process.pid)
            child.process = None
            self.ledger.remove(child.name)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(done, 1)
            if not child.wanted:
                return
            child.failures += 1
            pause = FIRST_PAUSE if time.monotonic() - began > LIVED_WELL else pause
            ended = screen.words(
                f"{child.name} dừng (mã {code}), chạy lại sau", f"{child.name} ended ({code}), again in"
            )
            self.tell(f"{ended} {pause:.1f} s", "red")
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _spawn(self, child: Child, output: int | None) -> asyncio.subprocess.Process:
        identity = places.identity(child.user)
        process = await asyncio.create_subprocess_exec(
            *child.command,
            env=child.environment,
            cwd=child.folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C reaches us alone; we decide who stops when
            pass_fds=child.sockets,
            preexec_fn=processes.dying_with(os.getpid(), child.farewell),
            **identity,
        )
        self.ledger.add(child.name, process.pid)
        return process

    def _listen(self, child: Child, read: int) -> asyncio.Future[None]:
        """Copy what a child says into its file, and onto the terminal where it is meant for people."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        rest = b""

        def take() -> None:
            nonlocal rest
            chunk = os.read(read, 65536)
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > 65536 or (not chunk and rest):
                lines, rest = [*lines, rest], b""
            for line in lines:
                self._line(child, line.decode(errors="replace").rstrip())
            if not chunk:
                loop.remove_reader(read)
                os.close(read)
                if not done.done():
                    done.set_result(None)

        loop.add_reader(read, take)
        return done

    def _line(self, child: Child, text: str) -> None:
        child.log.info(text)
        if text and child.wanted and (child.loud is None or child.loud.search(text)):
            screen.say(f"{screen.paint(f'{child.name:<9}│', 'dim')} {text}")

    async def _stop(self, child: Child) -> None:
        child.wanted = False
        if child.keeper is None:
            return
        if child.process is None:  # between two lives
            child.keeper.cancel()
        else:
            self._signal(child, child.stop)
        with contextlib.suppress(asyncio.CancelledError):
            if not (await asyncio.wait({child.keeper}, timeout=child.patience))[0]:
                self._signal(child, child.kill)
                if not (await asyncio.wait({child.keeper}, timeout=3))[0]:
                    self._signal(child, signal.SIGKILL)
                    await child.keeper

    @staticmethod
    def _signal(child: Child, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            if child.process:
                child.process.send_signal(number)


def open_log(path: Path) -> logging.Logger:
    """Open a log of its own; the one of the run before is kept beside it."""
    handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8")
    if path.stat().st_size:
        handler.doRollover()
    log = logging.getLogger(f"up.{path.stem}")
    log.handlers, log.propagate = [handler], False
    log.setLevel(logging.INFO)
    return log
