"""Where does everything that runs keep its things?"""

import os
import pwd
import secrets
import stat
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from . import install, screen

LONGEST_SOCKET = 99  # the kernel's limit is 107 bytes, 103 on macOS
SOCKET = ".s.PGSQL.5432"
ROOT_RUNS_IT = os.geteuid() == 0
SERVANT = "nobody" if ROOT_RUNS_IT else None  # PostgreSQL refuses to run as root


@dataclass(frozen=True)
class Places:
    """`var` is ours alone; the cluster and its socket also belong to the servant, where there is one."""

    var: Path
    cluster: Path
    sockets: Path

    @property
    def database(self) -> Path:
        return self.sockets / "pg"

    @property
    def redis(self) -> Path:
        return self.sockets / "redis.sock"

    @property
    def logs(self) -> Path:
        return self.var / "log"

    @property
    def ledger(self) -> Path:
        return self.var / "up.pids"

    def environment(self) -> dict[str, str]:
        """Give what the settings read; the same lines stand in VAR/env for other terminals."""
        host = quote(str(self.database), safe="")
        return {
            "VAR": str(self.var),
            "DATABASE_URL": f"postgresql://baucu_web@/baucu?host={host}",
            "DATABASE_OWNER_URL": f"postgresql://baucu_owner@/baucu?host={host}",
            "REDIS_URL": f"unix://{self.redis}?db=0",
            "SECRET_KEY": remembered(self.var / "secret", lambda: secrets.token_urlsafe(50)),
        }

    def write_environment(self, environment: dict[str, str]) -> None:
        lines = "".join(f"{key}={value}\n" for key, value in environment.items())
        private(
            self.var / "env",
            "# Written by `make up`, read by manage.py where the environment is silent.\n" + lines,
        )


def chosen() -> Path:
    return Path(os.environ.get("VAR") or install.ROOT / "var").absolute()


def lay_out(var: Path) -> Places:
    """Make every folder with its owner and mode, and decide where sockets and cluster can lie."""
    var.mkdir(parents=True, exist_ok=True)
    if var.stat().st_uid != os.geteuid():
        owner = pwd.getpwuid(var.stat().st_uid).pw_name
        sys.exit(
            screen.words(
                f"{var} thuộc về {owner}. Chạy bằng người đó, hoặc chọn VAR=… khác.",
                f"{var} belongs to {owner}. Run as that user, or choose another VAR=…",
            )
        )
    places = Places(var, _cluster(var), _sockets(var))
    places.logs.mkdir(exist_ok=True)
    for folder in (places.cluster, places.database):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        give_to_servant(folder)
    return places


def give_to_servant(folder: Path) -> None:
    if SERVANT:
        servant = pwd.getpwnam(SERVANT)
        os.chown(folder, servant.pw_uid, servant.pw_gid)
    folder.chmod(0o700)


def identity(user: str | None) -> dict[str, Any]:
    """Give what makes a child another user (nothing, where it runs as the caller)."""
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}


def open_to_servant(folder: Path) -> bool:
    """Can the servant get there? A clone under /root, for one, is closed to everybody but root."""
    return not SERVANT or all(one.stat().st_mode & stat.S_IXOTH for one in (folder, *folder.parents))


def _cluster(var: Path) -> Path:
    if open_to_servant(var) and not (var / "cluster.path").exists():
        return var / "pg"
    return Path(remembered(var / "cluster.path", lambda: f"/var/lib/baucu/{secrets.token_hex(4)}/pg"))


def _sockets(var: Path) -> Path:
    beside = var / "run"
    if open_to_servant(var) and len(os.fsencode(beside / "pg" / SOCKET)) <= LONGEST_SOCKET:
        sockets = beside
        sockets.mkdir(exist_ok=True)
    else:
        note = var / "sockets.path"
        if not (note.exists() and _ours(Path(note.read_text().strip()))):
            private(note, tempfile.mkdtemp(prefix="baucu-"))
        sockets = Path(note.read_text().strip())
    sockets.chmod(0o711 if SERVANT else 0o700)
    return sockets


def _ours(folder: Path) -> bool:
    """Is it a real folder that only we can write into? Anybody may put things under the temporary folder."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022


def remembered(note: Path, make: Callable[[], str]) -> str:
    """Make it once, keep it readable to us only."""
    if not note.exists():
        private(note, make())
    return note.read_text(encoding="utf-8").strip()


def demo_password(var: Path) -> str:
    """Give what the accounts have, or a fresh one; `prepare` notes it once they have it."""
    note = var / "demo-password"
    return note.read_text(encoding="utf-8").strip() if note.exists() else secrets.token_urlsafe(9)


def private(path: Path, text: str) -> None:
    """Write so that nobody else can read it, and so that half a file is never seen."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(
        os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
    fresh.replace(path)
