"""What will an officer see and lose by a change of posts, and who makes the change?"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from command_center import phrases
from incidents.categories import TOPICS
from journal.keys import KeyReused
from sites import queries as sites
from subcommittees import actions, pages, queries, scope
from subcommittees.doors import once, operation_of, user_of
from subcommittees.forms import GrantForm, MoveForm, grantable
from subcommittees.models import Appointment, User
from subcommittees.roles import ROLES
from subcommittees.scope import Reach

Held = list[Reach]


@require_POST
def preview(request: HttpRequest, username: str) -> HttpResponse:
    """What a grant would change; nothing is written before it is confirmed."""
    by, user = user_of(request), pages.found(request, username)
    if not grantable(by):
        raise PermissionDenied
    form = GrantForm(by, request.POST)
    if not form.is_valid():
        return pages.shown(request, user, form, 400)
    unit, role = form.cleaned_data["unit"], form.cleaned_data["role"]
    before = _held(by, user)
    context = {
        "person": user,
        "form": form,
        "unit": unit,
        "role_name": ROLES[role].name,
        "change": compared(before, [*before, Reach(unit.path, role, unit.name)]),
        "trail": _trail(user),
    }
    return render(request, "command_center/preview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def relieve(request: HttpRequest, appointment: int) -> HttpResponse:
    """End an appointment, or transfer its officer, after showing what that changes."""
    by = user_of(request)
    row = queries.appointments(by, live=False).filter(pk=appointment).first()
    if row is None:
        raise Http404
    scope.require(by, "appointment.relieve", row.path, actions.TOPIC)
    form = MoveForm(by, request.POST if request.method == "POST" else None)
    looking = request.POST.get("act") == "preview"
    if request.method == "POST" and form.is_valid() and not looking and _done(request, row, form):
        return redirect("person", username=row.user.username)
    unit, role = (form.cleaned_data.get(name) if form.is_bound else None for name in ("unit", "role"))
    before = _held(by, row.user)
    after = list(before)
    ended = Reach(row.path, row.role, row.unit.name)
    if ended in after:
        after.remove(ended)  # once: another appointment to the same post would stand
    if unit and role:
        after.append(Reach(unit.path, role, unit.name))
    context = {
        "person": row.user,
        "appointment": row,
        "form": form,
        "moving": unit and role and {"unit": unit, "role_name": ROLES[role].name},
        "change": compared(before, after),
        "trail": _trail(row.user),
        "page_error": bool(form.errors),
    }
    return render(request, "command_center/relieve.html", context, status=400 if form.errors else 200)


def compared(before: Held, after: Held) -> dict[str, Any]:
    """Reach before and after: how many units and sites, which topics and verbs come and go."""
    was, will = _extent(before), _extent(after)
    return {
        "counts": [
            (_("Units"), was["units"], will["units"]),
            (_("Polling sites"), was["sites"], will["sites"]),
        ],
        "sees": _named(will["topics"] - was["topics"], _topics()),
        "loses": _named(was["topics"] - will["topics"], _topics()),
        "may": _named(will["verbs"] - was["verbs"], phrases.VERBS),
        "may_not": _named(was["verbs"] - will["verbs"], phrases.VERBS),
    }


def _extent(held: Held) -> dict[str, Any]:
    topics: set[str] = set()
    verbs: set[str] = set()
    for one in held:
        topics |= set(_topics()) if one.can.topics is None else one.can.topics
        verbs |= one.can.verbs
    return {
        "units": queries.units_within(held),
        "sites": sites.within(held),
        "topics": topics,
        "verbs": verbs,
    }


def _topics() -> dict[str, Any]:
    return {**TOPICS, "sites": _("Polling sites"), "people": _("Officers")}


def _named(codes: set[str], words: Any) -> list[str]:
    return [str(word) for code, word in words.items() if code in codes] + sorted(codes - set(words))


def _held(by: User, user: User) -> Held:
    """The posts that hold now, as far as `by` sees them: of posts elsewhere nothing is told, not even a count."""
    rows = scope.visible(queries.live_appointments().filter(user=user), by)
    found = rows.values_list("path", "role", F("unit__name"))
    return [Reach(path, role, name) for path, role, name in found if role in ROLES]


def _done(request: HttpRequest, row: Appointment, form: MoveForm) -> bool:
    """Do what the form asks, once; what was refused stands in the form."""
    by, operation, given = user_of(request), operation_of(request), form.cleaned_data

    def act() -> str:
        if given["unit"]:
            actions.transfer(
                by=by, operation=operation, appointment=row, unit=given["unit"], role=given["role"],
                reason=given["reason"],
            )  # fmt: skip
        else:
            actions.relieve(by=by, operation=operation, appointment=row, reason=given["reason"])
        return row.user.username

    try:
        once(request, act)
    except KeyReused:
        form.add_error(None, _("This form was already sent with other content. Look at the appointments."))
    except ValidationError as error:
        form.add_error(None, error)
    if form.errors:
        return False
    messages.success(request, _("Transferred.") if given["unit"] else _("Relieved."))
    return True


def _trail(user: User) -> list[tuple[str, str]]:
    return [(_("Officers"), reverse("people")), (user.username, reverse("person", args=[user.username]))]
