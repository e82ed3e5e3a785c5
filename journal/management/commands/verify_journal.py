"""Is the journal whole?"""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand
from django.db import DatabaseError
from django.utils.translation import gettext as _

from journal import verify
from journal.terminal import Progress, own_language


class Command(BaseCommand):
    help = "Recompute every stream and every seal; exit 1 and one line for each break where something was changed."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since-seal", action="store_true", help="only what came after the last seal")
        parser.add_argument(
            "--seals", type=Path, metavar="FOLDER", help="compare with this copy of the seals' files"
        )
        parser.add_argument("--database", default="default", help="alias of the database to read")

    def handle(self, *args: Any, **options: Any) -> None:
        with own_language():
            try:
                whole = self.told(options)
            except DatabaseError as error:  # a damaged page, a table or a right that is gone
                whole = False
                self.stderr.write(_("%(where)s cannot be read.") % {"where": str(error).strip()})
            if not whole:
                sys.exit(1)

    def told(self, options: dict[str, Any]) -> bool:
        bars: list[Progress] = []

        def progress(title: str, total: int) -> verify.Step:
            bars.append(Progress(title, total))
            return bars[-1].step

        verdict = verify.verify(
            using=options["database"],
            since_seal=options["since_seal"],
            files=options["seals"],
            progress=progress,
        )
        for bar in bars:
            bar.close()
        for note in verdict.notes:
            self.stdout.write(note)
        for words in verdict.breaks:
            self.stderr.write(words)
        counts = {
            "events": verdict.events,
            "streams": verdict.streams,
            "seals": verdict.seals,
            "seconds": f"{verdict.seconds:.1f}",
            "rate": round(verdict.events / max(verdict.seconds, 0.001)),
        }
        looked = (
            _("%(events)d events in %(streams)d streams, %(seals)d seals; %(seconds)s s, %(rate)d events/s")
            % counts
        )
        self.stdout.write((_("BROKEN: %s") if verdict.breaks else _("Whole: %s")) % looked)
        return not verdict.breaks
