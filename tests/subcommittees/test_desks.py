"""Who may say at which address a post is called, and what is kept of it?"""

import json

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from command_center import calling
from journal.models import Address, Delivery, Event
from subcommittees.desks import actions
from tests.doors import settled
from tests.journal.gates import text_gateway


def put(cast, address, *, by=None, user=None, channel="email"):
    by = by or cast.sonla
    return actions.set_address(
        by=by, operation=cast.operation, user=user or by, channel=channel, address=address
    )


def test_the_address_of_one_s_own_desk_is_set_changed_and_taken_away(cast):
    put(cast, " truc@sonla.example ")
    put(cast, "truc@sonla.example")
    put(cast, "truc.ban@sonla.example")
    assert Address.objects.get().address == "truc.ban@sonla.example"
    put(cast, "")
    put(cast, "")
    assert not Address.objects.exists()
    told = Event.objects.filter(verb="account.addressed").order_by("n")
    assert [event.said["line"]["address"] for event in told] == ["t…@sonla.example", "t…@sonla.example", ""]
    assert "truc" not in json.dumps([event.said for event in told])


def test_what_waits_for_an_address_that_is_given_up_is_not_sent(cast):
    put(cast, "0212000123", channel="sms")
    actions.try_address(by=cast.sonla, operation=cast.operation, user=cast.sonla, channel="sms")
    put(cast, "", channel="sms")
    assert Delivery.objects.get().state == "expired"


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("email", "truc"), ("email", "truc@sonla.example\r\nBcc: a@b.vn"), ("email", "a@b.vn, c@d.vn"),
        ("email", "x" * 200 + "@b.vn"), ("sms", "114"), ("sms", "0912x45678"), ("sms", "+" + "1" * 16),
        ("sms", "0212000123\n0912000111"), ("fax", "0212000123"), ("sms", "٠٩١٢٣٤٥٦٧٨"),
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(cast, channel, address):
    with pytest.raises(ValidationError), settled():
        put(cast, address, channel=channel)
    assert not Address.objects.exists()


def test_an_administrator_sets_that_of_an_officer_whom_she_administers(cast):
    put(cast, "tohieu@sonla.example", by=cast.admin, user=cast.tohieu)
    assert Address.objects.get().person == cast.tohieu.pk
    for stranger in (cast.sonla, cast.sonla_staff, cast.chiengan, cast.duty, cast.wall, cast.laocai):
        with pytest.raises(PermissionDenied), settled():
            put(cast, "khac@example.vn", by=stranger, user=cast.tohieu)
    with pytest.raises(PermissionDenied), settled():
        put(cast, "khac@example.vn", by=cast.nobody)
    with pytest.raises(PermissionDenied), settled():
        put(cast, "khac@example.vn", by=cast.admin, user=cast.nobody)


def test_one_message_is_tried_and_not_a_second_in_the_same_minute(committed, settings, move_clock):
    cast = committed
    given = {"by": cast.sonla, "operation": cast.exercise, "user": cast.sonla, "channel": "sms"}
    with pytest.raises(ValidationError):
        actions.try_address(**given)
    put(cast, "0212000123", channel="sms")
    actions.try_address(**given)
    with pytest.raises(ValidationError):
        actions.try_address(**given)
    move_clock(seconds=61)
    actions.try_address(**given)
    with text_gateway() as gate:
        settings.SMS_GATEWAY = gate.url
        assert calling.send_notices() == 2
    assert {got["text"] for got in gate.got} == {f"DIỄN TẬP: {actions.TRIED}"}
