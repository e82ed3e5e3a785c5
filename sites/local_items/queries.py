"""What do single provinces ask besides the table?"""

from django.db.models import Q, QuerySet

from sites.readiness.models import LocalItem
from subcommittees.models import Operation, Unit
from subcommittees.scope import NATION, Viewer, may, reach

TOPIC = "sites"
MOST = 20  # of one province: a list that nobody can answer is no list


def seen(user: Viewer, operation: Operation) -> QuerySet[LocalItem]:
    """What the provinces that `user` sees, or stands in, ask or have asked."""
    held = [one for one in reach(user) if one.can.topics is None or TOPIC in one.can.topics]
    where = Q(path__in={"/".join(one.path.split("/")[:2]) + "/" for one in held})
    if any(one.path == NATION for one in held):
        where = Q()
    rows = LocalItem.objects.filter(where, operation=operation)
    return rows.select_related("province").order_by("province__sort_key", "pk")


def asked(user: Viewer, operation: Operation) -> QuerySet[LocalItem]:
    """What they ask now."""
    return seen(user, operation).filter(retired_at=None)


def standing(operation: Operation, province: Unit) -> list[LocalItem]:
    return list(LocalItem.objects.filter(operation=operation, province=province, retired_at=None))


def provinces(user: Viewer) -> list[Unit]:
    """Where `user` may add an item."""
    rows = Unit.objects.filter(kind=Unit.Kind.PROVINCE).order_by("sort_key")
    if not any("checklist.add" in one.can.verbs for one in reach(user)):
        return []
    return [unit for unit in rows if may(user, "checklist.add", unit.path, TOPIC)]
