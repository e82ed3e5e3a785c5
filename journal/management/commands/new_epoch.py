"""How does the journal begin a new life after a restore?"""

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils.translation import gettext as _

from journal import seal
from journal.terminal import own_language


class Command(BaseCommand):
    help = "After a restore from backup: make every older cursor void and declare, under seal, why."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reason", required=True, help="what happened; it is sealed and shown for ever")

    def handle(self, *args: Any, **options: Any) -> None:
        with own_language():
            reason = options["reason"].strip()
            if not reason:
                raise CommandError(_("Say why a new epoch begins."))
            begun = seal.new_epoch(reason)
            self.stdout.write(
                _("Epoch %(name)s begins; every open screen loads anew.") % {"name": begun.name}
            )
