"""How far has a long piece of work come?"""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TextIO, TypeVar

T = TypeVar("T")
WIDTH = 24


class Progress:
    """A bar where somebody watches, one line for each finished step where nobody does."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stderr
        self.watched = self.out.isatty()

    def over(self, name: str, things: Iterable[T], total: int) -> Iterator[T]:
        """Hand on `things`, of which there are `total`, and show how many are done."""
        started = shown = time.monotonic()
        done = 0
        self._show(name, done, total)
        for done, thing in enumerate(things, start=1):
            yield thing
            if time.monotonic() - shown > 0.1:
                shown = time.monotonic()
                self._show(name, done, total)
        self._finish(name, done, time.monotonic() - started)

    def _show(self, name: str, done: int, total: int) -> None:
        if self.watched:
            filled = WIDTH * done // max(total, 1)
            bar = "█" * filled + "·" * (WIDTH - filled)
            self.out.write(f"\r  {name:<28} {bar} {100 * done // max(total, 1):3d} %")
            self.out.flush()

    def _finish(self, name: str, done: int, seconds: float) -> None:
        start, fill = ("\r", f"{'█' * WIDTH} 100 %") if self.watched else ("", "done")
        self.out.write(f"{start}  {name:<28} {fill} {seconds:5.1f} s\n")
        self.out.flush()
