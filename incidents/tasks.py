"""Which clocks of incidents are swept?"""

from celery import shared_task

from incidents import actions
from incidents.models import Incident
from journal.clock import Now
from journal.models import Sweep
from subcommittees.scope import SYSTEM

AT_ONCE = 500


@shared_task
def call_out_unanswered() -> int:
    """Call out every incident whose deadline passed; each in its own transaction, safe to run twice."""
    due = Incident.objects.filter(state="reported", unanswered_at=None, answer_by__lte=Now())
    called = 0
    for incident_id in due.order_by("answer_by").values_list("pk", flat=True)[:AT_ONCE]:
        called += actions.call_out(by=SYSTEM, incident_id=incident_id) is not None
    Sweep.ran("incidents")
    return called
