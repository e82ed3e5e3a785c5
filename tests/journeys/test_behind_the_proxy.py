"""Does SECURE=1 hold behind the TLS proxy: cookies, HSTS, origins, and the address that a lockout counts by?"""

import http.client
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
import websockets
from asgiref.sync import sync_to_async
from django.contrib.auth.hashers import Argon2PasswordHasher

from subcommittees.models import SignInFailure, User
from tests import cast as players
from tests.journeys.stage import Stage
from tests.journeys.test_sockets import closing, frame, session

SITE = "chihuy.example"
LOGIN = "/accounts/login/"
PROXY = {"Host": SITE, "X-Forwarded-Proto": "https", "X-Forwarded-For": "10.14.3.7"}


class Behind(Stage):
    """The product as docker-compose.yml starts it; the tests speak as its proxy does."""

    def environment(self) -> dict[str, str]:
        more = {"SECURE": "1", "ALLOWED_HOSTS": f"{SITE},127.0.0.1", "TRUSTED_ORIGINS": f"https://{SITE}"}
        return {**super().environment(), **more}

    def command(self, name: str) -> list[str]:
        more = ["--no-proxy-headers"] if name == "web" else []
        return [*super().command(name), *more]


@pytest.fixture
def behind(committed: SimpleNamespace) -> Iterator[Behind]:
    argon = Argon2PasswordHasher()  # the tests' own fast hasher is none of production's
    hashed = argon.encode(players.PASSWORD, argon.salt())
    User.objects.filter(pk=committed.sonla.pk).update(password=hashed)
    committed.sonla.refresh_from_db()
    stage = Behind()
    try:
        stage.start("redis", "web")
        yield stage
    finally:
        stage.stop()


def ask(stage: Stage, method: str, path: str, body: str = "", **headers: Any) -> http.client.HTTPResponse:
    link = http.client.HTTPConnection("127.0.0.1", stage.ports["web"], timeout=20)
    given = {**PROXY, **{name.replace("_", "-"): value for name, value in headers.items()}}
    if body:
        given["Content-Type"] = "application/x-www-form-urlencoded"
    link.request(method, path, body, given)
    answer = link.getresponse()
    answer.text = answer.read().decode()  # type: ignore[attr-defined]
    link.close()
    return answer


def sign_in(stage: Stage, account: str, password: str, **headers: Any) -> http.client.HTTPResponse:
    page: Any = ask(stage, "GET", LOGIN)
    cookie = page.headers["Set-Cookie"].split(";")[0]
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[0]
    form = urlencode({"login": account, "password": password, "csrfmiddlewaretoken": token})
    return ask(stage, "POST", LOGIN, form, Cookie=cookie, Origin=f"https://{SITE}", **headers)


def test_cookies_are_the_hosts_own_and_the_browser_is_told_to_stay_with_tls(behind, committed):
    answer = sign_in(behind, committed.sonla.username, players.PASSWORD)
    assert answer.status == 302
    cookies = {one.split("=")[0]: one.lower() for one in answer.headers.get_all("Set-Cookie")}
    assert {"__Host-baucu", "__Host-csrf"} <= set(cookies)
    for name in ("__Host-baucu", "__Host-csrf"):
        assert "; secure" in cookies[name]
        assert "; path=/" in cookies[name]
        assert "; httponly" in cookies[name]
        assert "domain=" not in cookies[name], "a browser throws such a __Host- cookie away"
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    cookie = answer.headers.get_all("Set-Cookie")
    own = "; ".join(one.split(";")[0] for one in cookie)
    assert ask(behind, "GET", "/account/", Cookie=own).status == 200


def test_a_form_from_elsewhere_or_without_tls_is_refused(behind, committed):
    wrong = sign_in(behind, committed.sonla.username, players.PASSWORD, Host="khac.example")
    assert wrong.status == 400
    page: Any = ask(behind, "GET", LOGIN)
    cookie = page.headers["Set-Cookie"].split(";")[0]
    form = urlencode({"login": "x", "password": "x", "csrfmiddlewaretoken": "x" * 64})
    assert ask(behind, "POST", LOGIN, form, Cookie=cookie, Origin="https://khac.example").status == 403
    plain = ask(behind, "GET", LOGIN, X_Forwarded_Proto="http")
    assert plain.headers["Strict-Transport-Security"] is None


def test_the_lockout_counts_by_the_address_that_the_proxy_says(behind, committed):
    """A client that sends the header itself, doubled or under another spelling, does not choose its network."""
    for claim in range(6):
        more = {"X_Forwarded_For": f"203.0.113.{claim * 40}, 10.14.3.7", "Forwarded": f"for=198.51.{claim}.1"}
        answer: Any = sign_in(behind, committed.sonla.username, "sai", **more)
        assert answer.status == 200
    assert list(SignInFailure.objects.values_list("network", flat=True)) == ["10.14.3.0/24"]
    paused = sign_in(behind, committed.sonla.username, players.PASSWORD)
    assert paused.status == 200, "paused here"
    elsewhere = sign_in(behind, committed.sonla.username, players.PASSWORD, X_Forwarded_For="10.15.3.7")
    assert elsewhere.status == 302, "and nowhere else"


def test_a_name_with_an_underscore_is_no_second_header(behind, committed):
    link = http.client.HTTPConnection("127.0.0.1", behind.ports["web"], timeout=20)
    link.putrequest("GET", LOGIN, skip_host=True)
    for name, value in {**PROXY, "X_Forwarded_Proto": "http", "X_Forwarded_For": "203.0.113.9"}.items():
        link.putheader(name, value)
    link.endheaders()
    answer = link.getresponse()
    answer.read()
    link.close()
    assert (answer.status, "max-age" in answer.headers["Strict-Transport-Security"]) == (200, True)


async def test_a_socket_comes_in_with_the_cookie_and_our_own_origin(behind, committed):
    url = f"ws://127.0.0.1:{behind.ports['web']}/ws/live/"
    cookie = f"__Host-baucu={await sync_to_async(session)(committed.sonla)}"
    more = {"X-Forwarded-Proto": "https", "Cookie": cookie, "Host": SITE}
    async with websockets.connect(url, additional_headers=more, origin=f"https://{SITE}") as socket:
        assert (await frame(socket, "hello"))["heartbeat_s"] == 5
    with pytest.raises(websockets.InvalidStatus):
        async with websockets.connect(url, additional_headers=more, origin="https://khac.example") as socket:
            await closing(socket)
