"""What does every piece of the screens look like, in every state?"""

import datetime as dt

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from journal import clock


class Sample(forms.Form):
    reason = forms.CharField()


@require_safe
def style(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    form = Sample({})
    form.full_clean()
    frame = {
        "type": "event",
        "id": "0" * 16,
        "at": clock.wire(now),
        "verb": "incident.reported",
        "subject": {"kind": "incident", "id": "00000000-0000-0000-0000-000000000000", "ref": "SC-14-000123"},
        "unit": {"path": "vn/14/03646/", "name": "Phường Tô Hiệu"},
        "line": {
            "ref": "SC-14-000123",
            "category": "POWER",
            "severity": 2,
            "state": "reported",
            "site": "Điểm bầu cử số 12",
            "site_code": "14-03646-012",
            "text": "Mất điện toàn tổ dân phố.",
            "by": "Công an xã · Phường Tô Hiệu",
        },
    }
    context = {
        "now": now,
        "soon": now + dt.timedelta(minutes=4, seconds=12),
        "frames": [frame],
        "page": Paginator(range(72_195), 25).get_page(3),
        "form": form,
    }
    return render(request, "command_center/style.html", context)
