"""Which clocks of the chain are swept?"""

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore

from journal.clock import Now
from journal.models import Sweep
from subcommittees import actions, lockout
from subcommittees.models import Appointment, Viewing
from subcommittees.scope import SYSTEM


@shared_task
def tidy_ended_authority() -> int:
    """Take the keys of appointments that ran out; reach already ended by itself at their end."""
    due = Appointment.objects.filter(tidied_at=None, ends_at__lte=Now()).values_list("pk", flat=True)
    tidied = sum(actions.tidy(by=SYSTEM, appointment_id=one) for one in due[:500])
    over = Viewing.objects.filter(ended_at=None, ends_at__lte=Now()).values_list("pk", flat=True)
    for one in over[:500]:
        actions.end_view(by=SYSTEM, viewing_id=one)
    Sweep.ran("authority")
    return tidied


@shared_task
def forget_failed_sign_ins() -> int:
    """Drop the counts of failed sign-ins that are too old to matter, and the sessions that ran out."""
    SessionStore.clear_expired()
    return lockout.forget()
