"""Which page shows what is asked, and lets a province ask more?"""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from journal.keys import KeyReused
from sites import checklist, states
from sites.local_items import actions, queries
from sites.readiness.models import LocalItem
from subcommittees.doors import once, operation_of, user_of
from subcommittees.models import Unit
from subcommittees.scope import may, sees


class ItemForm(forms.Form):
    """An item of a province; where one has only one, it is not asked which."""

    idempotency_key = forms.CharField(widget=forms.HiddenInput, max_length=200, required=False)
    province = forms.ChoiceField(label=gettext_lazy("Province"))
    name_vi = forms.CharField(label=gettext_lazy("Name in Vietnamese"), max_length=200)
    name_en = forms.CharField(
        label=gettext_lazy("Name in English (may stay empty)"), max_length=200, required=False
    )
    phase = forms.ChoiceField(label=gettext_lazy("Phase"))
    serves = forms.ChoiceField(label=gettext_lazy("Serves"))
    kind = forms.ChoiceField(label=gettext_lazy("Asked of"), required=False)
    critical = forms.BooleanField(
        label=gettext_lazy("Critical: without it a site is not ready"), required=False
    )

    def __init__(self, provinces: list[Unit], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.units = {unit.path: unit for unit in provinces}
        choices: dict[str, list[tuple[str, Any]]] = {
            "province": [(unit.path, unit.name) for unit in provinces],
            "phase": list(checklist.PHASES.items()),
            "serves": list(checklist.PILLARS.items()),
            "kind": [("", _("All sites")), *states.KINDS.items()],
        }
        for name, allowed in choices.items():
            field: Any = self.fields[name]
            field.choices = allowed
        if len(provinces) == 1:
            self.fields["province"].widget = forms.HiddenInput()
            self.initial["province"] = provinces[0].path

    def given(self) -> dict[str, Any]:
        said = {name: value for name, value in self.cleaned_data.items() if name != "idempotency_key"}
        return {**said, "province": self.units[said["province"]]}


@require_http_methods(["GET", "HEAD", "POST"])
def items(request: HttpRequest) -> HttpResponse:
    """The table of items by phase, and what provinces ask besides; with the form for who may add one."""
    user, operation = user_of(request), operation_of(request)
    if not sees(user, queries.TOPIC):
        raise PermissionDenied
    provinces = queries.provinces(user)
    if request.method == "POST" and not provinces:
        raise PermissionDenied
    start = {"idempotency_key": uuid.uuid4().hex}
    form = ItemForm(provinces, request.POST if request.method == "POST" else None, initial=start)
    if form.is_valid():
        try:
            once(
                request,
                lambda: str(actions.add_item(by=user, operation=operation, **form.given()).pk),
            )
        except ValidationError as error:
            for name, words in error.error_dict.items() if hasattr(error, "error_dict") else [("", error)]:
                form.add_error(name if name in form.fields else None, words)
        except KeyReused as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The item is asked from the next report on."))
            return redirect("checklist")
    local = list(queries.asked(user, operation))
    context = {
        "phases": _phases(),
        "units": [item for item in checklist.UNIT_ITEMS.values() if not item.retired],
        "local": [
            _local(row, may_retire=may(user, "checklist.retire", row.path, queries.TOPIC)) for row in local
        ],
        "form": form if provinces else None,
        "retire_key": uuid.uuid4().hex,
        "page_error": bool(form.errors),
    }
    return render(request, "sites/checklist.html", context, status=400 if form.errors else 200)


@require_POST
def retire(request: HttpRequest, item: int) -> HttpResponse:
    """Ask an item no longer."""
    user, operation = user_of(request), operation_of(request)
    row = queries.seen(user, operation).filter(pk=item).first()
    if row is None:
        raise Http404
    once(request, lambda: str(actions.retire_item(by=user, operation=operation, item=row).pk))
    messages.success(request, _("The item is no longer asked."))
    return redirect("checklist")


def _phases() -> list[dict[str, Any]]:
    """The table, by phase; each item in both languages."""
    table = [item for item in checklist.ITEMS.values() if not item.retired]
    return [
        {
            "name": name,
            "rows": [
                {
                    "item": item,
                    "serves": checklist.PILLARS[item.serves],
                    "kind": states.KINDS.get(item.kind, ""),
                }
                for item in table
                if item.phase == phase
            ],
        }
        for phase, name in checklist.PHASES.items()
    ]


def _local(row: LocalItem, *, may_retire: bool) -> dict[str, Any]:
    return {
        "row": row,
        "phase": checklist.PHASES[row.phase],
        "serves": checklist.PILLARS[row.serves],
        "kind": states.KINDS.get(row.kind, ""),
        "may_retire": may_retire,
    }
