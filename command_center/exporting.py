"""Which worker makes the files that take too long for a request?"""

import logging
from collections.abc import Callable
from pathlib import Path

from celery import shared_task
from django.db import transaction
from django.utils import translation
from kombu.exceptions import OperationalError

from command_center.exports import LISTINGS, Withdrawn, book
from reports import exports
from reports.models import Export
from subcommittees.models import Operation, User

log = logging.getLogger(__name__)


@shared_task(soft_time_limit=45)
def make_export(token: str) -> None:
    """Make one file, with the rights its reader has now. Safe to run twice: the later attempt wins."""
    export = Export.objects.filter(pk=token).first()
    if export is None:
        return
    user = User.objects.get(pk=export.person)
    if exports.standing(user) != export.reach:
        exports.end(export, "withdrawn")
        return
    operation = Operation.objects.get(slug=export.operation)

    def write(place: Path, done: Callable[[int], None]) -> None:
        book(place, LISTINGS[export.listing], user, operation, export.filters, done)

    try:
        with translation.override(export.language):
            exports.make(export, write)
    except Withdrawn:
        exports.end(export, "withdrawn")
    except exports.Superseded:
        log.info("export begun again elsewhere")
    except Exception:
        exports.end(export, "failed")
        raise


@shared_task
def forget_exports() -> int:
    """Drop the files that nobody may take any more."""
    return exports.forget()


def start(export: Export) -> None:
    """Ask for a worker once the row is there; without Redis there is none, and the file is said to have failed."""

    def ask() -> None:
        try:
            make_export.apply_async((export.pk,), retry=False)
        except (OperationalError, OSError) as error:
            log.info("no worker for an export: %s", error)
            exports.end(export, "failed")

    transaction.on_commit(ask)
