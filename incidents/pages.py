"""Which pages list incidents and take the report of a new one?"""

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from incidents import actions, categories, queries, states
from incidents.forms import PRESET_SEVERITY, ReportForm
from incidents.models import Incident
from journal import clock
from journal.keys import KeyReused
from sites import queries as sites
from sites.models import Site
from subcommittees import lists
from subcommittees.doors import chosen, once, operation_of, user_of
from subcommittees.models import Operation, User
from subcommittees.roles import Level
from subcommittees.scope import may, sees

FOUND_AT_MOST = 20
# What comes next, in order: the first that is possible is the primary action of the page.
NEXT = ("acknowledge", "verify", "respond", "resolve")
KEYS = {"acknowledge": "a", "raise": "e"}


FILTERS = ("q", "state", "severity", "category", "unit")


def matching(user: User, operation: Operation, filters: Mapping[str, str]) -> QuerySet[Incident]:
    """The incidents in reach that the filters of the list leave."""
    return queries.listed(
        user,
        operation,
        state=chosen("state", filters["state"], {"open", "overdue", *states.STATES}),
        severity=[int(one) for one in chosen("severity", filters["severity"], {"1", "2", "3", "4"})],
        category=chosen("category", filters["category"], categories.CATEGORIES),
        unit=filters["unit"],
        q=filters["q"],
    )


@require_safe
def incidents(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    filters = lists.asked(request, *FILTERS)
    named = {"open": _("Open"), "overdue": _("Overdue"), **states.STATES}
    rows = matching(user, operation_of(request), filters)
    words = {
        "q": lists.quoted,
        "state": lambda given: ", ".join(str(named[one]) for one in given.split(",") if one),
        "severity": lambda given: ", ".join(
            str(categories.SEVERITIES[int(one)]) for one in given.split(",") if one
        ),
        "category": lambda given: ", ".join(
            str(categories.CATEGORIES[one].name) for one in given.split(",") if one
        ),
    }
    more = {
        "states": list(named.items()),
        "severities": [(str(level), f"{level} · {name}") for level, name in categories.SEVERITIES.items()],
        "categories": [(code, row.name) for code, row in categories.CATEGORIES.items()],
        "denied": not sees(user, *categories.TOPICS),
        "redrawn": True,  # while somebody looks at it
    }
    context = lists.cut(request, rows, filters, words, read=queries.in_rows)
    return render(request, "incidents/list.html", {**context, **more})


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """The form, preset so that a type and one press are enough; a repeat of the press leads to the same incident."""
    user = user_of(request)
    if not queries.reporting(user):
        raise PermissionDenied
    if request.method != "POST":
        return _form(request, ReportForm(initial=_preset(request)), 200)
    form = ReportForm(request.POST)
    if not form.is_valid():
        return _form(request, form, 400)
    try:
        made = once(request, lambda: _reported(request, user, form.cleaned_data))
    except KeyReused:
        form.add_error(
            None,
            _("An earlier version of this form was already sent. Send it again if this is another incident."),
        )
    except ValidationError as error:
        form.add_error(None, error)
    else:
        return redirect("incident", incident=made)
    return _form(request, form, 400)


def _reported(request: HttpRequest, user: User, given: dict[str, Any]) -> str:
    try:
        site = sites.found(user, given["site"])
    except Site.DoesNotExist as error:
        raise ValidationError({"site": _("Choose a polling site of your own area.")}) from error
    facts = {name: value for name, value in given.items() if name != "site"}
    incident = actions.report(by=user, operation=operation_of(request), site=site, **facts)
    messages.success(request, _("Sent: %(ref)s") % {"ref": incident.ref})
    return str(incident.pk)


@require_safe
def similar(request: HttpRequest) -> HttpResponse:
    """The hint beside the form: what was reported there of the same kind a moment ago."""
    return render(request, "incidents/similar.html", {"similar": _similar(request, *_asked(request))})


def _asked(request: HttpRequest) -> tuple[str, str]:
    given = lists.asked(request, "site", "category")
    return given["site"], given["category"]


def _similar(request: HttpRequest, code: str, category: str) -> list[Incident]:
    user, operation = user_of(request), operation_of(request)
    if not code or category not in categories.CATEGORIES:
        return []
    site = sites.listed(user, operation).filter(code=code).first()
    if site is None:
        return []
    found = queries.possible_duplicates(operation, site, category, clock.now())
    shown = queries.seen(user, operation).filter(pk__in=[one.pk for one in found])
    shown_ids = set(shown.values_list("pk", flat=True))
    return [one for one in found if one.pk in shown_ids]


def _preset(request: HttpRequest) -> dict[str, Any]:
    code, category = _asked(request)
    return {"site": code, "category": category, "severity": PRESET_SEVERITY}


def _form(request: HttpRequest, form: ReportForm, status: int) -> HttpResponse:
    user = user_of(request)
    code = form["site"].value() or ""
    own = _own_sites(request, user)
    place = _place(request, user, own, code)
    q = lists.asked(request, "q")["q"]
    found = sites.listed(user, operation_of(request), q=q)[:FOUND_AT_MOST] if q else []
    context = {
        "form": form,
        "categories": list(categories.CATEGORIES.values()),
        "sites": own if own is None or place not in own else [place, *(one for one in own if one != place)],
        "chosen": place,
        "found": [one for one in found if may(user, "incident.report", one.path)],
        "q": q,
        "similar": _similar(request, place.code if place else "", form["category"].value() or ""),
        "idempotency_key": uuid.uuid4().hex,
        "page_error": bool(form.errors),
    }
    return render(request, "incidents/report.html", context, status=status)


def _own_sites(request: HttpRequest, user: User) -> list[Site] | None:
    """The sites of the commune asked for or of one's own; None where so many are in reach that one must search."""
    held = queries.reporting(user)
    asked = lists.asked(request, "unit")["unit"]
    if asked and any(one.covers(asked) for one in held) and asked.count("/") > 2:
        return list(sites.listed(user, operation_of(request), unit=asked))
    if any(Level.COMMUNE not in one.can.levels for one in held):
        return None
    listed = sites.listed(user, operation_of(request))
    return [one for one in listed if any(place.covers(one.path) for place in held)]


def _place(request: HttpRequest, user: User, own: list[Site] | None, code: str) -> Site | None:
    """The site asked for, else where this officer last reported, else the first of their own."""
    if own is None:
        known = sites.listed(user, operation_of(request))
        if code:
            return known.filter(code=code).first()
        last = queries.last_reported(user, operation_of(request))
        return known.filter(pk=last).first() if last else None
    by_code = {one.code: one for one in own}
    if code:
        return by_code.get(code)
    last = queries.last_reported(user, operation_of(request))
    return next((one for one in own if one.pk == last), own[0] if own else None)


def panel(
    user: User, incident: Incident, result: dict[str, Any] | None = None, **values: str
) -> dict[str, Any]:
    """What may be done next about `incident`, by this officer; all that incidents/panel.html needs."""
    moves = [
        {
            "verb": verb,
            "name": move.name,
            "reason": move.reason,
            "levels": _levels(verb, incident.severity),
            "key": KEYS.get(verb),
        }
        for verb, move in states.MOVES.items()
        if incident.state in move.sources
        and may(user, f"incident.{verb}", incident.path, incident.topic, incident.secrecy)
        and (verb not in {"raise", "lower"} or _levels(verb, incident.severity))
    ]
    first = next((verb for verb in NEXT if verb in [move["verb"] for move in moves]), "")
    return {
        "incident": incident,
        "moves": [{**move, "primary": move["verb"] == first} for move in moves],
        "idempotency_key": uuid.uuid4().hex,
        "result": result,
        "values": values,
        "page_error": bool(result and not result["ok"]),
    }


def _levels(verb: str, severity: int) -> list[int]:
    if verb == "raise":
        return [level for level in categories.SEVERITIES if level > severity]
    return [level for level in categories.SEVERITIES if level < severity] if verb == "lower" else []
