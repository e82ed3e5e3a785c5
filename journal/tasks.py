"""Which clocks does the journal itself keep?"""

import datetime as dt
import logging

from celery import shared_task

from journal import clock, seal, verify
from journal.models import Key
from journal.terminal import own_language

log = logging.getLogger(__name__)


KEYS_KEPT = dt.timedelta(days=30)


@shared_task(name="journal.tasks.forget_keys")
def forget_keys() -> int:
    """Drop Idempotency-Keys that no client can still be repeating."""
    return Key.objects.filter(at__lt=clock.Now() - KEYS_KEPT).delete()[0]


@shared_task(name="journal.tasks.seal")
def seal_minute() -> bool:
    """Look whether the minute since the last seal is whole, cry out if not, and seal it.

    Safe to run twice, late, or in two workers at once.
    """
    with own_language():
        for words in verify.verify(since_seal=True).breaks:
            log.error("JOURNAL BROKEN: %s", words)
    return seal.seal()
