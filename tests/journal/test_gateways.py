"""Does each gate say and understand what its other side means, and lead nowhere else?"""

import email
import email.policy

import pytest

from command_center import calling
from journal import delivery, gateways
from journal.models import Address, Delivery
from tests.journal.gates import DESK, NUMBER
from tests.journal.test_delivery import fire, go_round, tell


def test_e_mail_goes_by_smtp(committed, mail, later):
    row = fire(committed)
    tell(committed, committed.sonla)
    go_round(later)
    ((recipients, text),) = mail.got
    assert recipients == [f"rcpt TO:<{DESK}>"]
    said = email.message_from_bytes(text, policy=email.policy.default)
    assert said["Subject"] == f"{row.ref}: Báo sự cố"
    assert said["Message-ID"] == f"<{Delivery.objects.get().uid}@bo.example>"
    assert said.get_content().strip().splitlines() == [
        f"{row.ref}: Báo sự cố", "Phường Tô Hiệu: Nhắc báo cáo",
    ]  # fmt: skip
    assert b"http" not in text


@pytest.mark.parametrize(
    ("command", "answer", "state"),
    [
        ("RCPT", "550 no such desk", "failed"), ("RCPT", "450 later", "queued"), ("DATA", "554 no", "failed"),
        ("MAIL", "421 closing", "queued"), ("EHLO", "421 busy", "queued"),
    ],
)  # fmt: skip
def test_what_a_mail_server_says_is_understood(committed, mail, later, command, answer, state):
    mail.says = lambda said: (
        answer if said[:4].upper() in {command, "HELO" if command == "EHLO" else ""} else None
    )
    fire(committed)
    go_round(later)
    row = Delivery.objects.get()
    assert row.state == state
    mail.says = lambda _said: None
    later(60)
    assert calling.send_notices() == (state == "queued")
    assert len(mail.got) == (state == "queued")


def test_one_desk_whose_box_is_full_keeps_no_other_waiting(committed, mail, later):
    Address.objects.create(person=committed.sonla_head.pk, channel="email", address="truong@sonla.example")
    mail.says = lambda said: "452 full" if said.upper().startswith("RCPT") and DESK in said else None
    tell(committed, committed.sonla, committed.sonla_head)
    assert go_round(later) == 1
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["queued", "sent"]


@pytest.mark.parametrize(
    "name",
    ["169.254.169.254", "::ffff:169.254.169.254", "0.0.0.0", "224.0.0.1", "127.0.0.2", "fe80::1"],
)
def test_a_name_that_was_turned_to_this_machine_or_link_is_not_called(name):
    with pytest.raises(OSError, match="no gateway"):
        gateways._connected((name, 80), 1)


def test_the_token_goes_over_no_network_in_the_clear(committed, sms, later, settings):
    settings.SMS_GATEWAY = "http://cong.example/sms"
    fire(committed)
    go_round(later)
    assert Delivery.objects.get().result == "SMS_GATEWAY is not https://"


def test_addresses_are_shown_masked():
    assert delivery.masked("email", DESK) == "t…@sonla.example"
    assert delivery.masked("sms", NUMBER) == "…123"
