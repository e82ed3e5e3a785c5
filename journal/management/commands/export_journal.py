"""Where does somebody get the journal to check it elsewhere?"""

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils.translation import gettext as _

from journal import export
from journal.terminal import Progress, own_language


class Command(BaseCommand):
    help = "Write the journal with its seals as JSON lines, to be checked by journal/verify_export.py alone."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--operation", default="", help="only the streams of this operation, e.g. bau-cu")
        parser.add_argument("--stream", action="append", default=[], help="only this stream, e.g. bau-cu/14")
        parser.add_argument("--database", default="default", help="alias of the database to read")

    def handle(self, *args: Any, **options: Any) -> None:
        with own_language():
            self.write(options)

    def write(self, options: dict[str, Any]) -> None:
        streams = export.streams_of(options["database"], options["operation"], options["stream"])
        if streams == []:
            raise CommandError(_("There is no such stream."))
        bars: list[Progress] = []

        def progress(total: int) -> export.Step:
            bars.append(Progress(_("events"), total))
            return bars[-1].step

        out = getattr(self.stdout, "buffer", None)
        export.export(
            out.write if out else lambda line: self.stdout.write(line.decode(), ending=""),
            using=options["database"],
            streams=streams,
            progress=progress,
        )
        for bar in bars:
            bar.close()
