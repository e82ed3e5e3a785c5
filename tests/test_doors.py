"""Which door opens for whom? One table; a door that is missing from it fails."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from incidents import actions
from subcommittees.models import Appointment
from tests.doors import undone, walk

WHO = ["anonymous", "tohieu", "chiengan", "sonla", "laocai", "duty", "wall", "health", "admin", "nobody"]
Given = Callable[[SimpleNamespace], dict[str, Any]]


def nothing(stage: SimpleNamespace) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Row:
    """A door, its method and the status each of WHO gets, for something that belongs to phường Tô Hiệu."""

    name: str
    method: str
    said: str
    args: Given = nothing
    body: Given = nothing
    query: Given = nothing
    note: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.method} {self.name} {self.note}".strip()


def fire(stage: SimpleNamespace) -> dict[str, Any]:
    return {"incident": stage.fire.pk}


def site(stage: SimpleNamespace) -> dict[str, Any]:
    return {"code": stage.site.tohieu_1.code}


def officer(stage: SimpleNamespace) -> dict[str, Any]:
    return {"username": stage.tohieu.username}


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


def here(stage: SimpleNamespace) -> dict[str, Any]:
    return {"unit": stage.unit.tohieu.path}


def because(stage: SimpleNamespace) -> dict[str, Any]:
    return {"reason": "Đã kiểm tra"}


def text(stage: SimpleNamespace) -> dict[str, Any]:
    return {"text": "Đã cử tổ công tác"}


def graver(stage: SimpleNamespace) -> dict[str, Any]:
    return {"severity": 3}


def lighter(stage: SimpleNamespace) -> dict[str, Any]:
    return {"severity": 1, "reason": "Đã kiểm tra"}


SIGNED_IN = "401  200 200 200 200  200 200 200 200  200"
#                                  anon  tohieu chiengan sonla laocai  duty wall health admin  nobody
TABLE = [
    Row("healthz", "get",            "200  200 200 200 200  200 200 200 200  200"),
    Row("readyz", "get",             "200  200 200 200 200  200 200 200 200  200"),
    Row("api-incidents", "get",      SIGNED_IN),
    Row("api-incidents", "post",     "401  201 404 201 404  201 403 403 404  404", body=report),
    Row("api-incident", "get",       "401  200 404 200 404  200 200 404 404  404", fire),
    Row("api-timeline", "get",       "401  200 404 200 404  200 200 404 404  404", fire),
    Row("api-act", "post",           "401  403 404 200 404  200 403 404 404  404", act("acknowledge"), note="acknowledge"),
    Row("api-act", "post",           "401  403 404 409 404  409 403 404 404  404", act("verify"), note="verify"),
    Row("api-act", "post",           "401  409 404 409 404  409 403 404 404  404", act("respond"), note="respond"),
    Row("api-act", "post",           "401  409 404 409 404  409 403 404 404  404", act("resolve"), note="resolve"),
    Row("api-act", "post",           "401  403 404 409 404  409 403 404 404  404", act("close"), because, note="close"),
    Row("api-act", "post",           "401  403 404 200 404  200 403 404 404  404", act("false_alarm"), because, note="false_alarm"),
    Row("api-act", "post",           "401  403 404 409 404  409 403 404 404  404", act("reopen"), because, note="reopen"),
    Row("api-act", "post",           "401  200 404 200 404  200 403 404 404  404", act("raise"), graver, note="raise"),
    Row("api-act", "post",           "401  403 404 200 404  200 403 404 404  404", act("lower"), lighter, note="lower"),
    Row("api-act", "post",           "401  200 404 200 404  200 403 404 404  404", act("note"), text, note="note"),
    Row("api-sites", "get",          SIGNED_IN),
    Row("api-site", "get",           "401  200 404 200 404  200 200 200 404  404", site),
    Row("api-units", "get",          SIGNED_IN),
    Row("api-operations", "get",     SIGNED_IN),
    Row("api-me", "get",             SIGNED_IN),
    Row("api-appointments", "get",   SIGNED_IN),
    Row("api-appointments", "post",  "401  404 404 404 404  404 404 404 201  404", body=new_post),
    Row("api-relieve", "post",       "401  403 404 403 404  403 403 404 200  404", appointment),
    Row("api-accounts", "post",      "401  403 404 403 404  403 403 403 201  404", body=new_account),
    Row("api-disable", "post",       "401  403 404 403 404  403 403 404 200  404", officer),
    Row("api-enable", "post",        "401  403 404 403 404  403 403 404 200  404", officer),
    Row("api-journal", "get",        SIGNED_IN),
    Row("api-picture", "get",        "401  200 404 200 404  200 200 200 200  404", query=here),
    Row("api-tables", "get",         SIGNED_IN),
    Row("api-schema", "get",         SIGNED_IN),
    Row("api-docs", "get",           SIGNED_IN),
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


CLOSED = [
    "accounts/signup/", "accounts/email/", "accounts/confirm-email/", "accounts/confirm-email/x/",
    "accounts/password/reset/", "accounts/password/reset/done/", "accounts/password/reset/key/1-x/",
    "accounts/password/set/", "accounts/inactive/", "accounts/reauthenticate/", "accounts/login/code/confirm/",
    "accounts/social/signup/", "accounts/social/connections/", "accounts/2fa/", "accounts/3rdparty/",
    "accounts/", "admin/", "admin/login/", "api/", "api/auth/", "api/token/", "api-auth/login/", "api/users/",
    "_allauth/browser/v1/config", "media/x", "op/", "op/khong-co/", "op/bau-cu/op/bau-cu/", ".git/HEAD", ".env",
]  # fmt: skip


@pytest.mark.parametrize("address", CLOSED)
def test_a_door_that_is_not_ours_is_not_there(address, stage):
    client = Client(raise_request_exception=False)
    assert client.get(f"/{address}").status_code == 404
    client.force_login(stage.duty, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/{address}").status_code == 404
    assert client.post(f"/{address}", {"username": "x", "email": "x@example.org"}).status_code in {403, 404}


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
