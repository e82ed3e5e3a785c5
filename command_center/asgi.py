"""How do requests and sockets come in?"""

import os
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "command_center.settings")

from django.core.wsgi import get_wsgi_application

pages = get_wsgi_application()

from a2wsgi import WSGIMiddleware
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import re_path

from command_center.live.hub import hub
from command_center.live.socket import Live

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


# Pages and API are synchronous Django on a bounded pool of threads that keep their database connections: a new
# thread and connection for each request, which Django's own ASGI handler needs, costs more than most requests.
application = ProtocolTypeRouter(
    {
        "http": WSGIMiddleware(cast(Any, pages), workers=settings.WEB_THREADS),
        "websocket": unknown_socket,
        "lifespan": lifespan,
    }
)
