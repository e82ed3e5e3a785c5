"""Does a list of notices read well, and is it seen who was called outside and what came of it?"""

import pytest
from django.test import Client
from django.urls import reverse

from command_center import calling, notices
from journal import clock
from journal import queries as journal
from journal.log import Place, Subject, record
from journal.models import Address, Delivery, Event, Notice
from tests.doors import settled
from tests.journal.gates import text_gateway
from tests.journal.test_delivery import fire, go_round
from tests.pages import get, main, post


def tell(cast, verb, path="vn/14/03646/", name="Phường Tô Hiệu", kind="unit", **line):
    record(
        verb, at=clock.now(), operation=cast.operation.slug, unit=Place(path, name), topic="sites",
        subject=Subject(kind, path, name), actor="he-thong", post="Hệ thống", line={"text": "", **line},
        after=None, notify=[cast.sonla.pk],
    )  # fmt: skip


def listed(cast):
    return notices.rows(journal.notices(cast.sonla.pk, cast.operation.slug))


def test_many_of_a_kind_are_one_row(cast):
    due = clock.wire(clock.now())
    tell(cast, "readiness.reminded", due=due, sites=2, slot=7)
    tell(cast, "readiness.reminded", "vn/14/03664/", "Phường Chiềng An", due=due, sites=2, slot=7)
    tell(cast, "readiness.reminded", due=due, sites=1, slot=8)
    tell(cast, "finding.escalated", "vn/14/", "Tỉnh Sơn La", findings=12)
    fire(cast)
    fire(cast)
    rows = listed(cast)
    assert [(row["event"]["verb"], row["count"]) for row in rows] == [
        ("incident.reported", 1), ("incident.reported", 1), ("finding.escalated", 1), ("readiness.reminded", 3),
    ]  # fmt: skip
    page = main(get(cast.sonla, "notices"))
    assert "Nhắc báo cáo · 3" in page
    assert "12 tồn tại" in page
    assert "Phường Tô Hiệu; Phường Chiềng An · hạn" in page
    assert "điểm bầu cử" not in page.partition("Nhắc báo cáo")[2], "of one of them only"
    first = Notice.objects.order_by("pk").first()
    Notice.objects.filter(pk=first.pk).update(seen_at=clock.now())
    assert [row["count"] for row in listed(cast)][-2:] == [2, 1], "what is read does not hide what is not"


@pytest.mark.parametrize(
    ("verb", "path", "line", "where"),
    [
        ("readiness.silent", "vn/14/03646/", {"slot": 7, "sites": 2}, "/readiness/vn/14/03646/grid/?slot=7"),
        ("readiness.reminded", "vn/14/03646/", {"slot": 7, "sites": 0}, "/readiness/vn/14/03646/own/"),
        ("readiness.returned", "vn/14/03646/", {"slot": 7, "sites": 1, "site": "Trường"},
         "/readiness/vn/14/03646/grid/?slot=7"),
        ("readiness.returned", "vn/14/", {"slot": 7}, "/readiness/vn/14/own/"),
        ("readiness.silent", "vn/14/", {"slot": 7, "sites": 2}, "/readiness/vn/14/"),
        ("finding.escalated", "vn/14/", {"findings": 3}, "/findings/?unit=vn%2F14%2F"),
    ],
)  # fmt: skip
def test_a_notice_leads_to_where_it_is_answered(cast, verb, path, line, where):
    tell(cast, verb, path, "Nơi", **line)
    (row,) = listed(cast)
    assert row["href"] == where


def test_a_group_of_several_places_leads_to_all_of_them(cast):
    for path in ("vn/14/03646/", "vn/14/03664/"):
        tell(cast, "readiness.silent", path, path, slot=7, sites=2)
    (row,) = listed(cast)
    assert (row["count"], row["href"]) == (2, "/readiness/")


def test_the_timeline_and_the_journal_say_who_was_called_and_what_came_of_it(committed, settings, later):
    cast = committed
    Address.objects.create(person=cast.sonla.pk, channel="sms", address="0212000123")
    Address.objects.create(person=cast.sonla.pk, channel="email", address="truc@sonla.example")
    with text_gateway() as gate:
        settings.SMS_GATEWAY = gate.url
        calling.gather_notices()
        row = fire(cast)
        go_round(later)
    said = "Cán bộ sonla · Tin nhắn SMS · …123 · Đã gửi"
    for viewer in (cast.sonla, cast.tohieu, cast.duty):
        page = main(get(viewer, "incident", row.pk))
        assert said in page
        assert "0212000123" not in page
    assert said in main(get(cast.sonla, "journal"))
    assert "…123" not in main(get(cast.laocai, "journal"))


def test_an_officer_sets_the_address_of_the_own_desk_on_the_own_page(cast, settings):
    settings.SMS_GATEWAY = "file"
    name = cast.sonla.username
    assert "Thông báo ngoài hệ thống" in main(get(cast.sonla, "account"))
    given = {"channel": "sms", "address": "0212 000 123", "idempotency_key": "mot"}
    for _ in range(2):
        assert post(cast.sonla, "address", name, data=given).status_code == 302
    assert Address.objects.get().address == "0212000123"
    with settled():
        answer = post(cast.sonla, "address", name, data={"channel": "sms", "address": "<b>113"})
    assert answer.status_code == 400
    assert "&lt;b&gt;113" in answer.content.decode()
    assert post(cast.sonla, "address", name, data={"channel": "sms", "act": "try"}).status_code == 302
    assert Delivery.objects.get().address == "0212000123"
    assert Event.objects.filter(verb="account.address_tried").count() == 1
    assert post(cast.admin, "address", name, data={"channel": "sms", "address": ""}).status_code == 302
    assert not Address.objects.exists()
    assert "Thông báo ngoài hệ thống" in main(get(cast.admin, "person", name))
    assert "Thông báo ngoài hệ thống" not in main(get(cast.nobody, "account"))


def test_readyz_says_how_many_messages_wait_too_long(cast, move_clock):
    address = Address.objects.create(person=cast.sonla.pk, channel="sms", address="0212000123")
    calling.delivery.queue(address, "bau-cu", at=clock.now(), text="x")
    assert Client().get(reverse("readyz")).json()["undelivered"] == 0
    move_clock(seconds=61)
    assert Client().get(reverse("readyz")).json()["undelivered"] == 1
