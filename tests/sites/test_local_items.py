"""Can a province ask for more than the table, and is nobody blamed for what was not asked of them?"""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from journal.models import Event
from sites.checks import actions as checks
from sites.local_items import actions, queries
from sites.models import SiteStatus
from sites.readiness.models import Finding, LocalItem
from subcommittees.scope import SYSTEM
from tests.doors import settled, told
from tests.sites.readiness.stage import file, given, made

ITEM = {"name_vi": "Rào chắn lối vào", "phase": "before", "serves": "means", "critical": True}


def add(cast, by=None, province=None, **more):
    with settled():
        return actions.add_item(
            by=by or cast.sonla_staff,
            operation=cast.operation,
            province=province or cast.unit.sonla,
            **{**ITEM, **more},
        )


def verdict(site):
    return SiteStatus.objects.get(site=site).verdict


def test_it_is_asked_from_the_next_report_on(cast, move_clock):
    slot = made(cast)
    file(cast, slot)
    code = add(cast).item.code
    assert verdict(cast.site.tohieu_1) == "ready"
    move_clock(hours=2, minutes=1)
    assert checks.check(by=SYSTEM, operation=cast.operation, slot=slot, province=cast.unit.sonla).ready == 2
    assert verdict(cast.site.tohieu_1) == "ready", "what was reported keeps the list that it answered"
    assert not Finding.objects.filter(item=code).exists()
    file(cast, slot, given(cast.site.tohieu_1, note="Đã xem lại"))
    assert verdict(cast.site.tohieu_1) == "not_ready"
    file(cast, slot, given(cast.site.tohieu_1, **{code: "ok"}))
    assert verdict(cast.site.tohieu_1) == "ready"
    assert not Finding.objects.filter(item=code, closed_at=None).exists()


def test_what_is_no_longer_asked_keeps_nobody_back(cast):
    slot = made(cast)
    row = add(cast)
    file(cast, slot, given(cast.site.tohieu_1))
    assert verdict(cast.site.tohieu_1) == "not_ready"
    for _ in range(2):
        actions.retire_item(by=cast.sonla_staff, operation=cast.operation, item=row)
    assert Event.objects.filter(verb="checklist.retired").count() == 1
    file(cast, slot, given(cast.site.tohieu_1))
    assert verdict(cast.site.tohieu_1) == "ready"
    assert not Finding.objects.filter(closed_at=None, item=row.item.code).exists()


def test_one_province_one_operation(cast):
    row = add(cast)
    add(cast, by=cast.head, province=cast.unit.laocai)
    for who, seen in [
        (cast.tohieu, 1), (cast.sonla, 1), (cast.laocai, 1), (cast.duty, 2), (cast.admin, 0), (cast.nobody, 0),
    ]:  # fmt: skip
        assert len(queries.asked(who, cast.operation)) == seen
        assert len(queries.asked(who, cast.exercise)) == 0
    for by in (cast.sonla, cast.tohieu, cast.laocai, cast.duty, cast.wall, cast.admin):
        with pytest.raises(PermissionDenied):
            add(cast, by=by, name_vi="Khác")
        with pytest.raises(PermissionDenied), settled():
            actions.retire_item(by=by, operation=cast.operation, item=row)
    with pytest.raises(PermissionDenied):
        add(cast, province=cast.unit.laocai, name_vi="Khác")


def test_what_cannot_be_asked(cast):
    add(cast)
    for wrong, field in [
        ({"name_vi": " \u200b"}, "name_vi"), ({"name_vi": "x" * 201}, "name_vi"), ({"name_vi": "a\nb"}, "name_vi"),
        ({"name_vi": "RÀO CHẮN lối vào"}, "name_vi"), ({"name_vi": "kiểm tra an toàn điện"}, "name_vi"),
        ({"phase": "later"}, "phase"), ({"serves": ""}, "serves"), ({"kind": "bar"}, "kind"),
        ({"by": cast.head, "province": cast.unit.bo}, "province"), ({"province": cast.unit.tohieu}, "province"),
    ]:  # fmt: skip
        with pytest.raises(ValidationError) as refused:
            add(cast, **wrong)
        assert field in refused.value.message_dict, wrong
    for number in range(queries.MOST - 1):
        add(cast, name_vi=f"Hạng mục {number}")
    with pytest.raises(ValidationError):
        add(cast, name_vi="Một hạng mục nữa")
    assert LocalItem.objects.count() == queries.MOST


def test_by_the_api_and_the_page(cast, api):
    client, door = api(cast.sonla_staff), reverse("api-checklist")
    body = {**ITEM, "province": "vn/14/"}
    with settled():
        answer = client.post(door, body, format="json")
    assert answer.status_code == 201
    asked = client.get(door, {"site": cast.site.tohieu_1.code, "phase": "before"}).json()
    assert answer.json()["item"] in {item["item"] for item in asked}
    for wrong in [
        {},
        {"critical": "có"},
        {"phase": 1},
        {"name_vi": ["x"]},
        {"bia": 1},
        {"name_vi": "a\x07b"},
    ]:
        with settled():
            told(client.post(door, body | wrong, format="json"), 400)
    page = Client()
    page.force_login(cast.sonla_staff, backend="django.contrib.auth.backends.ModelBackend")
    with settled():
        wrong = page.post(reverse("checklist"), {**ITEM, "province": "vn/15/"})
    assert wrong.status_code == 400
    for _ in range(2):
        form = {**ITEM, "name_vi": "Cổng phụ", "province": "vn/14/", "idempotency_key": "a"}
        with settled():
            assert page.post(reverse("checklist"), form).status_code == 302
    assert "Cổng phụ" in page.get(reverse("checklist")).content.decode()
    row = LocalItem.objects.get(name_vi="Cổng phụ")
    assert page.post(reverse("checklist-retire", args=[row.pk])).status_code == 302
    assert "Cổng phụ" not in page.get(reverse("checklist")).content.decode()
