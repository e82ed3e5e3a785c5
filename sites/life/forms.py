"""What does the form of a verb on a polling site take?"""

from typing import Any

from django import forms


class StepForm(forms.Form):
    """The shape only; whether it may be and makes sense is for the action to say."""

    text = forms.CharField(required=False, max_length=2000)
    reason = forms.CharField(required=False, max_length=2000)
    sealed = forms.BooleanField(required=False)
    venue = forms.CharField(required=False, max_length=200)
    zone_from = forms.DateTimeField(required=False)
    zone_until = forms.DateTimeField(required=False)
    closes_at = forms.DateTimeField(required=False)

    def given(self) -> dict[str, Any]:
        if not self.is_valid():
            raise forms.ValidationError({name: list(errors) for name, errors in self.errors.items()})
        return self.cleaned_data
