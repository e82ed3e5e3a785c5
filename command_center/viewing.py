"""Who looks through whose eyes, and how is it kept to looking?"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from command_center import errors
from command_center.middleware import Handler
from subcommittees import actions, pages, queries
from subcommittees.doors import operation_of, user_of
from subcommittees.models import User

KEY = "viewing"
# Which doors open to whoever only looks, whatever the method: the way out, and what needs no user.
OPEN = {"view-end", "account_logout", "set_language", "healthz", "readyz"}
SHUT = {"account_change_password"}


def viewing(get: Handler) -> Handler:
    """Put the officer who is looked through in the place of who looks, and let nothing but looking through.

    Actions refuse such a user too (subcommittees/scope.py); this door stands before those that ask for no right.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        own = request.user
        request.user = SimpleLazyObject(lambda: _eyes(request, own))  # type: ignore[assignment]
        return get(request)

    def process_view(request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        name = request.resolver_match.url_name if request.resolver_match else ""
        if name == "account_logout" and request.method == "POST":
            _finish(request)
        if name in OPEN or getattr(request.user, "viewed_by", None) is None:
            return None
        if request.method in {"GET", "HEAD", "OPTIONS"} and name not in SHUT:
            return None
        said = _("You are only looking: nothing is done in another officer's name.")
        return errors.page(request, 403, {"code": "forbidden", "message": said})

    handle.process_view = process_view  # type: ignore[attr-defined]
    return handle


def _eyes(request: HttpRequest, own: Any) -> Any:
    if not isinstance(own, User) or KEY not in request.session:
        return own
    return queries.seen_through(own, request.session[KEY]) or own


def _finish(request: HttpRequest) -> User | None:
    """End the look of this session, if there is one; through whose eyes it was."""
    number = request.session.get(KEY)
    if number is None:
        return None
    seen = user_of(request)
    by = getattr(seen, "viewed_by", None)
    actions.end_view(by=by or seen, viewing_id=number)
    del request.session[KEY]
    return seen if by else None


@require_POST
def start(request: HttpRequest, username: str) -> HttpResponse:
    by, user = user_of(request), pages.found(request, username)
    try:
        with transaction.atomic():
            row = actions.start_view(by=by, operation=operation_of(request), user=user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("person", username=username)
    request.session[KEY] = row.pk
    return redirect("home")


@require_POST
def end(request: HttpRequest) -> HttpResponse:
    seen = _finish(request)
    return redirect("person", username=seen.username) if seen else redirect("home")
