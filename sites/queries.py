"""Which polling sites are there?"""

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import F, FilteredRelation, Q, QuerySet

from sites.models import Site
from subcommittees.models import Operation
from subcommittees.scope import Viewer, visible
from subcommittees.vietnamese import search_terms


def listed(
    user: Viewer, operation: Operation, *, q: str = "", unit: str = "", state: str = "", kind: str = ""
) -> QuerySet[Site]:
    """The sites in reach that match, in Vietnamese order, each with its `state` in this operation."""
    rows = visible(Site.objects.all(), user).select_related("unit")
    rows = rows.annotate(
        status=FilteredRelation("statuses", condition=Q(statuses__operation=operation))
    ).annotate(state=F("status__state"))
    if terms := search_terms(q):
        rows = rows.annotate(words=SearchVector("search_key", config="simple")).filter(
            words=SearchQuery(terms, search_type="raw", config="simple")
        )
    elif q.strip():
        return rows.none()
    if unit:
        rows = rows.filter(path__startswith=unit)
    if state:
        rows = rows.filter(state=state)
    if kind:
        rows = rows.filter(kind=kind)
    return rows.order_by("sort_key", "pk")


def found(user: Viewer, code: str) -> Site:
    """The site, or Site.DoesNotExist: absent and out of reach are the same."""
    return visible(Site.objects.select_related("unit__parent"), user).get(code=code)
