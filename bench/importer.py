"""What does one worker do with one file? A process of its own, so that its time and memory are its own."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "command_center.settings")
django.setup()

from django.db import connection  # noqa: E402

from command_center import tasks  # noqa: E402
from command_center.imports import KINDS  # noqa: E402
from journal.models import Event  # noqa: E402
from subcommittees.imports import jobs  # noqa: E402
from subcommittees.models import Operation, User  # noqa: E402


def main(path: str) -> None:
    """Bring the file of sites in, and say what became of it and how long it took from the door to the end."""
    by, operation = User.objects.get(username="bo.thuky"), Operation.objects.get(current=True)
    before, asked = Event.objects.count(), Count()
    began = time.perf_counter()
    with connection.execute_wrapper(asked), Path(path).open("rb") as file:
        job = jobs.begin(
            by=by, operation=operation, kind=KINDS["sites"], file=file, file_name=Path(path).name
        )
        while jobs.carry_on(str(job.pk), KINDS, tasks.WITHIN_S):
            pass
    seconds = time.perf_counter() - began
    job.refresh_from_db()
    said = {
        "seconds": seconds, "state": job.state, "counts": job.counts, "events": Event.objects.count() - before,
        "statements": asked.number, "error": job.error,
    }  # fmt: skip
    sys.stdout.write(json.dumps(said))


class Count:
    """How many statements went to the database."""

    number = 0

    def __call__(self, execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        self.number += 1
        return execute(sql, params, many, context)


if __name__ == "__main__":
    main(sys.argv[1])
