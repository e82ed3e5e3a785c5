"""What does the form of a slot take?"""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sites.readiness.models import Slot

MINUTE = dt.timedelta(minutes=1)


class SlotForm(forms.Form):
    """When it is due and how much grace there is; whether that fits the slots beside it is for the action to say."""

    idempotency_key = forms.CharField(widget=forms.HiddenInput, max_length=200, required=False)
    due_at = forms.DateTimeField(
        label=_("Due (dd/mm/yyyy hh:mm)"),
        widget=forms.DateTimeInput(attrs={"autocomplete": "off"}, format="%d/%m/%Y %H:%M"),
    )
    grace = forms.IntegerField(label=_("Grace in minutes"), min_value=0, max_value=7 * 24 * 60)
    reason = forms.CharField(
        label=_("Reason"), required=False, widget=forms.Textarea(attrs={"rows": 2, "maxlength": 500})
    )

    def __init__(self, slot: Slot, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.slot = slot
        self.initial["due_at"] = timezone.localtime(slot.due_at)
        self.initial["grace"] = int((slot.silent_at - slot.due_at) / MINUTE)

    def times(self) -> dict[str, dt.datetime]:
        """What was changed; seconds that the form does not show are no change."""
        due, grace = self.cleaned_data["due_at"], self.cleaned_data["grace"] * MINUTE
        if abs(due - self.slot.due_at) < MINUTE:
            due = self.slot.due_at
        silent = due + grace
        if abs(silent - self.slot.silent_at) < MINUTE:
            silent = self.slot.silent_at
        times = {"due_at": due, "silent_at": silent}
        return {name: value for name, value in times.items() if value != getattr(self.slot, name)}
