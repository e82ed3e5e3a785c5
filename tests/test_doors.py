"""Which door opens for whom? One table; a door that is missing from it fails."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from incidents import actions
from journal import clock
from reports import exports
from reports.models import Export
from subcommittees.imports.models import Import
from subcommittees.models import Appointment
from tests import readiness_doors
from tests.doors import Given, Row, nothing, undone, walk
from tests.readiness_doors import a_slot, place
from tests.sites.readiness import doors as ready

WHO = ["anonymous", "tohieu", "chiengan", "sonla", "laocai", "duty", "wall", "health", "admin", "nobody"]


def fire(stage: SimpleNamespace) -> dict[str, Any]:
    return {"incident": stage.fire.pk}


def site(stage: SimpleNamespace) -> dict[str, Any]:
    return {"code": stage.site.tohieu_1.code}


def step(verb: str) -> Given:
    return lambda stage: {"code": stage.site.tohieu_1.code, "verb": verb}


def zone(stage: SimpleNamespace) -> dict[str, Any]:
    return {"zone_from": "2026-03-15T05:00:00+07:00", "zone_until": "2026-03-16T05:00:00+07:00"}


def a_zone(stage: SimpleNamespace) -> dict[str, Any]:
    return {"zone_from": "15/03/2026 05:00", "zone_until": "16/03/2026 05:00"}


def officer(stage: SimpleNamespace) -> dict[str, Any]:
    return {"username": stage.tohieu.username}


def a_desk(stage: SimpleNamespace) -> dict[str, Any]:
    return {"channel": "sms", "address": "0212000123"}


def act(verb: str) -> Given:
    return lambda stage: {"incident": stage.fire.pk, "verb": verb}


def appointment(stage: SimpleNamespace) -> dict[str, Any]:
    return {"appointment": Appointment.objects.get(user=stage.tohieu).pk}


def report(stage: SimpleNamespace) -> dict[str, Any]:
    return {"site": stage.site.tohieu_1.code, "category": "FIRE", "severity": 2}


def new_post(stage: SimpleNamespace) -> dict[str, Any]:
    return {"user": stage.nobody.username, "unit": stage.unit.tohieu.path, "role": "commune"}


def new_account(stage: SimpleNamespace) -> dict[str, Any]:
    return {"username": "thu.moi", "title": "Cán bộ mới", "unit": stage.unit.tohieu.path}


def some(stage: SimpleNamespace) -> dict[str, Any]:
    return {"account": [stage.tohieu.username], "act": "cards"}


def a_report(stage: SimpleNamespace) -> dict[str, Any]:
    return {**report(stage), "idempotency_key": "mot-lan"}


def a_post(stage: SimpleNamespace) -> dict[str, Any]:
    return {"unit": stage.unit.tohieu.code, "role": "commune"}


def shut(stage: SimpleNamespace) -> dict[str, Any]:
    return {"active": "0", "reason": "Chuyển công tác"}


def opened(stage: SimpleNamespace) -> dict[str, Any]:
    return {"active": "1"}


def token(stage: SimpleNamespace) -> dict[str, Any]:
    return {"act": "make_token"}


def language(stage: SimpleNamespace) -> dict[str, Any]:
    return {"language": "en"}


def listed(stage: SimpleNamespace) -> dict[str, Any]:
    return {"listing": "sites"}


def exported(stage: SimpleNamespace) -> dict[str, Any]:
    """A file that was made for the duty officer of Sơn La."""
    made, _ = exports.asked(
        user=stage.sonla,
        operation=stage.operation,
        listing="sites",
        filters={},
        language="vi",
        file_name="x.xlsx",
        total=4,
    )
    Export.objects.filter(pk=made.pk).update(state="ready")
    return {"token": made.token}


def kind(code: str) -> Given:
    return lambda _stage: {"kind": code}


def brought(code: str, *, page: bool = False) -> Given:
    """A file that the duty officer of Sơn La has sent; since then the right to it may have gone."""

    def args(stage: SimpleNamespace) -> dict[str, Any]:
        at = clock.now()
        given = {
            "operation": stage.operation,
            "by": stage.sonla,
            "path": "vn/14/",
            "created_at": at,
            "beat_at": at,
        }
        job = Import.objects.create(kind=code, file_name="x.csv", state="checked", **given)
        return {"job": job.pk, **({"kind": code} if page else {})}

    return args


def because(stage: SimpleNamespace) -> dict[str, Any]:
    return {"reason": "Đã kiểm tra"}


def text(stage: SimpleNamespace) -> dict[str, Any]:
    return {"text": "Đã cử tổ công tác"}


def graver(stage: SimpleNamespace) -> dict[str, Any]:
    return {"severity": 3}


def lighter(stage: SimpleNamespace) -> dict[str, Any]:
    return {"severity": 1, "reason": "Đã kiểm tra"}


def acts(name: str, verb: str, said: str, body: Given = nothing) -> Row:
    return Row(name, "post", said, act(verb), body, note=verb)


SIGNED_IN = "401  200 200 200 200  200 200 200 200  200"
PAGE = "302  200 200 200 200  200 200 200 200  200"
#                                  anon  tohieu chiengan sonla laocai  duty wall health admin  nobody
TABLE = [
    *readiness_doors.TABLE,
    Row("healthz", "get",            "200  200 200 200 200  200 200 200 200  200"),
    Row("readyz", "get",             "200  200 200 200 200  200 200 200 200  200"),
    Row("api-incidents", "get",      SIGNED_IN),
    Row("api-incidents", "post",     "401  201 404 201 404  201 403 403 404  404", body=report),
    Row("api-incident", "get",       "401  200 404 200 404  200 200 404 404  404", fire),
    Row("api-timeline", "get",       "401  200 404 200 404  200 200 404 404  404", fire),
    acts("api-act", "acknowledge",   "401  403 404 200 404  200 403 404 404  404"),
    acts("api-act", "verify",        "401  403 404 409 404  409 403 404 404  404"),
    acts("api-act", "respond",       "401  409 404 409 404  409 403 404 404  404"),
    acts("api-act", "resolve",       "401  409 404 409 404  409 403 404 404  404"),
    acts("api-act", "close",         "401  403 404 409 404  409 403 404 404  404", because),
    acts("api-act", "false_alarm",   "401  403 404 200 404  200 403 404 404  404", because),
    acts("api-act", "reopen",        "401  403 404 409 404  409 403 404 404  404", because),
    acts("api-act", "raise",         "401  200 404 200 404  200 403 404 404  404", graver),
    acts("api-act", "lower",         "401  403 404 200 404  200 403 404 404  404", lighter),
    acts("api-act", "note",          "401  200 404 200 404  200 403 404 404  404", text),
    Row("api-sites", "get",          SIGNED_IN),
    Row("api-site-act", "post",      "401  403 404 200 404  200 403 403 404  404", step("protect"), zone),
    Row("api-site", "get",           "401  200 404 200 404  200 200 200 404  404", site),
    Row("api-readiness", "get",      SIGNED_IN),
    Row("api-readiness", "post",     "401  201 404 201 404  201 403 403 404  404", body=ready.readiness),
    Row("api-readiness-history", "get", "401  200 404 200 404  200 200 200 403  404", query=place),
    Row("api-readiness-items", "get", "401  200 404 200 404  200 200 200 403  404", query=place),
    Row("api-readiness-urge", "post", "401  403 404 200 404  200 403 403 403  404", body=place),
    Row("api-readiness-verify", "post", "401  403 404 200 404  200 403 403 404  404", body=ready.confirmed),
    Row("api-readiness-return", "post", "401  403 404 201 404  201 403 403 404  404", body=ready.sent_back),
    Row("api-slots", "get",          SIGNED_IN),
    Row("api-slots", "post",         "401  403 403 403 403  403 403 403 403  403"),
    Row("api-slot-edit", "post",     "401  403 403 403 403  403 403 403 404  404", ready.slot, because),
    Row("api-checklist", "get",      SIGNED_IN),
    Row("api-units", "get",          SIGNED_IN),
    Row("api-operations", "get",     SIGNED_IN),
    Row("api-me", "get",             SIGNED_IN),
    Row("api-appointments", "get",   SIGNED_IN),
    Row("api-appointments", "post",  "401  404 404 404 404  404 404 404 201  404", body=new_post),
    Row("api-relieve", "post",       "401  403 404 403 404  403 403 404 200  404", appointment),
    Row("api-accounts", "post",      "401  403 404 403 404  403 403 403 201  404", body=new_account),
    Row("api-reset", "post",         "401  403 404 403 404  403 403 404 200  404", officer),
    Row("api-disable", "post",       "401  403 404 403 404  403 403 404 200  404", officer),
    Row("api-enable", "post",        "401  403 404 403 404  403 403 404 200  404", officer),
    Row("api-journal", "get",        SIGNED_IN),
    Row("api-notices", "get",        SIGNED_IN),
    Row("api-notices", "post",       SIGNED_IN),
    Row("api-picture", "get",        "401  200 404 200 404  200 200 200 403  404", query=place),
    Row("api-search", "get",         SIGNED_IN),
    Row("api-export", "get",         "401  200 200 200 200  200 403 200 200  403", listed),
    Row("api-export-file", "get",    "401  404 404 200 404  404 404 404 404  404", exported),
    Row("api-export-download", "get", "401  404 404 200 404  404 404 404 404  404", exported),
    Row("api-tables", "get",         SIGNED_IN),
    Row("api-schema", "get",         SIGNED_IN),
    Row("api-docs", "get",           SIGNED_IN),
    Row("account_login", "get",      "200  302 302 302 302  302 302 302 302  302"),
    Row("account_login", "post",     "200  302 302 302 302  302 302 302 302  302"),
    Row("account_logout", "get",     "302  200 200 200 200  200 200 200 200  200"),
    Row("account_logout", "post",    "302  302 302 302 302  302 302 302 302  302"),
    Row("account_change_password", "get", PAGE),
    Row("set_language", "post",      "302  302 302 302 302  302 302 302 302  302", body=language),
    Row("live", "get",               "426  426 426 426 426  426 426 426 426  426"),
    Row("home", "get",               "302  302 302 302 302  302 302 302 302  302"),
    Row("desk", "get",               "302  200 404 200 404  200 200 200 403  404", place),
    Row("incidents", "get",          PAGE),
    Row("incident", "get",           "302  200 404 200 404  200 200 404 404  404", fire),
    acts("incident-act", "acknowledge", "302  403 404 302 404  302 403 404 404  404"),
    acts("incident-act", "verify",   "302  403 404 409 404  409 403 404 404  404"),
    acts("incident-act", "respond",  "302  409 404 409 404  409 403 404 404  404"),
    acts("incident-act", "resolve",  "302  409 404 409 404  409 403 404 404  404"),
    acts("incident-act", "close",    "302  403 404 409 404  409 403 404 404  404", because),
    acts("incident-act", "false_alarm", "302  403 404 302 404  302 403 404 404  404", because),
    acts("incident-act", "reopen",   "302  403 404 409 404  409 403 404 404  404", because),
    acts("incident-act", "raise",    "302  302 404 302 404  302 403 404 404  404", graver),
    acts("incident-act", "lower",    "302  403 404 302 404  302 403 404 404  404", lighter),
    acts("incident-act", "note",     "302  302 404 302 404  302 403 404 404  404", text),
    Row("report", "get",             "302  200 200 200 200  200 403 403 403  403"),
    Row("report", "post",            "302  302 400 302 400  302 403 403 403  403", body=a_report),
    Row("similar", "get",            PAGE, query=report),
    Row("sites", "get",              PAGE),
    Row("site-act", "post",          "302  403 404 302 404  302 403 403 404  404", step("protect"), a_zone),
    Row("site", "get",               "302  200 404 200 404  200 200 200 404  404", site),
    Row("readiness", "get",          "302  302 302 302 302  302 302 302 302  302"),
    Row("readiness-board", "get",    "302  200 404 200 404  200 200 200 403  404", place),
    Row("readiness-urge", "post",    "302  403 404 302 404  302 403 403 403  404", place),
    Row("readiness-verify", "post",  "302  403 404 302 404  302 403 403 403  404", place),
    Row("readiness-return", "post",  "302  403 404 302 404  302 403 403 403  404", place),
    Row("readiness-why", "get",      "302  200 404 200 404  200 200 200 403  404", place),
    Row("standing", "get",           PAGE),
    Row("readiness-grid", "get",     "302  200 404 200 404  200 200 200 403  404", place, query=a_slot),
    Row("readiness-grid-state", "get", "302  200 404 200 404  200 200 200 403  404", place, query=a_slot),
    Row("readiness-grid-save", "post", "302  302 404 302 404  302 403 403 403  404", place, a_slot),
    Row("readiness-grid-file", "post", "302  302 404 302 404  302 302 302 403  404", place, a_slot),
    Row("readiness-grid-sheet", "get", "302  200 404 200 404  200 403 200 403  404", place, query=a_slot),
    Row("readiness-grid-sheet", "post", "302  400 404 400 404  400 403 403 403  404", place, a_slot),
    Row("units", "get",              PAGE),
    Row("unit", "get",               "302  200 404 200 404  200 200 200 200  404", place),
    Row("people", "get",             PAGE),
    Row("new-account", "get",        "302  403 403 403 403  403 403 403 200  403"),
    Row("new-account", "post",       "302  403 403 403 403  403 403 403 400  403"),
    Row("chosen", "post",            "302  403 403 403 403  403 403 403 200  403", body=some),
    Row("person", "get",             "302  200 404 200 404  200 200 404 200  404", officer),
    Row("grant", "post",             "302  403 404 403 404  403 403 404 302  404", officer, a_post),
    Row("address", "post",           "302  302 404 403 404  403 403 404 302  404", officer, a_desk),
    Row("view-as", "post",           "302  403 404 403 404  302 403 404 403  404", officer),
    Row("view-end", "post",          "302  302 302 302 302  302 302 302 302  302"),
    Row("preview", "post",           "302  403 404 403 404  403 403 404 200  404", officer, a_post),
    Row("relieve", "get",            "302  403 404 403 404  403 403 404 200  404", appointment),
    Row("relieve", "post",           "302  403 404 403 404  403 403 404 302  404", appointment, because),
    Row("disable", "post",           "302  403 404 403 404  403 403 404 302  404", officer, shut, note="shut"),
    Row("disable", "post",           "302  403 404 403 404  403 403 404 302  404", officer, opened, note="open"),
    Row("account", "get",            PAGE),
    Row("account", "post",           PAGE, body=token),
    Row("notices", "get",            PAGE),
    Row("notices", "post",           "302  302 302 302 302  302 302 302 302  302"),
    Row("journal", "get",            PAGE),
    Row("export", "get",             "302  200 200 200 200  200 403 200 200  403", listed),
    Row("export", "post",            "302  302 302 302 302  302 403 302 302  403", listed),
    Row("export-file", "get",        "302  404 404 200 404  404 404 404 404  404", exported),
    Row("export-download", "get",    "302  404 404 200 404  404 404 404 404  404", exported),
    Row("imports", "get",            PAGE),
    Row("import-new", "post",        "302  403 403 403 403  403 403 403 403  403", kind("sites"), note="sites"),
    Row("import-new", "post",        "302  403 403 403 403  403 403 403 400  403", kind("accounts"), note="accounts"),
    Row("import", "get",             "302  404 404 200 404  404 404 404 404  404", brought("sites", page=True)),
    Row("import-columns", "post",    "302  404 404 403 404  404 404 404 404  404", brought("sites", page=True)),
    Row("import-start", "post",      "302  404 404 403 404  404 404 404 404  404", brought("sites", page=True)),
    Row("import-cancel", "post",     "302  404 404 302 404  404 404 404 404  404", brought("sites", page=True)),
    Row("import-bad", "get",         "302  404 404 200 404  404 404 404 404  404", brought("sites", page=True)),
    Row("api-units-import", "post",    "401  403 403 403 403  403 403 403 403  403"),
    Row("api-sites-import", "post",    "401  403 403 403 403  403 403 403 403  403"),
    Row("api-accounts-import", "post", "401  403 403 403 403  403 403 403 415  403"),
    *(
        row
        for one in ("units", "sites", "accounts")
        for row in (
            Row(f"api-{one}-import-one", "get",     "401  404 404 200 404  404 404 404 404  404", brought(one)),
            Row(f"api-{one}-import-cancel", "post", "401  404 404 202 404  404 404 404 404  404", brought(one)),
            Row(f"api-{one}-import-bad", "get",     "401  404 404 200 404  404 404 404 404  404", brought(one)),
        )
    ),
    Row("style", "get",              PAGE),
]  # fmt: skip


@pytest.fixture
def stage(cast):
    cast.fire = actions.report(
        by=cast.tohieu, operation=cast.operation, site=cast.site.tohieu_1, category="FIRE", severity=2
    )
    return cast


@pytest.fixture
def knock(stage, api):
    """Ask for a row's door as one of the cast; nothing of it remains."""

    def ask(row: Row, who: str) -> int:
        user = stage.officers.get(who)
        address = reverse(row.name, kwargs=row.args(stage))
        body = row.query(stage) if row.method == "get" else row.body(stage)
        with undone():
            if row.name.startswith("api-"):
                more = {} if row.method == "get" else {"format": "json"}
                return getattr(api(user), row.method)(address, body, **more).status_code
            client = Client(raise_request_exception=False)
            if user:
                client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            return getattr(client, row.method)(address, body).status_code

    return ask


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_a_door_opens_for_whom_the_table_says(row, knock):
    said = [knock(row, who) for who in WHO]
    assert dict(zip(WHO, said, strict=True)) == dict(zip(WHO, map(int, row.said.split()), strict=True))


def test_every_door_stands_in_the_table():
    assert {door.name for door in walk(get_resolver())} == {row.name for row in TABLE}


METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.mark.parametrize("name", sorted({row.name for row in TABLE if row.name.startswith("api-")}))
def test_a_door_answers_to_its_methods_only(name, stage, api):
    known = {row.method for row in TABLE if row.name == name}
    row = next(row for row in TABLE if row.name == name)
    client = api(stage.duty)
    for method in sorted(METHODS - known):
        answer = getattr(client, method)(reverse(name, kwargs=row.args(stage)), {}, format="json")
        assert (method, answer.status_code, answer.data["code"]) == (method, 405, "method_not_allowed")
    sneaky = client.get(reverse(name, kwargs=row.args(stage)), headers={"X-HTTP-Method-Override": "DELETE"})
    assert sneaky.status_code in ({200, 404} if "get" in known else {405})
