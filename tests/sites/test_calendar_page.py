"""Does the calendar say what is asked, what was, and let only those change it who may?"""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from journal import clock
from journal.models import Event
from sites.checks import actions as checks
from sites.readiness.models import Slot
from subcommittees.scope import SYSTEM
from tests.doors import settled
from tests.sites.readiness.stage import HOUR, file, made, planned


@pytest.fixture
def browser():
    def opened(user):
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return opened


def test_plan_then_see(cast, browser):
    client = browser(cast.secretary)
    cast.operation.election_day = clock.now().date() + dt.timedelta(days=10)
    cast.operation.save()
    assert client.get(reverse("calendar")).context["now"] == []
    for new in (True, False):
        with settled():
            assert client.post(reverse("calendar-plan"), {"idempotency_key": str(new)}).status_code == 302
    assert Event.objects.filter(verb="slot.planned").count() == 1
    for track in ("regular", "early"):
        page = client.get(reverse("calendar"), {"track": track}).context
        assert len(page["now"]) == 1
        seen = [row["slot"].pk for group in page["coming"] for row in group["rows"]]
        seen += [row["slot"].pk for row in (*page["now"], *page["past"], *page["earlier"])]
        assert sorted(seen) == sorted(Slot.objects.filter(track=track).values_list("pk", flat=True))
    assert client.get(reverse("calendar"), {"track": "bia"}).status_code == 404


def test_how_a_past_slot_was_answered(cast, browser, move_clock):
    slot = made(cast)
    file(cast, slot)
    made(cast, opens=2, due=4, silent=5, closes=6)
    move_clock(hours=3)
    checks.check(by=SYSTEM, operation=cast.operation, slot=slot, province=cast.unit.sonla)
    for who, total in [(cast.tohieu, 2), (cast.sonla, 4), (cast.duty, 4), (cast.chiengan, 2)]:
        [row] = browser(who).get(reverse("calendar")).context["past"]
        assert row["point"].total == total
        assert row["point"].counts["ready"] == (0 if who == cast.chiengan else 2)
        assert not row["editable"]


def test_a_slot_is_moved_called_off_and_stands_again(cast, browser):
    slot = made(cast, opens=1, due=4, silent=5, closes=8)
    client, door = browser(cast.secretary), reverse("slot-edit", args=[slot.pk])
    shown = client.get(door).context["form"]
    assert shown["grace"].value() == 60

    def press(act, due=slot.due_at, grace=60, reason="Theo chỉ đạo"):
        moment = due.astimezone(dt.timezone(7 * HOUR)).strftime("%d/%m/%Y %H:%M")
        with settled():
            return client.post(door, {"act": act, "due_at": moment, "grace": grace, "reason": reason})

    assert press("save", reason=" ").status_code == 400
    assert press("save", grace=-1).status_code == 400
    assert press("save", due=clock.now() - HOUR).status_code == 400
    assert press("save", grace=10**6).status_code == 400
    assert press("save", grace=90).status_code == 302
    slot.refresh_from_db()
    assert slot.silent_at - slot.due_at == dt.timedelta(minutes=90)
    assert press("cancel").status_code == 302
    slot.refresh_from_db()
    assert slot.cancelled_at
    assert press("restore", grace=90).status_code == 302
    slot.refresh_from_db()
    assert slot.cancelled_at is None
    assert Event.objects.filter(verb="slot.edited").count() == 3


def test_what_has_run_out_stays(cast, browser):
    slot = made(cast, opens=-5, due=-3, silent=-2, closes=2)
    client, door = browser(cast.head), reverse("slot-edit", args=[slot.pk])
    assert "form" in client.get(door).context
    form = {"act": "cancel", "due_at": "15/03/2026 06:30", "grace": 30, "reason": "Muộn"}
    with settled():
        assert client.post(door, form).status_code == 409
    assert client.get(reverse("slot-edit", args=[10**9])).status_code == 404


def test_the_calendar_costs_the_same_however_many_slots(cast, browser, django_assert_max_num_queries):
    planned(cast)
    for who in (cast.duty, cast.tohieu):
        client = browser(who)
        with django_assert_max_num_queries(14):
            assert client.get(reverse("calendar")).status_code == 200
