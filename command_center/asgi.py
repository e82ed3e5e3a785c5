"""How do requests and sockets come in?"""

import asyncio
import gc
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from io import BytesIO
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "command_center.settings")

from django.core.wsgi import get_wsgi_application

pages = get_wsgi_application()

from a2wsgi.wsgi import build_environ
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import re_path

from command_center import gate, urls  # noqa: F401 - the doors, before the first who knocks
from command_center.live.hub import hub
from command_center.live.socket import Live

BODY_WITHIN_S = 30
FILE_WITHIN_S = 120
sockets = URLRouter([re_path(r"^(?:op/(?P<slug>[-\w]+)/)?ws/live/$", Live.as_asgi())])


async def unknown_socket(asgi: dict[str, Any], receive: Any, send: Any) -> None:
    """An address where no socket is: refuse the handshake."""
    try:
        await sockets(asgi, receive, send)
    except ValueError:
        await send({"type": "websocket.close"})


async def lifespan(asgi: dict[str, Any], receive: Any, send: Any) -> None:
    """The tail runs from the start, so that its lag is known before the first socket opens."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            # All that stays until the end is looked through once and never again: that took 75 ms of some request.
            gc.collect()
            gc.freeze()
            hub.start()
        elif message["type"] == "lifespan.shutdown":
            await hub.stop()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def http(asgi: dict[str, Any], receive: Any, send: Any) -> None:
    """A request that has come whole: a thread for it before that would wait for whoever sends slowly, or never.

    Of a body that is too long only so much is taken that the door sees it and says so.
    """
    known = any(name in {b"cookie", b"authorization"} for name, _value in asgi["headers"])
    most = gate.most(asgi.get("path", ""), known=known)
    large = most > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    parts, length, more = [], 0, True
    try:
        async with asyncio.timeout(FILE_WITHIN_S if large else BODY_WITHIN_S):
            while more and length <= most:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                parts.append(message.get("body", b""))
                length, more = length + len(parts[-1]), message.get("more_body", False)
    except TimeoutError:
        await send({"type": "http.response.start", "status": 408, "headers": [(b"connection", b"close")]})
        await send({"type": "http.response.body"})
        return

    # WSGI makes one name of X-Forwarded-For and X_Forwarded_For, and only the first is written by our proxy.
    headers = [(name, value) for name, value in asgi["headers"] if b"_" not in name]
    await threads({**asgi, "headers": headers}, b"".join(parts), send)


# Pages and API are synchronous Django on a bounded pool of threads that keep their database connections: a new
# thread and connection for each request, which Django's own ASGI handler needs, costs more than most requests.
pool = ThreadPoolExecutor(settings.WEB_THREADS, "pages")


async def threads(asgi: dict[str, Any], body: bytes, send: Any) -> None:
    """One hop to a thread and one back. Only a file goes piece by piece, at the pace at which it is taken."""
    loop = asyncio.get_running_loop()
    environ = build_environ(cast(Any, asgi), cast(Any, BytesIO(body)))

    def put(message: dict[str, Any]) -> None:
        asyncio.run_coroutine_threadsafe(send(message), loop).result()

    for message in await loop.run_in_executor(pool, copy_context().run, _answer, environ, put):
        await send(message)


def _answer(environ: Any, put: Callable[[dict[str, Any]], None]) -> list[dict[str, Any]]:
    """What is left to send when the thread is done: of a file its end, of all else everything."""
    start: dict[str, Any] = {"type": "http.response.start"}

    def begin(status: str, headers: list[tuple[str, str]], _error: Any = None) -> None:
        start["status"] = int(status.split(" ", 1)[0])
        start["headers"] = [(name.lower().encode("latin1"), text.encode("latin1")) for name, text in headers]

    response: Any = pages(environ, cast(Any, begin))
    try:
        if not getattr(response, "streaming", True):
            return [start, {"type": "http.response.body", "body": b"".join(response)}]
        put(start)
        for piece in response:
            put({"type": "http.response.body", "body": piece, "more_body": True})
        return [{"type": "http.response.body"}]
    finally:
        response.close()


application = ProtocolTypeRouter({"http": http, "websocket": unknown_socket, "lifespan": lifespan})
