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
from sites.checks.actions import Mended
from sites.life.actions import Elsewhere
from sites.readiness.actions import Closed, Stale
from sites.readiness.models import SiteReport, Slot, UnitReport

log = logging.getLogger(__name__)
API = re.compile(
    "(/op/[^/]+)?/api/"
)  # an operation's prefix stands in front until the middleware has taken it


def describe(error: Exception) -> tuple[int, dict[str, Any]] | None:
    """Status and body of a known refusal: `{code, message, fields?}`; None for what is a fault of ours."""
    if isinstance(error, Moved | Elsewhere | Mended):
        more = {"state": error.state, "by": error.by, "at": clock.wire(error.at)}
        return 409, {"code": "conflict", "message": str(error), **more}
    if isinstance(error, Closed):
        return 409, {"code": "slot_closed", "message": str(error), **_hours(error.slot)}
    if isinstance(error, Stale):
        return 409, {
            "code": "stale",
            "message": str(error),
            "reports": [_stands(one) for one in error.reports],
        }
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


def _hours(slot: Slot) -> dict[str, Any]:
    told = {name: clock.wire(getattr(slot, name)) for name in ("opens_at", "due_at", "closes_at")}
    return {"slot": slot.pk, **told, "cancelled": slot.cancelled_at is not None}


def _stands(report: SiteReport | UnitReport) -> dict[str, Any]:
    """What stands by now, from whom and since when."""
    more = {"revision": report.revision, "verdict": report.verdict}
    of = {"site": report.site.code} if isinstance(report, SiteReport) else {"unit": report.path}
    return {**of, **more, "by": report.post, "at": clock.wire(report.at)}


def _invalid(error: ValidationError) -> dict[str, Any]:
    said = {"code": "invalid", "message": _("Please correct what is marked.")}
    if hasattr(error, "error_dict"):
        return {**said, "fields": error.message_dict}
    return {**said, "message": " ".join(error.messages)}


def _api(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        detail = error.detail if isinstance(error.detail, dict) else {"": error.detail}
        return {"code": "invalid", "message": _("Please correct what is marked."), "fields": _fields(detail)}
    code = {401: "not_authenticated", 403: "forbidden", 429: "throttled"}.get(error.status_code)
    return {"code": code or str(error.default_code), "message": str(error.detail)}


def _fields(detail: dict[Any, Any], before: str = "") -> dict[str, list[str]]:
    """What is wrong by field; of a list of rows by `reports.3.site`."""
    found: dict[str, list[str]] = {}
    for name, said in detail.items():
        inner = dict(enumerate(said)) if _rows(said) else said
        if isinstance(inner, dict):
            found |= _fields(inner, f"{before}{name}.")
        else:
            found[f"{before}{name}"] = [
                str(one) for one in (said if isinstance(said, list | tuple) else [said])
            ]
    return found


def _rows(said: Any) -> bool:
    return isinstance(said, list) and any(isinstance(one, dict) for one in said)


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
