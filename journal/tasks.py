"""Which clock does the journal itself keep?"""

import logging

from celery import shared_task

from journal import seal, verify
from journal.terminal import own_language

log = logging.getLogger(__name__)


@shared_task(name="journal.tasks.seal")
def seal_minute() -> bool:
    """Look whether the minute since the last seal is whole, cry out if not, and seal it.

    Safe to run twice, late, or in two workers at once.
    """
    with own_language():
        for words in verify.verify(since_seal=True).breaks:
            log.error("JOURNAL BROKEN: %s", words)
    return seal.seal()
