"""How long from a fresh clone to the first page, and from the second start?"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bench import house
from bench.figures import Figure
from bench.nation import Nation
from command_center.up import binaries, install, places

WITHIN = 900


def start(nation: Nation) -> list[Figure]:
    """T12: `make up` in a fresh clone with an empty home, against the bare install of its lock and an initdb."""
    cold = Figure("T12", "cold start to /readyz, national data", "s", "≤ 1.3×", most=1.3)
    again = Figure("T12", "second start", "s", "≤ 6 s", limit=6)
    with _folder() as folder:
        cold.floor.append(_floor(folder))
        clone = folder / "clone"
        subprocess.run(["git", "clone", "--quiet", str(install.ROOT), str(clone)], check=True)
        cold.product.append(_up(folder, clone))
        again.product.append(_up(folder, clone))
    return [cold, again]


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="bench-cold-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _floor(folder: Path) -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-m", "venv", str(folder / "bare")], check=True)
    lock = str(install.ROOT / install.RUNTIME)
    pip = [
        str(folder / "bare/bin/python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--require-hashes",
        "--no-deps",
        "-r",
        lock,
    ]
    subprocess.run(pip, check=True)
    server = binaries.postgresql(None)
    if server is not None:
        cluster = folder / "pg"
        cluster.mkdir()
        places.give_to_servant(cluster)
        command = [server["initdb"], "-D", str(cluster), "-A", "trust"]
        subprocess.run(
            command, check=True, capture_output=True, cwd=cluster, **places.identity(places.SERVANT)
        )
    return time.monotonic() - began


def _up(folder: Path, clone: Path) -> float:
    port = house.free_port()
    keep = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    keep |= {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_"))}
    environment = {**keep, "HOME": str(folder / "home"), "PORT": str(port), "VAR": str(folder / "var")}
    (folder / "home").mkdir(exist_ok=True)
    began = time.monotonic()
    with (folder / "up.log").open("ab") as log:
        up = subprocess.Popen(
            ["make", "up"], cwd=clone, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        while time.monotonic() - began < WITHIN and up.poll() is None:
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2),
            ):
                return time.monotonic() - began
            time.sleep(0.1)
    finally:
        os.killpg(up.pid, signal.SIGINT)
        up.wait(60)
    raise RuntimeError((folder / "up.log").read_text()[-2000:])
