"""What do the forms about incidents take?"""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.actions import TEXT_AT_MOST
from incidents.categories import CATEGORIES, SEVERITIES

PRESET_SEVERITY = 2


class ReportForm(forms.Form):
    """The shape only; whether it may be and makes sense is for the action to say."""

    category = forms.ChoiceField(
        label=_("What happened?"),
        choices=lambda: [(code, row.name) for code, row in CATEGORIES.items()],
        error_messages={
            "required": _("Choose what happened."),
            "invalid_choice": _("Choose a category from the list."),
        },
    )
    site = forms.CharField(
        label=_("Where?"), max_length=20, error_messages={"required": _("Choose the polling site.")}
    )
    severity = forms.TypedChoiceField(
        label=_("How serious?"),
        coerce=int,
        choices=lambda: list(SEVERITIES.items()),
        initial=PRESET_SEVERITY,
        error_messages={"required": _("Choose a severity from 1 to 4.")},
    )
    summary = forms.CharField(
        label=_("In a few words (may stay empty)"),
        required=False,
        max_length=TEXT_AT_MOST,
        widget=forms.Textarea,
    )
    happened_at = forms.DateTimeField(label=_("It happened earlier"), required=False)


class ActForm(forms.Form):
    """What the verbs take: a reason where something is undone or ended, a text, a severity."""

    text = forms.CharField(required=False, max_length=TEXT_AT_MOST)
    reason = forms.CharField(required=False, max_length=TEXT_AT_MOST)
    severity = forms.TypedChoiceField(
        required=False, coerce=int, empty_value=None, choices=lambda: list(SEVERITIES.items())
    )

    def given(self) -> dict[str, Any]:
        """What was given; ValidationError by field where it has no shape."""
        if not self.is_valid():
            raise forms.ValidationError({name: list(errors) for name, errors in self.errors.items()})
        return self.cleaned_data
