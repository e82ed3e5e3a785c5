"""How does a command run on services of its own, that are gone afterwards?"""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from . import binaries, install, places, processes, run, screen, stores, translations
from .supervisor import Child, FailedError, Supervisor

INSTALL_CHROMIUM = "apt-get install -y chromium fonts-noto-core"


def main() -> None:
    command = sys.argv[1:]
    durable = command[:1] == ["--durable"]  # measured and killed as in production, not as fast as can be
    folder = Path(tempfile.mkdtemp(prefix="baucu-trial-"))
    folder.chmod(0o711)
    try:
        place = places.lay_out(folder)
        postgresql, redis = run.servers(place)
        database = stores.postgresql(place, postgresql, durable=durable)
        sys.exit(asyncio.run(trial(command[durable:], place, database, stores.redis(place, redis))))
    finally:
        screen.flush()
        shutil.rmtree(folder, ignore_errors=True)


async def trial(command: list[str], place: places.Places, *servers: Child) -> int:
    supervisor = Supervisor(place)
    loop = asyncio.get_running_loop()
    running = asyncio.ensure_future(_run(command, place, supervisor, servers))
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, running.cancel)
    loop.add_signal_handler(signal.SIGINT, lambda: None)  # the command is in front and decides itself
    try:
        return await running
    except asyncio.CancelledError:
        return 128 + signal.SIGTERM
    except FailedError as failed:
        run.show_failure(supervisor, str(failed))
        return 1
    finally:
        await supervisor.stop()


async def _run(
    command: list[str], place: places.Places, supervisor: Supervisor, servers: tuple[Child, ...]
) -> int:
    await supervisor.start(run.SERVERS, *servers)
    await asyncio.to_thread(stores.prepare_database, place, may_create=True)
    await asyncio.to_thread(translations.compile_changed)
    chromium = binaries.chromium()
    if not chromium:
        _miss_chromium()
    environment = {**os.environ, **place.environment(), "CHROMIUM": chromium or ""}
    environment["DEMO_PASSWORD"] = os.environ.get("DEMO_PASSWORD") or "mat-khau-chi-de-thu"
    process = await asyncio.create_subprocess_exec(
        *command,
        env=environment,
        cwd=install.ROOT,
        preexec_fn=processes.dying_with(os.getpid(), signal.SIGTERM),
    )
    try:
        code = await process.wait()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if not chromium:
        _miss_chromium()
        code = code or int(bool(os.environ.get("REQUIRE_BROWSER")))
    return code


def _miss_chromium() -> None:
    screen.say(
        screen.words(
            f"KHÔNG CÓ CHROMIUM: các bài thử trình duyệt bị bỏ qua. Cài: {INSTALL_CHROMIUM}",
            f"NO CHROMIUM: the browser tests are skipped. Install it: {INSTALL_CHROMIUM}",
        ),
        "red",
    )
    screen.flush()


if __name__ == "__main__":
    main()
