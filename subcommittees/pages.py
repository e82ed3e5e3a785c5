"""Which pages lead to people, their posts and one's own account?"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from rest_framework.authtoken.models import Token

from journal import clock
from journal.keys import KeyReused
from subcommittees import actions, lists, queries
from subcommittees.desks import queries as desks
from subcommittees.doors import once, operation_of, user_of
from subcommittees.forms import GrantForm, ReasonForm, grantable
from subcommittees.models import Appointment, Unit, User
from subcommittees.scope import covers_whole, may, reach, reaches, sees, visible


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    filters = lists.asked(request, "q", "unit")
    rows = queries.people(user, **filters)
    context = lists.cut(request, rows, filters, {"q": lists.quoted})
    context["page"].object_list = [
        {"user": one, "appointments": one.posts} for one in context["page"].object_list
    ]
    verbs = {verb for one in reach(user) for verb in one.can.verbs}
    may_choose = bool(verbs & {"account.disable", "account.reset"})
    return render(
        request,
        "subcommittees/people.html",
        {
            **context,
            "may_create": "account.create" in verbs,
            "may_choose": may_choose,
            "denied": not sees(user, "people"),
        },
    )


@require_safe
def person(request: HttpRequest, username: str) -> HttpResponse:
    return shown(request, found(request, username))


@require_POST
def grant(request: HttpRequest, username: str) -> HttpResponse:
    by, user = user_of(request), found(request, username)
    if not grantable(by):
        raise PermissionDenied
    form = GrantForm(by, request.POST)
    if form.is_valid():
        given = {name: value for name, value in form.cleaned_data.items() if name != "idempotency_key"}
        try:
            once(
                request,
                lambda: (
                    actions.grant(by=by, operation=operation_of(request), user=user, **given).user.username
                ),
            )
        except KeyReused:
            form.add_error(
                None, _("This form was already sent with other content. Look at the appointments.")
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Granted."))
            return redirect("person", username=username)
    return shown(request, user, form, 400)


@require_POST
def disable(request: HttpRequest, username: str) -> HttpResponse:
    """Shut an account (`active=0`, with the reason) or open it again (`active=1`)."""
    by, user = user_of(request), found(request, username)
    opening = request.POST.get("active") == "1"
    switch = actions.enable_account if opening else actions.disable_account
    form = ReasonForm({"reason": "-"} if opening else request.POST)
    if not form.is_valid():
        return shown(request, user, refused=form, status=400)
    reason = "" if opening else form.cleaned_data["reason"]
    try:
        once(
            request,
            lambda: switch(by=by, operation=operation_of(request), user=user, reason=reason).username,
        )
    except ValidationError as error:
        form.add_error(None, error)
        return shown(request, user, refused=form, status=400)
    messages.success(request, _("The account is enabled.") if opening else _("The account is disabled."))
    return redirect("person", username=username)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("token")
def account(request: HttpRequest) -> HttpResponse:
    """One's own posts and token; a new token is in the answer to its own form and nowhere else."""
    user = user_of(request)
    token = None
    if request.method == "POST":
        act = request.POST.get("act")
        if act == "make_token":
            token = actions.renew_token(by=user)
        elif act == "drop_token":
            actions.withdraw_token(by=user)
            return redirect("account")
        else:
            raise ValidationError(_("Unknown value."))
    return own(request, token=token)


@sensitive_variables("token")
def own(
    request: HttpRequest,
    token: str | None = None,
    addresses: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of one's own account; with a token just made, or what was wrong with an address."""
    user = user_of(request)
    held = queries.live_appointments().filter(user=user).select_related("unit__parent").order_by("path")
    context = {
        "appointments": held,
        "token": token,
        "has_token": Token.objects.filter(user=user).exists(),
        "person": user,
        "addresses": desks.addresses(user, user, addresses),
        "page_error": addresses,
    }
    return render(request, "subcommittees/account.html", context, status=status)


def found(request: HttpRequest, username: str) -> User:
    return queries.found_user(user_of(request), username.replace("\0", ""))


def shown(
    request: HttpRequest,
    user: User,
    form: GrantForm | None = None,
    status: int = 200,
    refused: ReasonForm | None = None,
    addresses: dict[str, Any] | None = None,
) -> HttpResponse:
    """The page of one officer; with what was wrong in a form that came back."""
    by = user_of(request)
    now = clock.now()
    held = (
        visible(Appointment.objects.filter(user=user), by)
        .select_related("unit__parent")
        .order_by("-starts_at", "-pk")
    )
    rows = [
        {
            "appointment": one,
            "live": user.is_active and one.starts_at <= now and (one.ends_at is None or one.ends_at > now),
            "may_relieve": (one.ends_at is None or one.ends_at > now)
            and user != by
            and may(by, "appointment.relieve", one.path, actions.TOPIC),
        }
        for one in held
    ]
    context = {
        "person": user,
        "appointments": rows,
        "grant_form": form or (GrantForm(by) if grantable(by) and user != by and user.is_active else None),
        "may_disable": user.is_active and may_switch(by, user, "account.disable"),
        "may_enable": not user.is_active and may_switch(by, user, "account.enable"),
        "may_view": user != by and _may_view(by, user),
        "may_reset": user.is_active and may_switch(by, user, "account.reset"),
        "trail": [(_("Officers"), reverse("people"))],
        "refused": refused,
        "addresses": desks.addresses(by, user, addresses),
        "page_error": bool((form and form.errors) or refused or addresses),
    }
    return render(request, "subcommittees/person.html", context, status=status)


def _may_view(by: User, user: User) -> bool:
    theirs = reaches([user.pk])[user.pk]
    top = min((one.path for one in theirs), key=len, default="")
    return bool(theirs) and may(by, "account.view_as", top, actions.TOPIC) and covers_whole(reach(by), theirs)


def may_switch(by: User, user: User, verb: str) -> bool:
    """Whether the action would allow it: at every unit where the account holds a post."""
    if user == by:
        return False
    paths = Appointment.objects.filter(user=user, tidied_at=None).values_list("path", flat=True)
    held = any(verb in one.can.verbs for one in reach(by))
    return held and all(may(by, verb, path, actions.TOPIC) for path in paths)


def trail(user: User, unit: Unit, door: str) -> list[tuple[str, str]]:
    """The units above `unit` that this user sees, highest first, each with its address behind `door`."""
    above: list[tuple[str, str]] = []
    while unit.parent is not None:
        unit = unit.parent
        if any(one.covers(unit.path) for one in reach(user)):
            above.insert(0, (unit.name, reverse(door, args=[unit.path])))
    return above


def line_to(user: User, unit: Unit, door: str) -> list[tuple[str, str]]:
    return [*trail(user, unit, door), (unit.name, reverse(door, args=[unit.path]))]
