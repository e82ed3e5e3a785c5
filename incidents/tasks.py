"""Which clocks of incidents are swept?"""

import logging

from celery import shared_task
from django.db import InterfaceError, OperationalError

from incidents import actions
from incidents.models import Incident
from journal.clock import Now
from journal.models import Sweep
from subcommittees.scope import SYSTEM

log = logging.getLogger(__name__)
AT_ONCE = 500


@shared_task
def call_out_unanswered() -> int:
    """Call out every incident whose deadline passed; each in its own transaction, safe to run twice."""
    due = Incident.objects.filter(state="reported", unanswered_at=None, answer_by__lte=Now())
    called = 0
    for incident_id in due.order_by("answer_by").values_list("pk", flat=True)[:AT_ONCE]:
        try:
            called += actions.call_out(by=SYSTEM, incident_id=incident_id) is not None
        except (InterfaceError, OperationalError):
            raise
        except (
            Exception
        ):  # the oldest comes first every time: it must not keep the others from being called out
            log.exception("incident %s cannot be called out", incident_id)
    Sweep.ran("incidents")
    return called
