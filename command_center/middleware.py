"""What happens to every request before its door opens?"""

import select
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix, set_script_prefix
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language_from_request

from command_center import errors, gate
from subcommittees import queries
from subcommittees.models import Operation

Handler = Callable[[HttpRequest], HttpResponse]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PERMISSIONS = "geolocation=(), camera=(), microphone=(), payment=(), usb=()"
LONGEST_URL = 8192


def refuse_malformed(get: Handler) -> Handler:
    """Turn away what no honest client sends, before anything of it is read or kept."""

    def handle(request: HttpRequest) -> HttpResponse:
        if len(request.path_info) + len(request.META.get("QUERY_STRING", "")) > LONGEST_URL:
            return errors.too_long(request)
        if _broken(request.path_info):
            return errors.not_found(request)
        length = request.META.get("CONTENT_LENGTH") or "0"
        numeric = length.isascii() and length.isdigit()
        known = settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers
        if numeric and int(length[:18]) > gate.most(request.path_info, known=known):
            return errors.too_large(request)
        try:
            hostile = any(_broken(value) for _name, values in request.GET.lists() for value in values)
        except BadRequest:
            hostile = True
        # A quoted cookie can carry any byte, and the session's would go to the database.
        hostile = hostile or not numeric or any("\0" in value for value in request.COOKIES.values())
        return errors.bad_request(request) if hostile else get(request)

    return handle


def _broken(text: str) -> bool:
    return "\0" in text or "\ufffd" in text


def connection_alive(get: Handler) -> Handler:
    """Spare the question whether the database still answers where its connection is silent: one hung up on is not."""

    def handle(request: HttpRequest) -> HttpResponse:
        raw = connection.connection
        if raw is not None and not raw.closed:
            line = select.poll()
            line.register(raw.fileno(), select.POLLIN)
            connection.health_check_done = not line.poll(0)  # type: ignore[attr-defined]
        return get(request)

    return handle


def security_headers(get: Handler) -> Handler:
    def handle(request: HttpRequest) -> HttpResponse:
        response = get(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if not request.path_info.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return handle


def language(get: Handler) -> Handler:
    """Vietnamese unless the reader chose otherwise; a program may ask by Accept-Language."""

    def handle(request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        if chosen not in dict(settings.LANGUAGES):
            chosen = get_language_from_request(request) if errors.is_api(request) else settings.LANGUAGE_CODE
        with translation.override(chosen):
            request.LANGUAGE_CODE = chosen
            response = get(request)
            response.headers.setdefault("Content-Language", chosen)
            return response

    return handle


def operation(get: Handler) -> Handler:
    """The current operation has no prefix; any other is the same site under `/op/<slug>/`."""

    def handle(request: HttpRequest) -> HttpResponse:
        before = get_script_prefix()
        slug, rest = _split(request.path_info)
        if slug:
            request.path_info = rest
            set_script_prefix(f"{before.rstrip('/')}/op/{slug}/")
        request.operation = SimpleLazyObject(lambda: _operation(slug))  # type: ignore[attr-defined]
        try:
            if slug and not Operation.objects.filter(slug=slug).exists():
                set_script_prefix(before)  # the way out of the page must not lead back into it
                return errors.not_found(request)
            return get(request)
        finally:
            set_script_prefix(before)

    return handle


def _split(path: str) -> tuple[str, str]:
    if not path.startswith("/op/"):
        return "", path
    slug, _, rest = path.removeprefix("/op/").partition("/")
    return slug, f"/{rest}"


def _operation(slug: str) -> Operation:
    return Operation.objects.get(slug=slug) if slug else queries.current_operation()


def page_errors(get: Handler) -> Handler:
    """Refusals that actions raise become pages in the reader's language; the API has its own handler."""

    def handle(request: HttpRequest) -> HttpResponse:
        return get(request)

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        return errors.answer(request, error)

    handle.process_exception = process_exception  # type: ignore[attr-defined]
    return handle
