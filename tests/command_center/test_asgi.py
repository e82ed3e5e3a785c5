"""Does a request reach a thread only when it is whole, and only with the headers that a proxy of ours wrote?"""

import asyncio
import socket
from io import BytesIO
from typing import Any
from unittest.mock import Mock

import pytest
from a2wsgi.wsgi import build_environ
from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from command_center import asgi, middleware


class Line:
    """A connection: what comes in, message by message and then nothing; and what goes out."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self.coming, self.sent = list(messages), []

    async def receive(self) -> dict[str, Any]:
        if not self.coming:
            await asyncio.sleep(3600)
        return self.coming.pop(0)

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)


def part(body: bytes, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, Any], bytes]]:
    """What came to a thread."""
    found = []

    async def threads(scope: dict[str, Any], body: bytes, send: Any) -> None:
        found.append((scope, body))

    monkeypatch.setattr(asgi, "threads", threads)
    return found


async def test_a_body_is_handed_on_whole(handed):
    line = Line(part(b"a"), part(b"b"), part(b"c", more=False))
    await asgi.http({"type": "http", "headers": []}, line.receive, line.send)
    assert [body for _scope, body in handed] == [b"abc"]


async def test_who_never_finishes_gets_no_thread(handed, monkeypatch):
    monkeypatch.setattr(asgi, "BODY_WITHIN_S", 0.05)
    line = Line(part(b"a"))
    await asgi.http({"type": "http", "headers": []}, line.receive, line.send)
    assert handed == []
    assert line.sent[0]["status"] == 408


async def test_who_leaves_gets_no_thread(handed):
    line = Line(part(b"a"), {"type": "http.disconnect"})
    await asgi.http({"type": "http", "headers": []}, line.receive, line.send)
    assert (handed, line.sent) == ([], [])


async def test_of_an_endless_body_only_the_beginning_is_taken(handed):
    chunk = b"x" * 65_536
    line = Line(*[part(chunk)] * 100)
    await asgi.http({"type": "http", "headers": []}, line.receive, line.send)
    [(_scope, body)] = handed
    assert (
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE < len(body) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE + len(chunk)
    )


async def test_a_header_with_another_spelling_does_not_pass_for_the_proxys(handed):
    """Or whoever guesses passwords would come from another network each time."""
    headers = [
        (b"x_forwarded_for", b"10.9.9.9"),
        (b"x-forwarded-for", b"10.0.0.1"),
        (b"X_Forwarded_For", b"10.8.8.8"),
    ]
    line = Line(part(b"", more=False))
    scope = {
        "type": "http", "headers": headers, "path": "/", "method": "GET", "query_string": b"", "http_version": "1.1"
    }  # fmt: skip
    await asgi.http(scope, line.receive, line.send)
    [(seen, _body)] = handed
    assert build_environ(seen, None)["HTTP_X_FORWARDED_FOR"] == "10.0.0.1"


@pytest.mark.django_db
def test_what_is_no_file_comes_back_from_the_thread_whole(monkeypatch):
    def pages(environ: Any, begin: Any) -> HttpResponse:
        begin("201 Created", [("Content-Type", "text/plain")])
        return HttpResponse(environ["wsgi.input"].read())

    monkeypatch.setattr(asgi, "pages", pages)
    put: list[dict[str, Any]] = []
    start, body = asgi._answer({"wsgi.input": BytesIO(b"abc")}, put.append)
    assert (start["status"], start["headers"]) == (201, [(b"content-type", b"text/plain")])
    assert (body["body"], put) == (b"abc", [])


@pytest.mark.django_db
def test_a_file_goes_piece_by_piece_and_is_closed(monkeypatch):
    def pages(environ: Any, begin: Any) -> StreamingHttpResponse:
        begin("200 OK", [])
        return file

    file = StreamingHttpResponse([b"a", b"b"])
    monkeypatch.setattr(asgi, "pages", pages)
    put: list[dict[str, Any]] = []
    assert asgi._answer({}, put.append) == [{"type": "http.response.body"}]
    assert [one.get("body") for one in put] == [None, b"a", b"b"]
    assert file.closed


@pytest.mark.parametrize("hung_up", [False, True])
def test_only_a_connection_that_was_hung_up_on_is_asked_whether_it_lives(hung_up, monkeypatch):
    """What the server closes has something to read: its end."""
    here, there = socket.socketpair()
    kept = Mock(connection=Mock(closed=0, fileno=here.fileno), health_check_done=False)
    monkeypatch.setattr(middleware, "connection", kept)
    with here, there:
        if hung_up:
            there.close()
        middleware.connection_alive(lambda _request: HttpResponse())(HttpRequest())
    assert kept.health_check_done is not hung_up
