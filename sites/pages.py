"""Which page lists polling sites?"""

from collections.abc import Mapping

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sites import queries, states
from sites.models import Site
from subcommittees import lists
from subcommittees.doors import chosen, operation_of, user_of
from subcommittees.models import Operation, User
from subcommittees.scope import sees

FILTERS = ("q", "unit", "state", "kind")


def matching(user: User, operation: Operation, filters: Mapping[str, str]) -> QuerySet[Site]:
    """The sites in reach that the filters of the list leave."""
    chosen("state", filters["state"], states.STATES)
    chosen("kind", filters["kind"], states.KINDS)
    return queries.listed(user, operation, **filters)


@require_safe
def sites(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    filters = lists.asked(request, *FILTERS)
    rows = matching(user, operation_of(request), filters)
    words = {"q": lists.quoted, "state": states.STATES.__getitem__, "kind": states.KINDS.__getitem__}
    context = lists.cut(request, rows, filters, words)
    context["page"].object_list = [{"site": one, "state": one.state} for one in context["page"].object_list]
    more = {
        "states": list(states.STATES.items()),
        "kinds": list(states.KINDS.items()),
        "denied": not sees(user, "sites"),
    }
    return render(request, "sites/list.html", {**context, **more})
