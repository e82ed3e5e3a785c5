"""What does the bar on top of every page show?"""

import json
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from command_center.imports import KINDS
from incidents import queries as incidents
from incidents.categories import TOPICS
from journal import clock
from journal import queries as journal
from journal.clock import Now
from journal.models import Event
from journal.written import written_once
from subcommittees import queries, scope
from subcommittees.imports import jobs
from subcommittees.models import Operation, User
from subcommittees.roles import ROLES
from subcommittees.scope import Reach


def bar(request: HttpRequest) -> dict[str, Any]:
    """The bar; an empty one where the request was refused before anybody asked who sends it."""
    user = getattr(request, "user", None)
    if user is None:
        return {"bar": {}}
    try:
        operation: Operation = request.operation  # type: ignore[attr-defined]
        slug = operation.slug
    except Operation.DoesNotExist:
        return {"bar": {}}
    if not isinstance(user, User):
        return {"bar": _clock(operation, clock.now())}
    home = scope.home(user) or ""
    now, unread, on_duty = _standing(user, slug, home)
    return {
        "bar": {
            **_clock(operation, now),
            "user_key": user.pk,
            "home": home,
            "on_duty": on_duty,
            "unread": unread,
            "may_report": not scope.looking(user) and bool(incidents.reporting(user)),
            "may_export": scope.may(user, "list.export", home),
            "sees": {
                "incidents": scope.sees(user, *TOPICS),
                "sites": scope.sees(user, "sites"),
                "people": scope.sees(user, "people"),
                "journal": bool(home),
                "imports": any(jobs.may(user, kind) for kind in KINDS.values()),
            },
            "api": {name: reverse(f"api-{name}") for name in ("journal", "picture", "incidents", "sites")},
        }
    }


def _clock(operation: Operation, now: Any) -> dict[str, Any]:
    return {
        "operation": operation,
        "days": (operation.election_day - timezone.localtime(now).date()).days,
        "now": now,
    }


def _standing(user: User, operation: str, home: str) -> tuple[Any, int, list[dict[str, str]]]:
    """The product's time, how many notices are unread, and who is on duty at `home` or next above it."""
    ((now, count, officers),) = _asked(user.pk, scope.reach(user), operation, home)
    officers = [json.loads(one) if isinstance(one, str) else one for one in officers]
    nearest = max((one["path"] for one in officers), key=len, default="")
    return (
        now,
        count or 0,
        [
            {"post": f"{ROLES[one['role']].name} · {one['unit']}", "title": one["title"]}
            for one in officers
            if one["path"] == nearest
        ],
    )


@written_once
def _asked(user: int, held: tuple[Reach, ...], operation: str, home: str) -> QuerySet[User, Any]:
    unread = (
        journal.unseen(user, operation)
        .filter(scope.condition(held, Event, at="event__"))
        .order_by()
        .values("person")
        .values_list(Count("pk"))
    )
    duty = queries.on_duty_along(home).values(
        said=JSONObject(role="role", unit="unit__name", title="user__title", path="path")
    )
    return User.objects.filter(pk=user).values_list(Now(), Subquery(unread), ArraySubquery(duty))
