"""Which page lists findings, and how is one ended from it?"""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from journal.keys import KeyReused
from sites.checks import actions, queries
from sites.models import Finding
from sites.readiness.models import KINDS, LEVELS
from subcommittees import lists
from subcommittees.doors import chosen, once, operation_of, user_of
from subcommittees.models import Operation, User
from subcommittees.queries import found_unit
from subcommittees.scope import home, may, sees

FILTERS = ("unit", "open", "kind", "critical", "level")
STILL = {"": True, "true": True, "false": False, "all": None}


def matching(user: User, operation: Operation, filters: Mapping[str, str]) -> QuerySet[Finding]:
    """The findings in reach that the filters of the list leave; the open ones, unless others are asked for."""
    chosen("open", filters["open"], STILL)
    chosen("critical", filters["critical"], {"true", "false"})
    return queries.listed(
        user,
        operation,
        unit=filters["unit"],
        still=STILL.get(filters["open"], True),
        kind=chosen("kind", filters["kind"], KINDS),
        critical={"true": True, "false": False}.get(filters["critical"]),
        level=[int(one) for one in chosen("level", filters["level"], {str(one) for one in LEVELS})],
    )


@require_safe
def findings(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    operation = operation_of(request)
    filters = lists.asked(request, *FILTERS)
    still = {"true": _("Open"), "false": _("Closed"), "all": _("Open and closed")}
    weight = {"true": _("Critical"), "false": _("Not critical")}
    levels = {str(level): words for level, words in LEVELS.items()}
    words = {
        "open": still.__getitem__,
        "critical": weight.__getitem__,
        "kind": lambda given: ", ".join(str(KINDS[one]) for one in given.split(",") if one),
        "level": lambda given: ", ".join(str(levels[one]) for one in given.split(",") if one),
    }
    more = {
        "still": [("", _("Open")), ("false", still["false"]), ("all", still["all"])],
        "weights": list(weight.items()),
        "kinds": list(KINDS.items()),
        "levels": list(levels.items()),
        "last": queries.last_check(operation, home(user) or ""),
        "denied": not sees(user, "sites"),
        "idempotency_key": uuid.uuid4().hex,
    }
    rows = matching(user, operation, filters)
    context = lists.cut(request, rows, filters, words, read=lambda shown: _rows(user, shown))
    return render(request, "sites/findings.html", {**context, **more})


def _rows(user: User, shown: Iterable[Finding]) -> list[dict[str, Any]]:
    found = list(shown)
    names = queries.item_names(found)
    return [
        {
            "finding": one,
            "unit": one.site.unit if one.site else one.unit,
            "what": names.get(one.item) or KINDS[one.kind],
            "by_inspection": KINDS[one.kind] if one.kind == "inspection" else "",
            "level": LEVELS[one.level],
            "may_close": one.closed_at is None and may(user, "finding.close", queries.above(one), "sites"),
        }
        for one in found
    ]


@require_POST
def urge(request: HttpRequest, unit: str) -> HttpResponse:
    """Remind who is silent at or below the unit, and go back to its board."""
    user, operation = user_of(request), operation_of(request)
    found = found_unit(user, unit)
    try:
        many = int(once(request, lambda: str(actions.urge(by=user, operation=operation, unit=found))))
    except (KeyReused, ValidationError) as error:
        messages.error(request, " ".join(error.messages))
    else:
        if many:
            messages.success(
                request, ngettext("%(n)d unit reminded.", "%(n)d units reminded.", many) % {"n": many}
            )
        else:
            messages.info(
                request, _("Nobody to remind: all have answered, or were reminded within ten minutes.")
            )
    return redirect("readiness-board", unit=unit)


@require_POST
def close(request: HttpRequest, finding: uuid.UUID) -> HttpResponse:
    """End one and go back to the list as it was filtered; what cannot be is told there."""
    user, operation = user_of(request), operation_of(request)
    found = queries.found(user, operation, finding)
    reason = request.POST.get("reason", "")
    try:
        once(request, lambda: str(actions.close_finding(by=user, finding=found, reason=reason).pk))
    except actions.Mended as error:
        messages.error(request, str(error))
    except KeyReused as error:
        messages.error(request, error.messages[0])
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Finding closed"))
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return redirect(back if safe else reverse("findings"))
