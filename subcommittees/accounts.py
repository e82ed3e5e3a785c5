"""Which pages open accounts, give them new cards and shut several at once?"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from journal.keys import KeyReused
from subcommittees import actions, cards, queries
from subcommittees.doors import once, operation_of, user_of
from subcommittees.forms import AccountForm, ChosenForm
from subcommittees.models import User
from subcommittees.pages import may_switch
from subcommittees.scope import reach

AT_ONCE = 50
VERBS = {"cards": "account.reset", "disable": "account.disable"}


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("idempotency_key")
@sensitive_variables("secret", "password")
def new_account(request: HttpRequest) -> HttpResponse:
    """Open an account; its card is in this answer, in the answer to the same form sent again, and nowhere else."""
    by = user_of(request)
    if not any("account.create" in one.can.verbs for one in reach(by)):
        raise PermissionDenied
    form = AccountForm(by, request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "trail": [(_("Officers"), reverse("people"))]}
    if form.is_valid():
        given = dict(form.cleaned_data)
        secret = given.pop("idempotency_key")

        def act() -> dict[str, str]:
            user, password = actions.create_account(
                by=by, operation=operation_of(request), secret=secret, **given
            )
            return {user.username: password}

        context |= _carded(request, form, secret, [given["username"].strip()], act)
        if "cards" in context:
            context["made"] = User.objects.get(username=given["username"].strip())
    context["page_error"] = bool(form.errors)
    return render(request, "subcommittees/new_account.html", context, status=400 if form.errors else 200)


@require_POST
@sensitive_post_parameters("idempotency_key")
def chosen(request: HttpRequest) -> HttpResponse:
    """Ask why, then give the chosen accounts new cards or disable them: all of them or none."""
    by, act = user_of(request), request.POST.get("act", "")
    if act not in VERBS:
        raise ValidationError(_("Unknown value."))
    if not any(VERBS[act] in one.can.verbs for one in reach(by)):
        raise PermissionDenied
    names = sorted({name.replace("\0", "") for name in request.POST.getlist("account")})
    people = list(queries.people(by).filter(username__in=names))
    if not names:
        messages.error(request, _("Choose at least one account."))
        return redirect("people")
    if len(names) > AT_ONCE or len(people) < len(names):
        raise ValidationError(_("Choose up to %(most)d accounts of your area.") % {"most": AT_ONCE})
    confirmed = "confirmed" in request.POST
    form = ChosenForm(request.POST if confirmed else None)
    context: dict[str, Any] = {"act": act, "people": people, "form": form}
    context["trail"] = [(_("Officers"), reverse("people"))]
    if confirmed and form.is_valid() and _allowed(form, by, people, VERBS[act]):
        do = _disabled if act == "disable" else _reset
        answer = do(request, form, people)
        if isinstance(answer, HttpResponse):
            return answer
        context |= answer
    context["page_error"] = bool(form.errors)
    return render(request, "subcommittees/chosen.html", context, status=400 if form.errors else 200)


def _allowed(form: ChosenForm, by: User, people: list[User], verb: str) -> bool:
    refused = [one.username for one in people if not may_switch(by, one, verb)]
    if refused:
        form.add_error(None, _("Not yours to change: %(names)s.") % {"names": ", ".join(refused)})
    return not refused


def _disabled(request: HttpRequest, form: ChosenForm, people: list[User]) -> HttpResponse | dict[str, Any]:
    by, reason = user_of(request), form.cleaned_data["reason"]

    def act() -> str:
        for user in people:
            actions.disable_account(by=by, operation=operation_of(request), user=user, reason=reason)
        return str(len(people))

    try:
        once(request, act)
    except KeyReused:
        form.add_error(None, _("This form was already sent with other content."))
        return {}
    except ValidationError as error:
        form.add_error(None, error)
        return {}
    said = ngettext("%(n)d account is disabled.", "%(n)d accounts are disabled.", len(people))
    messages.success(request, said % {"n": len(people)})
    return redirect("people")


def _reset(request: HttpRequest, form: ChosenForm, people: list[User]) -> dict[str, Any]:
    by, reason, secret = user_of(request), form.cleaned_data["reason"], form.cleaned_data["idempotency_key"]

    def act() -> dict[str, str]:
        made = (
            actions.reset_account(
                by=by, operation=operation_of(request), user=user, reason=reason, secret=secret
            )
            for user in people
        )
        return {user.username: password for user, password in made}

    return _carded(request, form, secret, [one.username for one in people], act)


@sensitive_variables("secret", "told")
def _carded(
    request: HttpRequest, form: Any, secret: str, names: list[str], act: Callable[[], dict[str, str]]
) -> dict[str, Any]:
    """The cards that `act` makes; of a form that comes again, those that still open their accounts."""
    told: dict[str, str] = {}

    def remember() -> str:
        told.update(act())
        return "made"

    try:
        once(request, remember, secret=True)
    except KeyReused:
        form.add_error(None, _("This form was already sent with other content."))
        return {}
    except ValidationError as error:
        form.add_error(None, error)
        return {}
    users = list(User.objects.filter(username__in=names).order_by("username"))
    if not told:
        again = {user.username: cards.password(secret, user.username) for user in users}
        told = {
            user.username: again[user.username] for user in users if cards.fresh(user, again[user.username])
        }
    shown = [cards.card(request, user, told[user.username]) for user in users if user.username in told]
    return {"done": True, "cards": shown, "given": [one for one in names if one not in told]}
