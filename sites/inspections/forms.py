"""What does the form of an inspection take?"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sites import checklist
from sites.inspections.queries import Line


class InspectForm(forms.Form):
    """A choice for every item; what was not looked at stays without one."""

    idempotency_key = forms.CharField(widget=forms.HiddenInput, max_length=200, required=False)
    looked_at = forms.DateTimeField(
        label=_("Looked at (dd/mm/yyyy hh:mm)"),
        required=False,
        widget=forms.DateTimeInput(attrs={"autocomplete": "off"}, format="%d/%m/%Y %H:%M"),
    )
    note = forms.CharField(
        label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2, "maxlength": 1000})
    )

    def __init__(self, lines: Mapping[str, Line], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.lines = lines
        for line in lines.values():
            choices = [
                (code, name) for code, name in checklist.ANSWERS.items() if code != "na" or not line.critical
            ]
            self.fields[f"item-{line.code}"] = forms.ChoiceField(
                label=str(line.name), choices=choices, required=False, widget=forms.RadioSelect
            )

    def given(self) -> dict[str, Any]:
        said = self.cleaned_data
        answers = {code: said[f"item-{code}"] for code in self.lines if said[f"item-{code}"]}
        return {"answers": answers, "note": said["note"], "looked_at": said["looked_at"]}

    def refused(self, errors: Mapping[str, Any]) -> None:
        """Mark what the action did not take."""
        for name, messages in errors.items():
            field = name if name in self.fields else f"item-{name}"
            self.add_error(field if field in self.fields else None, messages)
