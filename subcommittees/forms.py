"""What do the forms about posts and accounts take?"""

import secrets
import uuid
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from subcommittees import queries
from subcommittees.models import User
from subcommittees.roles import ACCOUNTS, ROLES, STAFFING
from subcommittees.scope import reach
from subcommittees.vietnamese import fold

REASON_AT_MOST = 500
ALIKE = 200  # so many units may begin with the same words


def grantable(user: User) -> list[tuple[str, Any]]:
    """The roles this officer may hand on: who is no account administrator hands on none that staffs."""
    verbs = {verb for one in reach(user) for verb in one.can.verbs}
    if "appointment.grant" not in verbs:
        return []
    return [
        (role.code, role.name)
        for role in ROLES.values()
        if "account.create" in verbs or not role.verbs & (ACCOUNTS | STAFFING)
    ]


class UnitField(forms.CharField):
    """One unit in the reach of `by`, by its code or its name."""

    by: User

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=_("Unit"), max_length=200, help_text=_("Its code or its full name."), **options
        )

    def clean(self, value: Any) -> Any:
        said = super().clean(value)
        if not said:
            return None
        units = queries.units(self.by)
        found = list(units.filter(Q(code=said) | Q(path=said))[:1])
        if not found:
            alike = queries.units(self.by, q=said.partition(",")[0])[:ALIKE]
            found = [
                one for one in alike if fold(said) in {fold(one.name), fold(one.short), fold(one.full_name)}
            ]
        if not found:
            raise ValidationError(_("No unit in your area is called that."))
        if len(found) > 1:
            raise ValidationError(_("Several units are called that: give the code."))
        return found[0]


class AccountForm(forms.Form):
    username = forms.CharField(
        label=_("Account"), max_length=60, help_text=_("Use a–z, 0–9, dot, dash and underscore.")
    )
    title = forms.CharField(
        label=_("Post"), max_length=200, help_text=_("The name of the post, never of a person.")
    )
    unit = UnitField()
    idempotency_key = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def __init__(self, by: User, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        cast("UnitField", self.fields["unit"]).by = by
        self.fields["idempotency_key"].initial = secrets.token_urlsafe(
            24
        )  # the card's password follows from it


class ChosenForm(forms.Form):
    """What is done to several accounts at once, and why."""

    idempotency_key = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    reason = forms.CharField(
        max_length=REASON_AT_MOST,
        error_messages={"required": _("Give the reason.")},
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["idempotency_key"].initial = secrets.token_urlsafe(24)


class GrantForm(forms.Form):
    unit = UnitField()
    role = forms.ChoiceField(label=_("Role"))
    starts_at = forms.DateTimeField(
        label=_("From (dd/mm/yyyy hh:mm)"), required=False, help_text=_("Empty: from now.")
    )
    ends_at = forms.DateTimeField(
        label=_("Until (dd/mm/yyyy hh:mm)"), required=False, help_text=_("Empty: until relieved.")
    )
    idempotency_key = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, by: User, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        cast("UnitField", self.fields["unit"]).by = by
        cast("forms.ChoiceField", self.fields["role"]).choices = [("", _("Choose the role")), *grantable(by)]
        self.fields["idempotency_key"].initial = uuid.uuid4().hex


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=REASON_AT_MOST, error_messages={"required": _("Give the reason.")}, label=_("Reason")
    )


class MoveForm(ReasonForm):
    """Why an appointment ends, and where its officer goes on, if anywhere."""

    unit = UnitField(required=False)
    role = forms.ChoiceField(label=_("Role"), required=False)
    idempotency_key = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def __init__(self, by: User, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        cast("UnitField", self.fields["unit"]).by = by
        roles = [("", _("Choose the role")), *grantable(by)]
        cast("forms.ChoiceField", self.fields["role"]).choices = roles
        self.fields["reason"].widget = forms.Textarea(attrs={"rows": 3, "maxlength": REASON_AT_MOST})
        self.fields["idempotency_key"].initial = uuid.uuid4().hex

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and bool(cleaned.get("unit")) != bool(cleaned.get("role")):
            self.add_error(
                "role" if cleaned.get("unit") else "unit", _("To transfer, name both unit and role.")
            )
        return cleaned
