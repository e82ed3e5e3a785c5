"""What does the operator see?"""

import contextlib
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator

VIETNAMESE = (os.environ.get("LC_ALL") or os.environ.get("LANG") or "").startswith("vi")
COLOURS = {
    "": "",
    "bold": "\033[1m",
    "dim": "\033[2m",
    "red": "\033[31m",
    "green": "\033[32m",
    "blue": "\033[34m",
}
WIDTH = 28

# Whoever started us may never read what we print. A full pipe must not stop the house, so a thread of its own
# writes, and lines nobody takes are dropped; the files under VAR/log have them all.
_lines: queue.Queue[str] = queue.Queue(maxsize=2000)


def words(vi: str, en: str) -> str:
    """Say it in the operator's language: Vietnamese where the machine speaks it, else English."""
    return vi if VIETNAMESE else en


def paint(text: str, colour: str) -> str:
    return f"{COLOURS[colour]}{text}\033[0m" if colour and sys.stdout.isatty() else text


def say(text: str, colour: str = "") -> None:
    write(paint(text, colour) + "\n")


def write(text: str) -> None:
    with contextlib.suppress(queue.Full):
        _lines.put_nowait(text)


def flush(within: float = 2.0) -> None:
    """Wait until everything said so far is on the screen, or somebody clearly does not read it."""
    until = time.monotonic() + within
    while _lines.unfinished_tasks and time.monotonic() < until:
        time.sleep(0.005)


def _print_for_ever() -> None:
    while True:
        rest = _lines.get().encode()
        with contextlib.suppress(OSError):
            while rest:  # not through sys.stdout: its lock, held here for ever, would hang our own exit
                rest = rest[os.write(1, rest) :]
        _lines.task_done()


threading.Thread(target=_print_for_ever, name="screen", daemon=True).start()


@contextlib.contextmanager
def quiet_interrupt() -> Iterator[None]:
    """Ctrl-C is an answer, not an error."""
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(130)


class Bar:
    """A progress bar that appears only when something takes longer than two seconds."""

    def __init__(self, title: str, total: int) -> None:
        self.title, self.total, self.done = title, max(total, 1), 0
        self._started, self._shown = time.monotonic(), -1

    def to(self, done: int) -> None:
        self.done = min(max(done, self.done), self.total)
        percent = 100 * self.done // self.total
        step = 1 if sys.stdout.isatty() else 25
        if time.monotonic() - self._started < 1 or percent // step == self._shown:
            return
        self._shown = percent // step
        filled = WIDTH * self.done // self.total
        line = f"  {self.title}  {'█' * filled}{'░' * (WIDTH - filled)} {percent:3d} %"
        write(f"\r\033[K{line}" if sys.stdout.isatty() else line + "\n")

    def step(self) -> None:
        self.to(self.done + 1)

    def close(self) -> None:
        if sys.stdout.isatty() and self._shown >= 0:
            write("\r\033[K")
        say(f"  {self.title}  {time.monotonic() - self._started:.1f} s")


@contextlib.contextmanager
def bar(title: str, total: int, count: Callable[[], int] | None = None) -> Iterator[Bar]:
    """Show how far something came: it steps by itself, or `count` says from outside how much is done."""
    shown, finished = Bar(title, total), threading.Event()

    def watch() -> None:
        while not finished.wait(0.3):
            shown.to(count() if count else shown.done)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield shown
    finally:
        finished.set()
        watcher.join()
        shown.close()
