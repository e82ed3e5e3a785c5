"""Who may sign in, and how?"""

import math
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import ChangePasswordForm, LoginForm
from allauth.core import context
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from command_center import errors
from subcommittees import actions, lockout

LONGEST_PASSWORD = 200
BEFORE_OWN_PASSWORD = {"account_change_password", "account_logout", "set_language", "healthz", "readyz"}


class SignInFirst(LoginRequiredMiddleware):
    """Every page asks for a sign-in; where only a part of a page was asked for, the whole page goes there."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        if request.htmx:  # type: ignore[attr-defined]
            back = urlencode({"next": request.htmx.current_url_abs_path or reverse("home")})  # type: ignore[attr-defined]
            return HttpResponse(status=401, headers={"HX-Redirect": f"{reverse('account_login')}?{back}"})
        return super().handle_no_permission(request, view_func)

    def process_view(self, request: HttpRequest, view_func: Any, args: Any, kwargs: Any) -> Any:
        """Before anything else the password of the card gives way to one's own."""
        match = request.resolver_match
        if match is None or match.url_name in BEFORE_OWN_PASSWORD:
            return super().process_view(request, view_func, args, kwargs)
        if getattr(request.user, "card_until", None) is None:
            return super().process_view(request, view_func, args, kwargs)
        if errors.is_api(request):
            said = {"code": "forbidden", "message": _("Choose your own password first.")}
            return JsonResponse(said, status=403)
        change = reverse("account_change_password")
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(status=403, headers={"HX-Redirect": change})
        return HttpResponseRedirect(change)


class Adapter(DefaultAccountAdapter):
    """Sign-in by account and password and nothing else; the answer never tells which accounts exist."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": gettext_lazy("The account or the password is not right."),
        "enter_current_password": gettext_lazy("This is not your current password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_ajax(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        pause(credentials.get("username", ""), request)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        user = super().authenticate(request, **credentials)
        if user and user.card_until is not None and not actions.spend_card(by=user):
            # Only who knows the password hears this.
            raise ValidationError(_("This card was already used or has expired. Ask for a new one."))
        if user:
            lockout.succeeded(credentials.get("username", ""), address(request))
        return user

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        return HttpResponseRedirect(reverse("account_login"))

    def set_password(self, user: Any, password: str) -> None:
        actions.change_own_password(by=user, password=password)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **more: Any
    ) -> None:
        if message_template == "account/messages/password_changed.txt":
            messages.success(request, _("The password is changed; your other sessions have ended."))


class SignIn(LoginForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["login"].label = _("Account")
        self.fields["password"].label = _("Password")
        if self.request:
            self.fields["login"].initial = self.request.GET.get("account", "")[:60]  # from a card's QR code
        self.fields["login"].widget.attrs.update({"autocapitalize": "none", "spellcheck": "false"})
        plain(self)


class ChangePassword(ChangePasswordForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["oldpassword"].label = _("Current password")
        self.fields["password1"].label = _("New password")
        self.fields["password2"].label = _("New password again")
        if self.user.card_until is not None:  # the card that opened this session is spent
            del self.fields["oldpassword"]
        plain(self)
        self.fields["password1"].help_text = " ".join(password_validators_help_texts())

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if self.user.card_until is not None and self.user.check_password(cleaned.get("password1", "")):
            self.add_error("password1", _("Choose another password than the one on the card."))
        return cleaned

    def clean_oldpassword(self) -> str:
        """Counted like a sign-in: who finds an open screen shall not find the password too."""
        pause(self.user.username, context.request)
        password = super().clean_oldpassword()
        lockout.succeeded(self.user.username, address(context.request))
        return password


def plain(form: forms.Form) -> None:
    """No words inside the fields, and an end to what is hashed."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
        if isinstance(field.widget, forms.PasswordInput):
            field.help_text = ""
            field.validators.append(MaxLengthValidator(LONGEST_PASSWORD))


def pause(account: str, request: HttpRequest) -> None:
    """Count an attempt; ValidationError while this account pauses on this network."""
    left = lockout.attempt(account, address(request))
    if left is not None:
        minutes = math.ceil(left.total_seconds() / 60)
        said = ngettext(
            "Too many failed attempts. This account pauses on this network; try again in %(n)d minute.",
            "Too many failed attempts. This account pauses on this network; try again in %(n)d minutes.",
            minutes,
        )
        raise ValidationError(said % {"n": minutes})


def address(request: HttpRequest) -> str:
    """Where the request comes from; behind our own TLS proxy, what that proxy says."""
    if settings.SECURE:
        return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
