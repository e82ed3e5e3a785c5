"""Does every notice that is owed leave the house once, for those who may have it, and say no more than it should?"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from urllib.parse import quote

import pytest
from django.db import connection, transaction

from command_center import calling
from incidents import actions
from journal import delivery
from journal.log import Place, Subject, record
from journal.models import Address, Carried, Delivery, Gathered, Notice
from subcommittees import actions as chain
from subcommittees.models import Appointment
from tests.journal.gates import NUMBER, text_gateway


def fire(cast, **more):
    given = {"by": cast.tohieu, "site": cast.site.tohieu_1, "category": "FIRE", "severity": 2} | more
    return actions.report(operation=given.pop("operation", cast.operation), **given)


def tell(cast, *people, verb="readiness.reminded", **more):
    """An event at Tô Hiệu that is owed to these people."""
    with transaction.atomic():
        record(
            verb, at=delivery.clock.now(), operation=cast.operation.slug,
            unit=Place("vn/14/03646/", "Phường Tô Hiệu"), topic="sites",
            subject=more.pop("subject", Subject("unit", "vn/14/03646/", "Phường Tô Hiệu")),
            actor="he-thong", post="Hệ thống", line={"text": ""}, after=None,
            notify=[one.pk for one in people], **more,
        )  # fmt: skip


def go_round(later, seconds=16):
    calling.gather_notices()
    later(seconds)
    return calling.send_notices()


def test_a_notice_goes_to_the_gateway_once(committed, sms, later):
    row = fire(committed)
    assert go_round(later) == 1
    for _ in range(3):
        assert go_round(later) == 0
    (got,) = sms.got
    assert got["to"] == NUMBER
    assert got["text"] == f"{row.ref}: Báo sự cố"
    assert got["path"] == "/sms"
    assert got["headers"]["Authorization"] == "Bearer the bai"
    sent = Delivery.objects.get()
    assert (sent.state, sent.tries, str(sent.uid)) == ("sent", 1, got["id"])
    assert got["headers"]["Idempotency-Key"] == got["id"]


def test_what_comes_in_one_window_is_one_message_of_kinds(committed, sms, later):
    refs = [fire(committed).ref]
    calling.gather_notices()
    later(5)
    refs += [fire(committed, category="MED").ref for _ in range(4)]
    tell(committed, committed.sonla)
    go_round(later)
    (got,) = sms.got
    assert got["text"] == (f"Báo sự cố · 5 ({', '.join(refs[:3])}, …)\nPhường Tô Hiệu: Nhắc báo cáo")
    fire(committed)
    assert go_round(later) == 1
    assert len(sms.got) == 2


def test_a_desk_of_several_officers_is_told_once(committed, sms, later):
    Address.objects.create(person=committed.sonla_head.pk, channel="sms", address=NUMBER)
    tell(committed, committed.sonla, committed.sonla_head)
    go_round(later)
    tell(committed, committed.sonla_head)
    go_round(later)
    assert [got["text"] for got in sms.got] == ["Phường Tô Hiệu: Nhắc báo cáo"] * 2


def test_what_is_secret_is_not_named(committed, sms, later):
    tell(committed, committed.sonla, secrecy=1)
    tell(committed, committed.sonla, verb="account.reset", subject=Subject("account", "7", "thu.tohieu"))
    tell(committed, committed.sonla, subject=Subject("unit", "x", "Phường\r\nBcc: a@b.vn\x1b"))
    go_round(later)
    assert sms.got[0]["text"] == ("có thông báo mới\nCấp thẻ đăng nhập mới\nPhường Bcc: a@b.vn: Nhắc báo cáo")


def test_an_exercise_says_so_first(committed, sms, later):
    row = fire(committed, operation=committed.exercise)
    fire(committed)
    go_round(later)
    assert f"DIỄN TẬP: {row.ref}: Báo sự cố" in [got["text"] for got in sms.got]
    assert len(sms.got) == 2


def test_what_was_read_in_the_meantime_or_is_old_is_not_sent(committed, sms, later):
    tell(committed, committed.sonla)
    calling.gather_notices()
    Notice.objects.update(seen_at=delivery.clock.now())
    later(16)
    assert calling.send_notices() == 0
    assert Delivery.objects.get().state == "seen"
    tell(committed, committed.sonla)
    assert go_round(later, 3601) == 0
    assert list(Delivery.objects.order_by("pk").values_list("state", flat=True)) == ["seen", "expired"]
    tell(committed, committed.sonla)
    later(3601)
    assert go_round(later) == 0
    assert Delivery.objects.count() == 2
    assert sms.got == []


def test_who_sees_it_no_more_is_not_told(committed, sms, later):
    tell(committed, committed.sonla)
    chain.relieve(
        by=committed.admin, operation=committed.operation,
        appointment=Appointment.objects.get(user=committed.sonla), reason="Hết nhiệm vụ",
    )  # fmt: skip
    tell(committed, committed.laocai)
    Address.objects.create(person=committed.laocai.pk, channel="sms", address="0214000123")
    assert go_round(later) == 0
    assert not Carried.objects.exists()


def test_it_is_tried_again_later_and_later_until_it_is_taken(committed, sms, later):
    sms.answer = lambda _request: (503, b"", {})
    fire(committed)
    go_round(later)
    for seconds in (59, 1, 119, 1):
        later(seconds)
        calling.send_notices()
    assert len(sms.got) == 3
    sms.answer = lambda _request: (200, b'{"delivered": true}', {})
    later(240)
    assert calling.send_notices() == 1
    assert len({got["id"] for got in sms.got}) == len({got["text"] for got in sms.got}) == 1
    row = Delivery.objects.get()
    assert (row.state, row.tries) == ("delivered", 4)


def test_it_is_given_up_when_it_is_news_no_more(committed, sms, later):
    sms.answer = lambda _request: (500, b"", {})
    fire(committed)
    go_round(later)
    for _ in range(40):
        later(120)
        calling.send_notices()
    row = Delivery.objects.get()
    assert (row.state, row.tries) == ("expired", len(sms.got))
    assert 5 <= row.tries <= 9


@pytest.mark.parametrize("status", [302, 400, 403])
def test_what_is_refused_is_not_tried_again_and_no_redirect_is_followed(committed, sms, later, status):
    sms.answer = lambda _request: (status, b"", {"Location": sms.url + "/elsewhere"})
    fire(committed)
    go_round(later)
    later(600)
    calling.send_notices()
    assert [got["path"] for got in sms.got] == ["/sms"]
    row = Delivery.objects.get()
    assert (row.state, row.result) == ("failed", str(status))


def test_a_gateway_that_is_down_holds_up_one_try_of_a_round(committed, sms, later, settings):
    settings.SMS_GATEWAY = "http://127.0.0.1:9/"
    tell(committed, committed.sonla)
    tell(committed, committed.sonla_head)
    Address.objects.create(person=committed.sonla_head.pk, channel="sms", address="0212000999")
    go_round(later)
    assert sorted(Delivery.objects.values_list("tries", flat=True)) == [0, 1]


def test_while_a_gateway_is_down_one_message_grows(committed, sms, later, settings):
    Address.objects.create(person=committed.head.pk, channel="sms", address="0240000999")
    settings.SMS_GATEWAY = "http://127.0.0.1:9/"
    tell(committed, committed.head)  # is tried in vain, and the other waits behind it
    go_round(later, 15)
    for _ in range(6):
        tell(committed, committed.sonla)
        calling.gather_notices()
        later(610)
    tell(committed, committed.sonla, verb="readiness.silent")
    calling.gather_notices()
    later(16)
    settings.SMS_GATEWAY = sms.url
    calling.send_notices()
    (text,) = [got["text"] for got in sms.got if got["to"] == NUMBER]
    assert text.startswith("Nhắc báo cáo · 5 (Phường Tô Hiệu)\nPhường Tô Hiệu: Không"), (
        "the first is old by now"
    )


def test_killed_between_sending_and_marking_it_comes_again_under_the_same_number(committed, sms, later):
    """At least once at the gateway; the number lets the gateway drop the double."""
    fire(committed)
    calling.gather_notices()
    later(16)
    kept = connection.settings_dict
    url = f"postgresql://{kept['USER']}:{quote(kept['PASSWORD'])}@/{kept['NAME']}?host={quote(kept['HOST'])}"
    code = (
        "import django; django.setup(); from command_center import calling;"
        f"from django.conf import settings; settings.SMS_GATEWAY = {sms.url!r}; calling.send_notices()"
    )
    worker = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "command_center.settings"},
    )

    def kill(_request):
        os.kill(worker.pid, signal.SIGKILL)
        return 200, b"", {}

    sms.answer = kill
    assert worker.wait(60) == -signal.SIGKILL
    assert Delivery.objects.get().state == "queued"
    sms.answer = lambda _request: (200, b"", {})
    assert calling.send_notices() == 0, "while the dead one might still be sending"
    later(60)
    assert calling.send_notices() == 1
    assert len(sms.got) == 2
    assert len({(got["id"], got["text"]) for got in sms.got}) == 1


def test_workers_at_once_gather_and_send_each_message_once(committed, sms, later):
    for officer in (
        committed.sonla_head,
        committed.duty,
        committed.head,
        committed.tohieu,
        committed.chiengan,
    ):
        Address.objects.create(person=officer.pk, channel="sms", address=f"02120{officer.pk:05}")
        for _ in range(3):
            tell(committed, officer)
    sms.answer = lambda _request: (time.sleep(0.05), (200, b"", {}))[1]

    def work(act):
        act()
        connection.close()

    for act, wait in ((calling.gather_notices, 16), (calling.send_notices, 0)):
        threads = [threading.Thread(target=work, args=[act]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        later(wait)
    calling.send_notices()
    seen = [got["to"] for got in sms.got]
    assert len(seen) == len(set(seen)) == Delivery.objects.filter(state="sent").count()
    assert Carried.objects.count() == 3 * len(seen)


def test_who_commits_late_is_not_left_out(committed, sms, later):
    """A number drawn early and committed late: a reader of rising ids would have gone past it."""
    held, go_on = threading.Event(), threading.Event()

    def slowly():
        with transaction.atomic():
            tell(committed, committed.sonla)
            held.set()
            go_on.wait(20)
        connection.close()

    thread = threading.Thread(target=slowly)
    thread.start()
    held.wait(20)
    tell(committed, committed.sonla, verb="readiness.silent")
    go_round(later)
    go_on.set()
    thread.join()
    go_round(later)
    assert [got["text"].partition(": ")[2] for got in sms.got] == ["Không báo cáo đúng hạn", "Nhắc báo cáo"]


def test_another_life_of_the_journal_begins_with_the_last_hour(committed, sms, later):
    tell(committed, committed.sonla)
    later(3000)
    tell(committed, committed.sonla)
    later(1000)
    Gathered.objects.update(epoch="before the restore", heads={"bau-cu/14": 900})
    go_round(later)
    assert len(sms.got) == 1
    assert Carried.objects.count() == 1


def test_without_a_gateway_nothing_waits_for_one(committed, later, settings):
    Address.objects.create(person=committed.sonla.pk, channel="sms", address=NUMBER)
    tell(committed, committed.sonla)
    assert calling.gather_notices() == calling.send_notices() == 0
    with text_gateway() as gate:
        settings.SMS_GATEWAY = gate.url
        assert go_round(later) == 0
        assert gate.got == []


def test_the_file_takes_a_line_for_each(committed, later, settings, tmp_path):
    settings.SMS_GATEWAY, settings.VAR = "file", tmp_path
    Address.objects.create(person=committed.sonla.pk, channel="sms", address=NUMBER)
    calling.gather_notices()
    row = fire(committed)
    go_round(later)
    fire(committed)
    go_round(later)
    lines = [json.loads(line) for line in (tmp_path / "sms.jsonl").read_text().splitlines()]
    assert lines[0]["text"] == f"{row.ref}: Báo sự cố"
    assert len({line["id"] for line in lines}) == 2
    assert (tmp_path / "sms.jsonl").stat().st_mode & 0o777 == 0o600
