"""Which door of readiness opens for whom? Rows of the table in test_doors, as (anonymous, …, nobody)."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

from journal import clock
from sites.models import Finding
from sites.readiness.models import LocalItem, Slot
from sites.unit_reports import actions as own
from tests.doors import Row


def because(stage: SimpleNamespace) -> dict[str, Any]:
    return {"reason": "Đã kiểm tra"}


def unmended(stage: SimpleNamespace) -> dict[str, Any]:
    """Something not in order at a site of Tô Hiệu."""
    site = stage.site.tohieu_1
    given = {"operation": stage.operation, "site": site, "path": site.path, "kind": "item", "item": "9"}
    return {"finding": Finding.objects.get_or_create(**given, defaults={"opened_at": clock.now()})[0].pk}


def place(stage: SimpleNamespace) -> dict[str, Any]:
    return {"unit": stage.unit.tohieu.path}


def a_slot(stage: SimpleNamespace) -> dict[str, Any]:
    """One that takes answers now."""
    at, day = clock.now(), dt.timedelta(days=1)
    moments = {"opens_at": at - day, "due_at": at + day, "silent_at": at + day, "closes_at": at + 2 * day}
    given = {"operation": stage.operation, "phase": "before", "remind_at": at, **moments}
    return {
        "slot": Slot.objects.get_or_create(operation=stage.operation, track="regular", defaults=given)[0].pk
    }


def unit_says(stage: SimpleNamespace) -> dict[str, Any]:
    return {**place(stage), **a_slot(stage), "answers": {"post": "ok"}, "numbers": {"strength": 3}}


def unit_form(stage: SimpleNamespace) -> dict[str, Any]:
    return {**a_slot(stage), "revision": 0, "post": "ok", "strength": 3, "idempotency_key": "mot-lan"}


def unit_said(stage: SimpleNamespace) -> dict[str, Any]:
    """Tô Hiệu has said how it stands itself."""
    slot = Slot.objects.get(pk=a_slot(stage)["slot"])
    who = {"by": stage.tohieu, "operation": stage.operation, "unit": stage.unit.tohieu}
    own.file_unit(slot=slot, answers={"post": "ok"}, numbers={}, **who)
    return {**place(stage), "slot": slot.pk}


def unit_back(stage: SimpleNamespace) -> dict[str, Any]:
    return {**unit_said(stage), "items": ["post"], "reason": "Đếm lại"}


def site(stage: SimpleNamespace) -> dict[str, Any]:
    return {"code": stage.site.tohieu_1.code}


def looked(stage: SimpleNamespace) -> dict[str, Any]:
    return {"site": stage.site.tohieu_1.code, "answers": {"9": "no"}}


def looked_at_unit(stage: SimpleNamespace) -> dict[str, Any]:
    return {"unit": stage.unit.tohieu.path, "answers": {"post": "no"}}


def looked_form(stage: SimpleNamespace) -> dict[str, Any]:
    return {"item-9": "no", "item-post": "ok"}


def asked_besides(stage: SimpleNamespace) -> dict[str, Any]:
    return {"province": "vn/14/", "name_vi": "Rào chắn", "phase": "before", "serves": "means"}


def besides(stage: SimpleNamespace) -> dict[str, Any]:
    """What Sơn La asks besides the table."""
    given = {
        "operation": stage.operation,
        "province": stage.unit.sonla,
        "path": "vn/14/",
        "name_vi": "Rào chắn",
    }
    more = {"phase": "before", "serves": "means", "added_at": clock.now()}
    return {"item": LocalItem.objects.get_or_create(**given, defaults=more)[0].pk}


def moved(stage: SimpleNamespace) -> dict[str, Any]:
    return {"act": "cancel", "due_at": "15/03/2026 06:30", "grace": 30, "reason": "Diễn tập"}


SIGNED_IN = "401  200 200 200 200  200 200 200 200  200"
PAGE = "302  200 200 200 200  200 200 200 200  200"
#                                  anon  tohieu chiengan sonla laocai  duty wall health admin  nobody
TABLE = [
    Row("api-findings", "get",       SIGNED_IN),
    Row("api-finding-close", "post", "401  403 404 200 404  200 403 403 404  404", unmended, because),
    Row("findings", "get",           PAGE),
    Row("finding-close", "post",     "302  403 404 302 404  302 403 403 404  404", unmended, because),
    Row("api-unit-reports", "get",   SIGNED_IN),
    Row("api-unit-reports", "post",  "401  201 404 201 404  201 403 403 404  404", body=unit_says),
    Row("api-unit-reports-verify", "post", "401  403 404 200 404  200 403 403 404  404", body=unit_said),
    Row("api-unit-reports-return", "post", "401  403 404 200 404  200 403 403 404  404", body=unit_back),
    Row("readiness-own", "get",      "302  200 404 200 404  200 200 200 403  404", place),
    Row("readiness-own", "post",     "302  302 404 302 404  302 403 403 403  404", place, unit_form),
    Row("readiness-own-verify", "post", "302  403 404 302 404  302 403 403 403  404", place, unit_said),
    Row("readiness-own-return", "post", "302  403 404 302 404  302 403 403 403  404", place, unit_back),
    Row("api-inspections", "get",    SIGNED_IN),
    Row("api-inspections", "post",   "401  403 404 201 404  201 403 403 404  404", body=looked, note="site"),
    Row("api-inspections", "post",   "401  403 404 201 404  201 403 403 404  404", body=looked_at_unit, note="unit"),
    Row("site-inspect", "get",       "302  403 404 200 404  200 403 403 404  404", site),
    Row("site-inspect", "post",      "302  403 404 302 404  302 403 403 404  404", site, looked_form),
    Row("unit-inspect", "get",       "302  403 404 200 404  200 403 403 403  404", place),
    Row("unit-inspect", "post",      "302  403 404 302 404  302 403 403 403  404", place, looked_form),
    Row("api-checklist", "post",     "401  404 404 403 404  403 403 403 403  404", body=asked_besides),
    Row("api-checklist-retire", "post", "401  403 403 403 404  403 403 403 404  404", besides),
    Row("checklist", "get",          "302  200 200 200 200  200 200 200 403  403"),
    Row("checklist", "post",         "302  403 403 403 403  403 403 403 403  403", body=asked_besides),
    Row("checklist-retire", "post",  "302  403 403 403 404  403 403 403 404  404", besides),
    Row("calendar", "get",           "302  200 200 200 200  200 200 200 403  403"),
    Row("calendar-plan", "post",     "302  403 403 403 403  403 403 403 403  403"),
    Row("slot-edit", "get",          "302  403 403 403 403  403 403 403 404  404", a_slot),
    Row("slot-edit", "post",         "302  403 403 403 403  403 403 403 404  404", a_slot, moved),
]  # fmt: skip
