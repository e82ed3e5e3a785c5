"""How ready is a unit, what is missing, and who has not answered?"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from reports import picture
from sites.readiness import queries as slots
from subcommittees import queries, scope
from subcommittees.doors import operation_of, user_of
from subcommittees.models import Unit
from subcommittees.pages import trail

TOPIC = "sites"


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The board of the highest unit whose sites one sees."""
    held = scope.reach(user_of(request))
    shown = [one.path for one in held if one.can.topics is None or TOPIC in one.can.topics]
    return redirect("readiness-board", unit=min(shown, key=len)) if shown else redirect("home")


def seen(request: HttpRequest, path: str) -> Unit:
    """The unit, for who sees polling sites there."""
    user = user_of(request)
    found = queries.found_unit(user, path)
    if not scope.sees(user, TOPIC, path=found.path):
        raise PermissionDenied
    return found


@require_safe
def board(request: HttpRequest, unit: str) -> HttpResponse:
    user, operation = user_of(request), operation_of(request)
    found = seen(request, unit)
    counted = picture.count(found, scope.reach(user), operation)
    context = {
        "unit": found,
        "picture": counted.wire(),
        "live": {"unit": found.path, "cursor": counted.cursor},
        "trail": trail(user, found, "readiness-board"),
        "children": _worst_first(counted.children),
        "asked": slots.asked_now(operation),
        "judged": slots.judged_now(operation),
    }
    return render(request, "readiness/board.html", context)


def _worst_first(children: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By the share that is not ready or silent, then the conditional; where nothing is wrong, by name as they come."""

    def badness(child: dict[str, Any]) -> tuple[float, float]:
        counts = child["readiness"]
        all_ = sum(counts.values()) or 1
        return -(counts["not_ready"] + counts["silent"]) / all_, -counts["conditional"] / all_

    return sorted((child for child in children if sum(child["readiness"].values())), key=badness)
