"""Does an empty installation begin with one operation, one ministry and one administrator?"""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from journal.models import Event
from subcommittees import scope
from subcommittees.models import Operation, User
from tests.cast import WIPED

GIVEN = {"operation": "Bầu cử", "election_day": "2026-03-15", "ministry": "Bộ Công an"}


@pytest.fixture
def empty(cast):
    """What the cast stands on is taken away, until the test is rolled back."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE subcommittees_unit SET parent_id = NULL")
        for table in WIPED:
            if not table.startswith("journal"):
                cursor.execute(f"DELETE FROM {table}")


def begun(**more):
    out = StringIO()
    call_command("begin", **{**GIVEN, **more}, stdout=out)
    return out.getvalue().splitlines()


def test_the_first_administrator_signs_in_with_the_card(empty):
    account, password, *_ = begun()
    client = Client()
    client.post("/accounts/login/", {"login": account, "password": password})
    own = {"password1": "mot-cau-that-dai-khac", "password2": "mot-cau-that-dai-khac"}
    client.post("/accounts/password/change/", own)
    assert client.get("/new-account/").status_code == 200
    assert [(one.path, one.role) for one in scope.reach(User.objects.get())] == [("vn/", "accounts")]
    assert Operation.objects.get().current
    assert list(Event.objects.order_by("n").values_list("verb", flat=True)) == [
        "account.created", "appointment.granted", "slot.planned"
    ]  # fmt: skip
    with pytest.raises(CommandError):
        begun()


@pytest.mark.parametrize("wrong", [{"election_day": "x"}, {"account": "Có Dấu"}, {"slug": "a b"}])
def test_what_cannot_be_begins_nothing(wrong, empty):
    with pytest.raises(CommandError):
        begun(**wrong)
    assert not Operation.objects.exists()


def test_where_something_is_nothing_begins(cast):
    with pytest.raises(CommandError):
        begun()
