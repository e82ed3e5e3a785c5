"""How is a refusal told, in one shape and in the reader's language?"""

import logging
import re
import sys
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from incidents.actions import Moved
from journal import clock
from journal.keys import KeyReused
from sites.life.actions import Elsewhere

log = logging.getLogger(__name__)
API = re.compile(
    "(/op/[^/]+)?/api/"
)  # an operation's prefix stands in front until the middleware has taken it


def describe(error: Exception) -> tuple[int, dict[str, Any]] | None:
    """Status and body of a known refusal: `{code, message, fields?}`; None for what is a fault of ours."""
    if isinstance(error, Moved | Elsewhere):
        more = {"state": error.state, "by": error.by, "at": clock.wire(error.at)}
        return 409, {"code": "conflict", "message": str(error), **more}
    if isinstance(error, KeyReused):
        return 409, {"code": "key_reused", "message": error.messages[0]}
    if isinstance(error, ValidationError):
        return 400, _invalid(error)
    if isinstance(error, Http404 | ObjectDoesNotExist | exceptions.NotFound):
        return 404, {"code": "not_found", "message": _("There is nothing here, or it is not for you.")}
    if isinstance(error, PermissionDenied):
        return 403, {
            "code": "forbidden",
            "message": str(error) or _("Your post does not allow this action here."),
        }
    if isinstance(error, exceptions.APIException):
        return error.status_code, _api(error)
    return None


def _invalid(error: ValidationError) -> dict[str, Any]:
    said = {"code": "invalid", "message": _("Please correct what is marked.")}
    if hasattr(error, "error_dict"):
        return {**said, "fields": error.message_dict}
    return {**said, "message": " ".join(error.messages)}


def _api(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        detail = error.detail if isinstance(error.detail, dict) else {"": error.detail}
        fields = {name: _flat(messages) for name, messages in detail.items()}
        return {"code": "invalid", "message": _("Please correct what is marked."), "fields": fields}
    code = {401: "not_authenticated", 403: "forbidden", 429: "throttled"}.get(error.status_code)
    return {"code": code or str(error.default_code), "message": str(error.detail)}


def _flat(messages: Any) -> list[str]:
    if isinstance(messages, dict):
        return [text for inner in messages.values() for text in _flat(inner)]
    return [str(one) for one in messages] if isinstance(messages, list | tuple) else [str(messages)]


def api_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler."""
    known = describe(error)
    if known is None:
        return None
    set_rollback()
    status, body = known
    headers = {}
    if isinstance(error, exceptions.APIException):
        if getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
        if getattr(error, "wait", None):
            headers["Retry-After"] = str(int(error.wait) + 1)  # type: ignore[attr-defined]
    return Response(body, status=status, headers=headers)


def is_api(request: HttpRequest) -> bool:
    return API.match(request.path_info) is not None


def page(request: HttpRequest, status: int, body: dict[str, Any]) -> HttpResponse:
    """A refusal as JSON for programs, as a page for people."""
    if is_api(request):
        return JsonResponse(body, status=status)
    return render(request, f"{status}.html", {"refusal": body}, status=status)


def answer(request: HttpRequest, error: Exception) -> HttpResponse | None:
    if away(error):
        return unavailable(request, error)
    known = describe(error)
    return page(request, *known) if known else None


def away(error: BaseException | None) -> bool:
    """Whether the database went away; killed while it answers it leaves a bare DatabaseError without a code."""
    if type(error) is DatabaseError:
        return getattr(error.__cause__, "pgcode", "") is None
    return isinstance(error, OperationalError | InterfaceError)


def unavailable(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    """The database cannot be reached: say so, promise nothing (a commit may just have passed), ask to come back."""
    log.warning("no database: %s", error)
    said = {
        "code": "unavailable",
        "message": _("The data store cannot be reached just now. Send it again: nothing is stored twice."),
    }
    response = JsonResponse(said, status=503) if is_api(request) else _bare_page(503)
    response["Retry-After"] = "5"
    return response


def _bare_page(status: int) -> HttpResponse:
    """The page for when nothing can be trusted: no session, no query, no context."""
    return HttpResponse(loader.render_to_string("500.html", {"status": status}), status=status)


def too_large(request: HttpRequest) -> HttpResponse:
    return _brief(request, 413, {"code": "too_large", "message": _("The request is too large.")})


def too_long(request: HttpRequest) -> HttpResponse:
    return _brief(request, 414, {"code": "too_long", "message": _("The address is too long.")})


def _brief(request: HttpRequest, status: int, body: dict[str, Any]) -> HttpResponse:
    """A refusal at the gate: its words alone."""
    if is_api(request):
        return JsonResponse(body, status=status)
    return HttpResponse(body["message"], status=status, content_type="text/plain; charset=utf-8")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    said = _("This form is too old or came from elsewhere. Load the page again and send it once more.")
    return page(request, 403, {"code": "csrf", "message": said})


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, *(describe(Http404()) or (404, {})))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, *(describe(PermissionDenied()) or (403, {})))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    said = _("The request cannot be read. Go back and try again.")
    return page(request, 400, {"code": "bad_request", "message": said})


def server_error(request: HttpRequest) -> HttpResponse:
    error = sys.exc_info()[1]
    if away(error):  # in a middleware, where no handler of ours saw it
        return unavailable(request, error)
    said = _("Something went wrong on our side. It has been noted; try again.")
    if is_api(request):
        return JsonResponse({"code": "error", "message": said}, status=500)
    return _bare_page(500)
