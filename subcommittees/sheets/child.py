"""What do the rows of a stranger's file say? Asked in a process of its own that may use little and dies alone.

Called as a program: `python -m subcommittees.sheets.child FILE`. It imports nothing of ours but its neighbours, and
writes lines of JSON: one object about the file, then lists of rows `[number, [cells]]`, then how it ended.
"""

import importlib
import json
import resource
import sys
from collections.abc import Iterator
from typing import Any

from subcommittees.sheets import archive
from subcommittees.sheets.refusal import Refused

MEMORY = 768 * 1024 * 1024  # of addresses; what is really used stays far below
SECONDS = 240
FIRST, LATER = 60, 400  # rows in a line: who looks only at the beginning shall not wait for more


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def tell(said: Any) -> None:
    sys.stdout.write(json.dumps(said, ensure_ascii=True, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def stream(rows: Iterator[tuple[int, list[Any]]]) -> int:
    waiting: list[Any] = []
    count, enough = 0, FIRST
    for number, cells in rows:
        waiting.append([number, cells])
        count += 1
        if len(waiting) >= enough:
            tell(waiting)
            waiting, enough = [], LATER
    if waiting:
        tell(waiting)
    return count


def main(path: str) -> None:
    limit()
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            start = file.read(8)
        sheet = start.startswith((b"PK", b"\xd0\xcf\x11\xe0"))
        if sheet:
            archive.look(path)
        tell({"looked": True})
        # Only now, under the limits, is loaded what opens the file; and of the two only one.
        kind = importlib.import_module(f"subcommittees.sheets.{'xlsx' if sheet else 'csv'}_rows")
        notes, rows = kind.opened(path)
        tell({"notes": notes, "plain": not sheet})
        tell({"end": stream(rows)})
    except Refused as refused:
        tell({"refused": refused.code, "status": refused.status, "given": refused.given})
    except MemoryError:
        tell({"refused": "too_heavy", "status": 413, "given": {}})


if __name__ == "__main__":
    main(sys.argv[1])
