"""What do the forms about posts and accounts take?"""

import uuid
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from subcommittees import queries
from subcommittees.models import Unit, User
from subcommittees.roles import ACCOUNTS, ROLES, STAFFING
from subcommittees.scope import reach, visible

REASON_AT_MOST = 500


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


class GrantForm(forms.Form):
    unit = forms.CharField(label=_("Unit"), max_length=200, help_text=_("Its code or its full name."))
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
        self.by = by
        cast("forms.ChoiceField", self.fields["role"]).choices = grantable(by)
        self.fields["idempotency_key"].initial = uuid.uuid4().hex

    def clean_unit(self) -> Unit:
        """The one unit in reach that is called that."""
        said = self.cleaned_data["unit"].strip()
        found = list(queries.units(self.by).filter(code=said)[:1])
        if not found:
            named = visible(Unit.objects.all(), self.by).filter(name__iexact=said)
            found = list(named[:2]) or list(queries.units(self.by, q=said)[:2])
        if not found:
            raise ValidationError(_("No unit in your area is called that."))
        if len(found) > 1:
            raise ValidationError(_("Several units are called that: give the code."))
        return found[0]


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=REASON_AT_MOST, error_messages={"required": _("Give the reason.")}, label=_("Reason")
    )
