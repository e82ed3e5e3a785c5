"""What does the form of a unit's own report take?"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sites import checklist
from sites.readiness.models import UnitReport
from sites.unit_reports import answers


class UnitForm(forms.Form):
    """A field for every item; whether what is said makes sense is for the action to say."""

    slot = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=32767)
    idempotency_key = forms.CharField(widget=forms.HiddenInput, max_length=200, required=False)
    note = forms.CharField(
        label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2, "maxlength": 1000})
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for item in answers.asked():
            given: dict[str, Any] = {"label": item.name, "required": False}
            if item.number:
                self.fields[item.code] = forms.IntegerField(
                    min_value=0, max_value=answers.GREATEST, widget=_numeric(), **given
                )
            else:
                choices = [
                    (code, name)
                    for code, name in checklist.ANSWERS.items()
                    if code != "na" or not item.critical
                ]
                self.fields[item.code] = forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **given)
        self.order_fields(
            ["slot", "revision", "idempotency_key", *(one.code for one in answers.asked()), "note"]
        )

    def given(self) -> dict[str, Any]:
        said = self.cleaned_data
        items = answers.asked()
        return {
            "answers": {one.code: said[one.code] for one in items if not one.number and said[one.code]},
            "numbers": {
                one.code: said[one.code] for one in items if one.number and said[one.code] is not None
            },
            "note": said["note"],
            "revision": said["revision"],
        }

    def groups(self) -> Mapping[str, list[dict[str, Any]]]:
        """The fields as the page draws them: what is in order or not, and the numbers."""
        drawn: dict[str, list[dict[str, Any]]] = {"states": [], "numbers": []}
        for item in answers.asked():
            row = {"item": item, "field": self[item.code]}
            drawn["numbers" if item.number else "states"].append(row)
        return drawn


def _numeric() -> forms.NumberInput:
    return forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"})


def said(report: UnitReport | None) -> dict[str, Any]:
    """What the fields begin with; what was sent back begins empty."""
    if report is None:
        return {}
    stated = {code: answer for code, answer in report.answers.items() if answer != "returned"}
    return {**stated, **report.numbers, "note": report.note}
