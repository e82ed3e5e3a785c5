"""Are many events of one act written like one?"""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from journal.log import Fact, Place, Subject, record, record_all
from journal.models import Event, Notice


def fact(number: int, **more: Any) -> Fact:
    return Fact(
        verb="site.imported", at=dt.datetime(2026, 3, 14, tzinfo=dt.UTC), operation="bau-cu",
        unit=Place(f"vn/14/{number:05d}/", f"Xã {number}"), subject=Subject("unit", str(number), str(number)),
        topic="sites", actor="thu", post="Trực ban", line={"text": f"+{number}"}, after=None, **more,
    )  # fmt: skip


@pytest.mark.django_db
def test_many_events_keep_their_order_and_each_owes_its_own_notices():
    record_all([fact(1, notify=[7, 8, 7]), fact(2), fact(3, notify=[8])])
    events = list(Event.objects.order_by("n"))
    assert [one.path for one in events] == ["vn/14/00001/", "vn/14/00002/", "vn/14/00003/"]
    owed = Notice.objects.order_by("event", "person").values_list("event", "person", "operation")
    assert list(owed) == [
        (events[0].pk, 7, "bau-cu"), (events[0].pk, 8, "bau-cu"), (events[2].pk, 8, "bau-cu"),
    ]  # fmt: skip


@pytest.mark.django_db
def test_one_of_many_says_what_it_says_alone():
    one = replace(
        fact(1), after={"state": "ready"}, also={"site:2": {"state": "x"}}, secrecy=1, audience=["vn/15/"]
    )
    record_all([one])
    record(**vars(one))
    first, second = (dict(event.said) for event in Event.objects.order_by("n"))
    assert first.pop("id") != second.pop("id")
    assert first == second


def test_events_outside_the_transaction_of_an_act_are_refused(committed):
    with pytest.raises(RuntimeError):
        record_all([fact(1)])
    assert not Event.objects.exists()
