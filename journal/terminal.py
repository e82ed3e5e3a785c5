"""What does somebody at a terminal read: in which language, and how far is it?"""

import os
import sys
import time
from contextlib import AbstractContextManager
from typing import TextIO

from django.utils import translation

PATIENCE_S = 2.0
WIDTH = 24


def own_language() -> AbstractContextManager[None]:
    """Speak the operator's language: Vietnamese where the machine does, else English."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return translation.override("vi" if spoken.startswith("vi") else "en")


class Progress:
    """A bar on stderr for what takes longer than two seconds."""

    def __init__(self, title: str, total: int, out: TextIO | None = None) -> None:
        self.title, self.total, self.out = title, max(total, 1), out or sys.stderr
        self.done, self.shown = 0, -1
        self.began = time.monotonic()

    def step(self, by: int = 1) -> None:
        self.done += by
        if time.monotonic() - self.began < PATIENCE_S:
            return
        percent = min(100 * self.done // self.total, 100)
        watched = self.out.isatty()
        if percent // (1 if watched else 25) == self.shown:
            return
        self.shown = percent // (1 if watched else 25)
        filled = WIDTH * percent // 100
        line = f"  {self.title} {'█' * filled}{'·' * (WIDTH - filled)} {percent:3d} %"
        self.out.write(f"\r{line}" if watched else f"{line}\n")
        self.out.flush()

    def close(self) -> None:
        if self.shown >= 0 and self.out.isatty():
            self.out.write("\r\033[K")
            self.out.flush()
