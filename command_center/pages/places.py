"""Which pages show a unit or a polling site with what belongs to it?"""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from incidents import queries as incidents
from incidents.categories import TOPICS
from journal import queries as journal
from reports import picture
from sites import queries as sites
from sites.boards import site as boards
from sites.inspections import pages as inspections
from sites.inspections.queries import Target
from sites.life import pages as life
from subcommittees import lists, queries, scope
from subcommittees.doors import operation_of, user_of
from subcommittees.models import Operation, Unit, User
from subcommittees.pages import line_to, trail

INCIDENTS = 25
CHILDREN = 200
FILTERS = ("q", "parent", "all")


@require_safe
def site(request: HttpRequest, code: str) -> HttpResponse:
    user, operation = user_of(request), operation_of(request)
    found = sites.found(user, code)
    status = found.statuses.filter(operation=operation).first()
    heads, epoch = journal.heads()
    cursor = picture.cursor_at(operation, scope.reach(user), heads, epoch)
    context = {
        "site": found,
        "state": status.state if status else sites.UNKNOWN,
        "since": status.since if status else None,
        "incidents": incidents.listed(user, operation).filter(site=found)[:INCIDENTS],
        "may_report": scope.may(user, "incident.report", found.path),
        "readiness": boards.panel(user, operation, found),
        "life": {**life.panel(user, operation, found, status), "typed": _typed(request, code)},
        "inspected": inspections.panel(user, operation, Target(site=found)),
        "trail": line_to(user, found.unit, "desk") if scope.sees(user, *TOPICS, path=found.path) else [],
        "live": {"unit": found.path, "cursor": cursor.encode()},
    }
    return render(request, "sites/site.html", context)


def _typed(request: HttpRequest, code: str) -> dict[str, str]:
    """What was typed into the form of a verb that was refused."""
    kept = request.session.get("typed", {})
    if kept.get("site") != code:
        return {}
    del request.session["typed"]
    return dict(kept)


def matching(user: User, operation: Operation, filters: Mapping[str, str]) -> QuerySet[Unit]:
    """The units in reach that the filters of the list leave; without any, those where looking begins."""
    if not any(filters.values()):
        return queries.first_units(user)
    if filters["parent"]:
        queries.found_unit(user, filters["parent"])  # out of reach is as if absent, and no empty list
    return queries.units(user, q=filters["q"], parent=filters["parent"])


@require_safe
def units(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    filters = lists.asked(request, *FILTERS)
    parent = queries.found_unit(user, filters["parent"]) if filters["parent"] else None
    rows = _counted(request, matching(user, operation_of(request), filters))
    words = {
        "q": lists.quoted,
        "parent": lambda given: parent.name if parent else given,
        "all": lambda _given: _("All units"),
    }
    context = lists.cut(request, rows, filters, words)
    context["page"].object_list = [
        {"unit": one, "children": one.below, "sites": one.sites_below} for one in context["page"].object_list
    ]
    more = {"parent": parent, "trail": trail(user, parent, "unit") if parent else []}
    return render(request, "subcommittees/units.html", {**context, **more})


@require_safe
def unit(request: HttpRequest, unit: str) -> HttpResponse:
    user = user_of(request)
    found = queries.found_unit(user, unit)
    counted: Any = _counted(request, Unit.objects.filter(pk=found.pk)).get()
    sees_people = scope.sees(user, "people", path=found.path)
    context = {
        "unit": found,
        "trail": trail(user, found, "unit"),
        "officers": queries.appointments(user).filter(unit=found) if sees_people else [],
        "sees_people": sees_people,
        "children": queries.units(user, parent=found.path)[:CHILDREN],
        "counts": {"children": counted.below, "sites": counted.sites_below},
    }
    return render(request, "subcommittees/unit.html", context)


def _counted(request: HttpRequest, rows: Any) -> Any:
    user = user_of(request)
    return rows.annotate(below=queries.below(user), sites_below=sites.below(user))
