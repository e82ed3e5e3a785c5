"""Which page shows one incident, and what can be done there?"""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from command_center import calling, phrases
from command_center.templatetags.wording import moment
from incidents import actions, queries, states
from incidents.actions import Moved
from incidents.forms import ActForm
from incidents.models import Incident
from incidents.pages import panel
from journal import queries as journal
from journal.keys import KeyReused
from reports import picture
from subcommittees import scope
from subcommittees.doors import once, operation_of, user_of
from subcommittees.pages import line_to

MOST_EVENTS = 500


@require_safe
def incident(request: HttpRequest, incident: UUID) -> HttpResponse:
    return _page(request, queries.found(user_of(request), operation_of(request), incident))


@require_POST
def act(request: HttpRequest, incident: UUID, verb: str) -> HttpResponse:
    """Do one verb. What cannot be is answered with the incident as it now is, and why."""
    user = user_of(request)
    found = queries.found(user, operation_of(request), incident)
    try:
        given = ActForm(request.POST).given()
        once(request, lambda: str(actions.act(verb, by=user, incident=found, **given).pk))
    except Moved as error:
        return _refused(request, incident, _who(error), 409)
    except KeyReused as error:
        return _refused(request, incident, error.messages[0], 409)
    except ValidationError as error:
        return _refused(request, incident, " ".join(error.messages), 400, verb)
    except PermissionDenied as error:
        if not request.htmx:  # type: ignore[attr-defined]
            raise
        return _refused(request, incident, str(error) or _("Your post does not allow this action here."), 403)
    said = f"{phrases.event(states.MOVES[verb].event)}."
    if request.htmx:  # type: ignore[attr-defined]
        fresh = queries.found(user, operation_of(request), incident)
        return render(request, "incidents/panel.html", panel(user, fresh, {"ok": True, "text": said}))
    messages.success(request, said)
    return redirect("incident", incident=incident)


def _who(error: Moved) -> str:
    """What the incident is now, by whom and since when."""
    return f"{error} {error.by}, {moment(error.at)}."


def _refused(request: HttpRequest, incident: UUID, why: str, status: int, verb: str = "") -> HttpResponse:
    user = user_of(request)
    fresh = queries.found(user, operation_of(request), incident)
    values = {name: request.POST.get(name, "") for name in ("reason", "text")} if verb else {}
    result = {"ok": False, "text": why}
    if request.htmx:  # type: ignore[attr-defined]
        context = panel(user, fresh, result, verb=verb, **values)
        return render(request, "incidents/panel.html", context, status=status)
    return _page(request, fresh, status, result=result, verb=verb, **values)


def _page(
    request: HttpRequest,
    found: Incident,
    status: int = 200,
    *,
    result: dict[str, object] | None = None,
    **values: str,
) -> HttpResponse:
    user, operation = user_of(request), operation_of(request)
    # The ends of the streams before the timeline: what comes in between is shown twice at most, never missed.
    heads, epoch = journal.heads()
    cursor = picture.cursor_at(operation, scope.reach(user), heads, epoch)
    events = queries.timeline(found)[::-1][:MOST_EVENTS]
    called = calling.calls([event.pk for event in events])
    context = {
        **panel(user, found, result, **values),
        "events": [{**journal.frame_of(event.said), "calls": called.get(event.pk)} for event in events],
        "live": {"unit": found.path, "cursor": cursor.encode()},
        "trail": line_to(user, found.unit, "desk"),
    }
    return render(request, "incidents/incident.html", context, status=status)
