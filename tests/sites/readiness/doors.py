"""What is sent through the doors of readiness?"""

import datetime as dt
from types import SimpleNamespace
from typing import Any

from journal import clock
from sites.readiness import actions
from sites.readiness.models import Slot


def slot(stage: SimpleNamespace) -> dict[str, Any]:
    """One that takes answers now."""
    at, hour = clock.now(), dt.timedelta(hours=1)
    given = {"opens_at": at - hour, "due_at": at + hour, "silent_at": at + hour, "closes_at": at + 2 * hour}
    made, _ = Slot.objects.get_or_create(
        operation=stage.operation, phase="after", defaults={**given, "remind_at": at}
    )
    return {"slot": made.pk}


def readiness(stage: SimpleNamespace) -> dict[str, Any]:
    return {
        **slot(stage),
        "reports": [{"site": stage.site.tohieu_1.code, "answers": {"39": "ok", "40": "ok"}}],
    }


def confirmed(stage: SimpleNamespace) -> dict[str, Any]:
    return {**slot(stage), "unit": stage.unit.tohieu.path}


def sent_back(stage: SimpleNamespace) -> dict[str, Any]:
    """A report of Tô Hiệu that a higher level sends back."""
    asked = Slot.objects.get(pk=slot(stage)["slot"])
    given = [actions.Given(stage.site.tohieu_1, {"39": "ok", "40": "ok"})]
    of = {"by": stage.tohieu, "operation": stage.operation, "unit": stage.unit.tohieu}
    actions.file(slot=asked, given=given, **of)
    return {**slot(stage), "site": stage.site.tohieu_1.code, "items": ["39"], "reason": "Chưa rõ"}
