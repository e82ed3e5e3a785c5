"""How do requests and sockets come in?"""

import asyncio
import os
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "command_center.settings")

from django.core.wsgi import get_wsgi_application

pages = get_wsgi_application()

from a2wsgi import WSGIMiddleware
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import re_path

from command_center import gate
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

    async def whole() -> dict[str, Any]:
        return {"type": "http.request", "body": b"".join(parts), "more_body": False}

    # WSGI makes one name of X-Forwarded-For and X_Forwarded_For, and only the first is written by our proxy.
    headers = [(name, value) for name, value in asgi["headers"] if b"_" not in name]
    await threads(cast(Any, {**asgi, "headers": headers}), cast(Any, whole), send)


# Pages and API are synchronous Django on a bounded pool of threads that keep their database connections: a new
# thread and connection for each request, which Django's own ASGI handler needs, costs more than most requests.
threads: Any = WSGIMiddleware(cast(Any, pages), workers=settings.WEB_THREADS)
application = ProtocolTypeRouter({"http": http, "websocket": unknown_socket, "lifespan": lifespan})
