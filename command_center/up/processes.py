"""How do we start processes that never outlive us, and recognise those that did?"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PR_SET_PDEATHSIG = 1
LINUX = sys.platform == "linux"
_libc = ctypes.CDLL(None, use_errno=True) if LINUX else None


def follow_parent(farewell: int) -> None:
    """Ask the kernel to send us this signal when our parent ends, however it ends."""
    if _libc:
        _libc.prctl(PR_SET_PDEATHSIG, farewell, 0, 0, 0)


def dying_with(parent: int, farewell: int) -> Callable[[], None]:
    """Give what a child does between fork and exec."""

    def before_exec() -> None:
        follow_parent(farewell)
        if os.getppid() != parent:  # it ended before we asked
            os._exit(1)

    return before_exec


def started(pid: int) -> str:
    """Say when a process started ("" = there is none): a number that is used again has another start."""
    if LINUX:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
            return "" if fields[0] in "ZX" else f"{boot}/{fields[19]}"
        return ""
    said = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return said.stdout.strip().replace(" ", "_")


def works_in(pid: int, folder: Path) -> bool:
    """Does this process live in that folder? PostgreSQL's does, in its cluster."""
    try:
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == folder.resolve()
    except OSError:
        return False


class Ledger:
    """Who runs for us: `name pid start` lines, so that the next run finds what this one left behind."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.running: dict[str, tuple[int, str]] = {}

    def add(self, name: str, pid: int) -> None:
        self.running[name] = (pid, started(pid))
        self._write()

    def remove(self, name: str) -> None:
        self.running.pop(name, None)
        self._write()

    def _write(self) -> None:
        fresh = self.path.with_suffix(".new")
        fresh.write_text("".join(f"{name} {pid} {start}\n" for name, (pid, start) in self.running.items()))
        fresh.replace(self.path)

    def left_behind(self) -> dict[str, int]:
        """Read who of an earlier run is still there: the same number *and* the same start."""
        found: dict[str, int] = {}
        if self.path.exists():
            for line in self.path.read_text().splitlines():
                match line.split(" "):
                    case [name, pid, start] if start and pid.isdigit() and started(int(pid)) == start:
                        found[name] = int(pid)
        return found


def end(pid: int, *signals: int, patience: float = 3.0) -> bool:
    """Send one signal after the other to a process that is not our child until it is gone."""
    start = started(pid)
    for number in signals:
        if not start or started(pid) != start:
            return True
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        until = time.monotonic() + patience
        while started(pid) == start and time.monotonic() < until:
            time.sleep(0.05)
    return started(pid) != start


def end_group(leader: int, number: int = signal.SIGKILL) -> None:
    """Each child leads a session of its own; what it started goes with it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)
