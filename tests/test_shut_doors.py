"""Which doors are not there, and for whom does the socket open?"""

import pytest
from django.test import Client

from command_center.live.socket import Live
from tests import cast as players
from tests.test_doors import WHO

SOCKET = "4401  0 4403 0 4403  0 0 0 0  4403"  # who sees no incident gets a socket without numbers


@pytest.mark.parametrize("slug", [None, "dien-tap"])
def test_the_socket_opens_for_whom_the_page_does(slug, cast):
    """Asked of the socket as it asks itself before its first frame; the journeys go through the wire."""
    said = []
    for who in WHO:
        socket = Live()
        user = cast.officers.get(who)
        token = f"Token {players.token(user)}".encode() if user else b"Token x"
        socket.scope = {"headers": [(b"authorization", token)], "url_route": {"kwargs": {"slug": slug}}}
        socket.query = {"unit": cast.unit.tohieu.path}
        said.append(socket._open())
    assert said == [int(code) for code in SOCKET.split()]


CLOSED = [
    "accounts/signup/", "accounts/email/", "accounts/confirm-email/", "accounts/confirm-email/x/",
    "accounts/password/reset/", "accounts/password/reset/done/", "accounts/password/reset/key/1-x/",
    "accounts/password/set/", "accounts/inactive/", "accounts/reauthenticate/", "accounts/login/code/confirm/",
    "accounts/social/signup/", "accounts/social/connections/", "accounts/2fa/", "accounts/3rdparty/",
    "accounts/", "admin/", "admin/login/", "api/", "api/auth/", "api/token/", "api-auth/login/", "api/users/",
    "_allauth/browser/v1/config", "media/x", "op/", "op/khong-co/", "op/bau-cu/op/bau-cu/", ".git/HEAD", ".env",
]  # fmt: skip


@pytest.mark.parametrize("address", CLOSED)
def test_a_door_that_is_not_ours_is_not_there(address, cast):
    client = Client(raise_request_exception=False)
    assert client.get(f"/{address}").status_code == 404
    client.force_login(cast.duty, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/{address}").status_code == 404
    assert client.post(f"/{address}", {"username": "x", "email": "x@example.org"}).status_code in {403, 404}
