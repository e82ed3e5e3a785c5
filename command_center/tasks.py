"""Which work runs beside the requests, across all apps?"""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from command_center.imports import KINDS
from subcommittees.imports import jobs

WITHIN_S = 20.0  # then the rest goes to the end of the queue, so that a nation's file keeps nobody waiting
log = logging.getLogger(__name__)


@shared_task(time_limit=900)
def carry_on_import(job: str) -> None:
    """Read, check or write a file for a while. Safe to run twice: a lock lets only one of them work."""
    try:
        more = jobs.carry_on(job, KINDS, WITHIN_S)
    except jobs.FAULTS:
        log.exception("import %s", job)
        jobs.give_up(job)
        return
    if more:
        start_import(job)


def start_import(job: str) -> None:
    """Ask for a worker now. Without Redis nobody hears it, and the sweep asks again."""
    try:
        carry_on_import.apply_async((job,), retry=False)
    except (OperationalError, OSError) as error:
        log.info("import %s waits for the sweep: %s", job, error)


@shared_task
def look_after_imports() -> int:
    """Give the imports of which nothing is heard, because their worker died or Redis did, to another worker."""
    waiting = jobs.waiting()
    for one in waiting:
        start_import(one)
    return len(waiting)


@shared_task
def forget_imports() -> int:
    """Drop the files and rows of imports that ended long ago."""
    return jobs.forget()
