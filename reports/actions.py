"""What can be done with what was counted and listed?"""

from collections.abc import Mapping

from django.db import transaction

from journal import clock
from journal.log import Place, Subject, record
from journal.models import Event
from subcommittees.models import Operation, User
from subcommittees.scope import home, reach, require

# Under which topic it stands in the journal that a list was taken: who sees what is in the list sees that.
OF_SITES = dict.fromkeys(("sites", "findings", "standing", "readiness"), "sites")
TOPICS = {**OF_SITES, "units": "units", "people": "people"}


@transaction.atomic(savepoint=False)
def export(
    *, by: User, operation: Operation, listing: str, filters: Mapping[str, str], form: str, rows: int
) -> Event:
    """Say that `by` takes this list as a file, as filtered now, before the first row of it leaves the house.

    It stands with the highest unit of whoever takes it, and is seen with their clearance: a filter may name what
    only they know of. `rows` as counted at this moment.
    """
    place = home(by) or ""
    post = require(by, "list.export", place)
    held = next(one for one in reach(by) if one.path == place and one.post == post)
    asked = {name: value for name, value in filters.items() if value}
    text = " · ".join([f"{form.upper()}: {rows}", *(f"{name}={value}" for name, value in asked.items())])
    return record(
        "list.exported",
        at=clock.now(),
        operation=operation.slug,
        unit=Place(held.path, held.unit),
        subject=Subject("list", listing, listing),
        topic=TOPICS.get(listing, "lists"),
        secrecy=held.can.clearance,
        actor=by.username,
        post=post,
        line={"text": text, "by": post, "filters": asked, "format": form, "rows": rows},
        after=None,
    )
