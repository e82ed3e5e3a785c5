"""What do the tests of readiness have in common?"""

import datetime as dt
from contextlib import contextmanager

import pytest
from django.urls import reverse

from journal import clock
from sites import checklist
from sites.readiness import actions, queries
from sites.readiness.actions import Given
from sites.readiness.models import Slot
from tests.doors import settled

HOUR = dt.timedelta(hours=1)
WELL = dict.fromkeys((item.code for item in checklist.asked("regular", "before")), "ok")


def planned(cast, days=10):
    """The slot that is open at the cast's election, whose day is so far from now."""
    cast.operation.election_day = clock.now().date() + dt.timedelta(days=days)
    cast.operation.save()
    actions.plan(by=cast.secretary, operation=cast.operation)
    return queries.asked_now(cast.operation)


def made(cast, phase="before", opens=-1, due=1, silent=2, closes=3, at=None, **more):
    """A slot with these hours from now."""
    at = at or clock.now()
    times = {"opens_at": opens, "due_at": due, "silent_at": silent, "closes_at": closes, "remind_at": opens}
    moments = {name: at + hours * HOUR for name, hours in times.items()}
    return Slot.objects.create(operation=cast.operation, phase=phase, **(moments | more))


def given(site, revision=None, note="", **answers):
    """All in order but for `answers`; one that is None is left out."""
    said = {item: answer for item, answer in (WELL | answers).items() if answer is not None}
    return Given(site, said, note, revision)


def file(cast, slot, *batch, by=None, unit=None, **more):
    batch = batch or (given(cast.site.tohieu_1), given(cast.site.tohieu_2))
    who = {"by": by or cast.tohieu, "operation": cast.operation, "unit": unit or cast.unit.tohieu}
    return actions.file(slot=slot, given=batch, **who, **more)


def send_back(cast, slot, site=None, items=("5",), by=None, reason="Chưa rõ lối vào", **more):
    place = {"operation": cast.operation, "slot": slot, "site": site or cast.site.tohieu_1}
    return actions.send_back(by=by or cast.sonla, items=list(items), reason=reason, **place, **more)


@contextmanager
def refused(error):
    """What is tried is refused so, and nothing of it remains."""
    with pytest.raises(error) as raised, settled():
        yield raised


def body(slot, *sites, **answers):
    """What a program posts of these sites."""
    said = WELL | answers
    return {"slot": slot.pk, "reports": [{"site": site.code, "answers": said} for site in sites]}


def post(client, content, name="api-readiness", **more):
    with settled():
        return client.post(reverse(name, **more), content, format="json")
