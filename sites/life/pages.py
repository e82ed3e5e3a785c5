"""What can be done about a polling site from its page?"""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from journal.keys import KeyReused
from sites import queries, states
from sites.life import actions
from sites.life.actions import Elsewhere
from sites.life.forms import StepForm
from sites.models import Site, SiteStatus
from sites.readiness import queries as readiness
from subcommittees.doors import once, operation_of, user_of
from subcommittees.models import Operation, User
from subcommittees.scope import may

# What comes next on a quiet day: the one primary action of the page.
NEXT = ("survey", "open", "resume", "close", "count", "hand_over", "finish")


def panel(user: User, operation: Operation, site: Site, status: SiteStatus | None) -> dict[str, Any]:
    """The moves that the state allows and the post permits, the next one first."""
    state = status.state if status else queries.UNKNOWN
    possible = [
        {"verb": verb, "name": move.name, "reason": move.reason, "primary": False}
        for verb, move in states.MOVES.items()
        if state in move.sources and may(user, f"site.{verb}", site.path, actions.TOPIC)
    ]
    first = next((one for verb in NEXT for one in possible if one["verb"] == verb), None)
    if first is not None:
        first["primary"] = True
        possible.sort(key=lambda one: not one["primary"])
    _first, end, _last = readiness.poll_hours(operation, site)
    return {
        "steps": possible,
        "status": status,
        "closing": (status.closes_at if status else None) or end,
        "idempotency_key": str(uuid.uuid4()),
    }


@require_POST
def act(request: HttpRequest, code: str, verb: str) -> HttpResponse:
    """Do one verb and go back to the site; what cannot be is told there, and what was typed stands in its form."""
    user, operation = user_of(request), operation_of(request)
    found = queries.found(user, code)
    there = reverse("site", args=[code])
    try:
        given = StepForm(request.POST).given()
        once(request, lambda: str(actions.act(verb, by=user, operation=operation, site=found, **given).pk))
    except (Elsewhere, KeyReused) as error:
        messages.error(request, str(error) if isinstance(error, Elsewhere) else error.messages[0])
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        typed = {name: request.POST.get(name, "")[:200] for name in ("text", "reason", "venue")}
        request.session["typed"] = {"verb": verb, "site": code, **typed}
    else:
        messages.success(request, f"{states.MOVES[verb].name}.")
    return redirect(there)  # where the message stands, on top
