"""How does a stranger's file become rows here, without being opened here?"""

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from subcommittees.sheets.refusal import Refused

ROOT = Path(__file__).parents[2]
WHOLE_WITHIN_S = 400
LOOK_WITHIN_S = 10
CHECK_WITHIN_S = 1.2
STOPPED = "stopped"
LINE = 64 * 1024 * 1024
Row = tuple[int, list[Any]]


class Sheet:
    """A file that looks like a table: `notes` (codes of the table of words) and the rows, one list after the other."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    @cached_property
    def about(self) -> dict[str, Any]:
        return dict(_line(self.process))

    @property
    def notes(self) -> list[list[str]]:
        return list(self.about["notes"])

    @property
    def plain(self) -> bool:
        """Whether it is text whose rows are cut by separators."""
        return bool(self.about["plain"])

    @property
    def parts(self) -> Iterator[list[Row]]:
        _ = self.about  # it stands before the rows
        yield from _parts(self.process)

    @property
    def rows(self) -> Iterator[Row]:
        for part in self.parts:
            yield from part


@contextlib.contextmanager
def opened(path: Path, *, within_s: float = WHOLE_WITHIN_S) -> Iterator[Sheet]:
    """The rows of the CSV or XLSX file at `path`, read by a limited child process; Refused if it is none."""
    process = subprocess.Popen(  # noqa: S603  # our own program; the path is an argument, no shell reads it
        [sys.executable, "-m", "subcommittees.sheets.child", str(path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "LANG": "C.UTF-8"},
        close_fds=True,
    )
    alarm = _alarm(process, LOOK_WITHIN_S)
    try:
        _line(process)
        alarm.cancel()
        alarm = _alarm(process, within_s)
        yield Sheet(process)
    finally:
        alarm.cancel()
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def _alarm(process: subprocess.Popen[bytes], within_s: float) -> threading.Timer:
    alarm = threading.Timer(within_s, process.kill)
    alarm.daemon = True
    alarm.start()
    return alarm


def check(path: Path) -> None:
    """Refused if the file is plainly none; what only a full reading shows is found later.

    Looks no longer than a person who waits likes: a file that is large and sound passes with what it showed so far.
    """
    begun = False
    try:
        with opened(path, within_s=CHECK_WITHIN_S) as sheet:
            begun = True
            for _part in sheet.parts:
                return
    except Refused as refused:
        if not begun or refused.code != STOPPED:
            raise


def _parts(process: subprocess.Popen[bytes]) -> Iterator[list[Row]]:
    while True:
        said = _line(process)
        if isinstance(said, dict):
            return
        yield [(number, cells) for number, cells in said]


def _line(process: subprocess.Popen[bytes]) -> Any:
    """What the child says next; where it says nothing more it was stopped by its limits."""
    line = process.stdout.readline(LINE) if process.stdout else b""
    if not line.endswith(b"\n"):
        raise Refused(STOPPED, 413)
    said = json.loads(line)
    if isinstance(said, dict) and "refused" in said:
        raise Refused(said["refused"], said["status"], **said["given"])
    return said
