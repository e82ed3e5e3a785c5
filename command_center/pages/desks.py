"""Which page is an officer's own place, and what happens there?"""

import json
from collections import Counter
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from command_center import tiles
from incidents import queries as incidents
from incidents.categories import TOPICS
from journal import queries as journal
from journal.models import Event
from journal.written import written_once
from reports import picture
from sites import queries as sites
from subcommittees import queries, scope
from subcommittees.doors import operation_of, user_of
from subcommittees.models import Unit, User
from subcommittees.pages import trail
from subcommittees.scope import Reach

FEED = 30
WAITING = 50
OPEN_AT_MOST = 100


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Everybody's first page: the desk of the highest unit held; without operational reach the officers."""
    user = user_of(request)
    if scope.sees(user, *TOPICS):
        return redirect("desk", unit=_highest(user))
    return redirect("people" if scope.sees(user, "people") else "account")


def _highest(user: User) -> str:
    """The unit of the highest role that shows incidents."""
    shown = [one.path for one in scope.reach(user) if one.can.topics is None or one.can.topics & set(TOPICS)]
    return min(shown, key=len)


@require_safe
def desk(request: HttpRequest, unit: str) -> HttpResponse:
    user = user_of(request)
    found = queries.found_unit(user, unit)
    if not scope.sees(user, *TOPICS, path=found.path):
        raise PermissionDenied
    # Counted before anything else is read: what happens in between comes over the socket, once more at most.
    counted = picture.count(found, scope.reach(user), operation_of(request))
    context = {
        "unit": found,
        "picture": counted.wire(),
        "live": {"unit": found.path, "cursor": counted.cursor},
        "trail": trail(user, found, "desk"),
        "events": _feed(request, user, found),
    }
    if found.kind == Unit.Kind.MINISTRY:
        return render(
            request,
            "command_center/nation.html",
            {**context, **_waiting(request), **tiles.placed(counted.children)},
        )
    if found.kind == Unit.Kind.PROVINCE:
        more = {"communes": _worst_first(counted.children), "sorted_at": counted.as_of}
        return render(
            request, "command_center/province.html", {**context, **_waiting(request, found), **more}
        )
    return render(request, "command_center/commune.html", {**context, **_own(request, user, found)})


def _feed(request: HttpRequest, user: User, unit: Unit) -> list[dict[str, Any]]:
    """The latest events, newest first; `last` where no later one tells of the same incident."""
    told: set[str] = set()
    rows = []
    for (body,) in _latest(scope.reach(user), operation_of(request).slug, unit.path):
        frame = journal.frame_of(json.loads(body))
        rows.append({**frame, "last": frame["subject"]["id"] not in told})
        told.add(frame["subject"]["id"])
    return rows


@written_once
def _latest(held: tuple[Reach, ...], operation: str, path: str) -> QuerySet[Any, Any]:
    seen = scope.condition(held, Event, at="event__") & Q(event__verb__startswith="incident.")
    return journal.latest(seen, operation, path, FEED)


def _waiting(request: HttpRequest, unit: Unit | None = None) -> dict[str, Any]:
    """What nobody has acknowledged, soonest deadline first, and whether this officer may."""
    held, path = scope.reach(user_of(request)), unit.path if unit else ""
    may = any(
        "incident.acknowledge" in one.can.verbs and path.startswith(one.path if path else "") for one in held
    )
    rows = incidents.waiting(held, operation_of(request).pk, path, WAITING)
    return {"waiting": rows, "may_acknowledge": may}


def _worst_first(children: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By what is overdue, unacknowledged, grave, open; where nothing is wrong, by name as they come."""

    def badness(child: dict[str, Any]) -> tuple[int, ...]:
        counts = child["incidents"]
        gravest = max((int(level) for level, count in counts["by_severity"].items() if count), default=0)
        return -counts["overdue"], -counts["unacknowledged"], -gravest, -counts["open"]

    return sorted(children, key=badness)


def _own(request: HttpRequest, user: User, unit: Unit) -> dict[str, Any]:
    """A commune: its sites, what is open at them, and whether this officer may report there."""
    operation = operation_of(request)
    rows = incidents.open_at(scope.reach(user), operation.pk, unit.path, OPEN_AT_MOST)
    at = Counter(one.site_id for one in rows)
    places: Any = sites.listed(user, operation, unit=unit.path)
    return {
        "incidents": rows,
        "sites": [{"site": one, "state": one.state, "open": at[one.pk]} for one in places],
        "may_report": unit.kind == Unit.Kind.COMMUNE and scope.may(user, "incident.report", unit.path),
    }
