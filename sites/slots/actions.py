"""What can be done about the calendar of reports?"""

import datetime as dt
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from journal import clock
from journal.log import Subject, record
from sites.readiness import answers, queries
from sites.readiness.actions import TOPIC, Closed
from sites.readiness.models import Slot
from sites.slots import edits
from subcommittees.models import Operation, Unit, User
from subcommittees.scope import NATION, require


@transaction.atomic(savepoint=False)
def edit(
    *,
    by: User,
    operation: Operation,
    slot: Slot,
    reason: str,
    times: Mapping[str, dt.datetime] | None = None,
    cancel: bool | None = None,
) -> Slot:
    """Change a slot's `opens_at`, `due_at`, `silent_at` or `closes_at`, call it off or let it stand again.

    The slots beside it follow. Raises ValidationError for times that overlap or lie in the past, or would change what
    has been answered; Closed where everybody has been judged by it.
    """
    post = require(by, "slot.edit", NATION, TOPIC)
    reason = answers.reason(reason)
    Operation.objects.select_for_update(no_key=True).get(pk=operation.pk)  # neighbours change together
    rows = Slot.objects.select_for_update()  # who files or judges just now holds them
    was = rows.get(operation=operation, pk=slot.pk)
    near = list(rows.filter(pk__in=queries.beside(was)).order_by("due_at"))
    at = clock.now()
    if was.silent_at <= at:
        raise Closed(was, _("This slot has run out: what was judged by it stays."))
    drawn = edits.drawn(was, near, at, times or {}, cancel)
    if not drawn.moved:
        return was
    if errors := edits.faults(drawn, operation.election_day):
        raise ValidationError(errors)
    followers = edits.follow(drawn)
    for row in (drawn.slot, *followers):
        row.save()
    line = edits.line(drawn, followers) | {"text": reason, "by": post}
    record(
        "slot.edited",
        at=at,
        operation=operation.slug,
        unit=Unit.objects.get(path=NATION).place,
        subject=Subject("slot", str(was.pk), clock.wire(was.due_at) or ""),
        topic=TOPIC,
        actor=by.username,
        post=post,
        line=line,
        after=None,
        audience=queries.desks(),
    )
    return drawn.slot
