"""Which pages tell what a higher level found on the spot?"""

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from journal import clock
from journal.keys import KeyReused
from sites import checklist
from sites import queries as sites
from sites.inspections import actions, queries
from sites.inspections.forms import InspectForm
from sites.inspections.queries import Line, Target
from sites.readiness import queries as readiness
from sites.readiness.models import Inspection
from sites.unit_reports.queries import owes
from subcommittees import queries as chain
from subcommittees.doors import once, operation_of, user_of
from subcommittees.models import Operation, User
from subcommittees.pages import line_to
from subcommittees.scope import may

SHOWN = 5


@require_http_methods(["GET", "HEAD", "POST"])
def of_site(request: HttpRequest, code: str) -> HttpResponse:
    """Write down what was found at a site."""
    return _page(request, Target(site=sites.found(user_of(request), code)))


@require_http_methods(["GET", "HEAD", "POST"])
def of_unit(request: HttpRequest, unit: str) -> HttpResponse:
    """Write down what was found at a unit."""
    found = chain.found_unit(user_of(request), unit)
    if not owes(found):
        raise Http404
    return _page(request, Target(unit=found))


def may_inspect(user: User, target: Target) -> bool:
    return may(user, "readiness.inspect", target.path if target.site else target.above, actions.TOPIC)


def panel(user: User, operation: Operation, target: Target) -> dict[str, Any]:
    """What was found here, the latest first, and whether this post may look itself."""
    rows = list(queries.of(operation, target)[:SHOWN])
    known = queries.lines(operation, target) if rows else {}
    own = queries.own(operation, target) if rows else {}
    standing = queries.standing(operation, target) if rows else {}
    return {
        "inspections": [_row(row, known, own) for row in rows],
        "open": [known[code].name for code in standing if code in known],
        "door": _door(target) if may_inspect(user, target) else "",
    }


def _row(row: Inspection, known: Mapping[str, Line], own: Mapping[str, str]) -> dict[str, Any]:
    against = set(queries.contradicted(row.answers, own))
    wrong = [code for code, answer in row.answers.items() if answer == "no"]
    return {
        "looked_at": row.looked_at,
        "post": row.post,
        "note": row.note,
        "looked": len(row.answers),
        "wrong": [
            {"code": code, "name": known[code].name if code in known else code, "against": code in against}
            for code in wrong
        ],
    }


def _door(target: Target) -> str:
    if target.site is not None:
        return reverse("site-inspect", args=[target.site.code])
    return reverse("unit-inspect", args=[target.path])


def _home(target: Target) -> str:
    if target.site is not None:
        return f"{reverse('site', args=[target.site.code])}#inspections"
    return f"{reverse('readiness-own', args=[target.path])}#inspections"


def _page(request: HttpRequest, target: Target) -> HttpResponse:
    user, operation = user_of(request), operation_of(request)
    if not may_inspect(user, target):
        raise PermissionDenied
    known = queries.lines(operation, target)
    start = {"idempotency_key": uuid.uuid4().hex, "looked_at": timezone.localtime(clock.now())}
    form = InspectForm(known, request.POST if request.method == "POST" else None, initial=start)
    if form.is_valid():
        try:
            once(request, lambda: _done(request, target, form))
        except ValidationError as error:
            form.refused(error.error_dict if hasattr(error, "error_dict") else {"": error})
        except KeyReused as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The inspection is entered."))
            return redirect(_home(target))
    unit = target.site.unit if target.site else target.unit
    if unit is None:
        raise Http404
    crumbs = line_to(user, unit, "readiness-board")
    if target.site:
        crumbs.append((target.site.name, reverse("site", args=[target.site.code])))
    context = {
        "name": target.site.name if target.site else unit.name,
        "form": form,
        "groups": _groups(operation, target, form),
        "door": _door(target),
        "trail": crumbs,
        "page_error": bool(form.errors),
    }
    return render(request, "sites/inspect.html", context, status=400 if form.errors else 200)


def _done(request: HttpRequest, target: Target, form: InspectForm) -> str:
    given: dict[str, Any] = {**target.key, **form.given()}
    return str(actions.inspect(by=user_of(request), operation=operation_of(request), **given).pk)


def _groups(operation: Operation, target: Target, form: InspectForm) -> list[dict[str, Any]]:
    """The items by phase, the present one open, each with what is said of it there."""
    own = queries.own(operation, target)
    slot = readiness.asked_now(operation, readiness.track_of(target.site) if target.site else "regular")
    now = slot.phase if slot else "before"
    found: dict[str, list[dict[str, Any]]] = {}
    for line in form.lines.values():
        row = {
            "line": line,
            "field": form[f"item-{line.code}"],
            "own": checklist.ANSWERS.get(own.get(line.code, "")),
        }
        found.setdefault(line.phase, []).append(row)
    single = len(found) == 1
    return [
        {
            "name": checklist.PHASES[phase],
            "rows": rows,
            "open": single
            or phase == now
            or any(row["field"].errors or row["field"].value() for row in rows),
        }
        for phase, rows in found.items()
    ]
