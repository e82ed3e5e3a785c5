"""Does a request reach a thread only when it is whole, and only with the headers that a proxy of ours wrote?"""

import asyncio
from typing import Any

import pytest
from a2wsgi.wsgi import build_environ
from django.conf import settings

from command_center import asgi


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
