"""Which clock does the journal itself keep?"""

from celery import shared_task

from journal import seal


@shared_task(name="journal.tasks.seal")
def seal_minute() -> bool:
    """Seal this minute; safe to run twice, late, or in two workers at once."""
    return seal.seal()
