"""What would the same server do if it did nothing but write one row, or hand out one frame?"""

import asyncio
import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench import house

INSERT = "INSERT INTO bench_floor (body) VALUES (%s)"
_threads = ThreadPoolExecutor(max_workers=int(os.environ.get("WEB_THREADS") or 8))
_kept = threading.local()
_sockets: set[Any] = set()


def insert(body: bytes) -> None:
    """One row, committed by itself, on a connection that this thread keeps."""
    if not hasattr(_kept, "cursor"):
        _kept.cursor = house.connect().cursor()
    _kept.cursor.execute(INSERT, [body.decode()])


async def application(asgi: dict[str, Any], receive: Any, send: Any) -> None:
    if asgi["type"] == "lifespan":
        await lifespan(receive, send)
    elif asgi["type"] == "websocket":
        await listen(receive, send)
    else:
        await answer(asgi, receive, send)


async def lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def listen(receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    _sockets.add(send)
    try:
        while (await receive())["type"] != "websocket.disconnect":
            pass
    finally:
        _sockets.discard(send)


async def answer(asgi: dict[str, Any], receive: Any, send: Any) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    status = 200
    if asgi["path"] == "/insert":
        await asyncio.get_running_loop().run_in_executor(_threads, insert, body)
        status = 201
    elif asgi["path"] == "/hand":
        await hand(json.loads(body))
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}"})


async def hand(asked: dict[str, Any]) -> None:
    """Hand `count` frames to every socket, one each `every` seconds, or all at once."""
    for number in range(asked["count"]):
        text = f'{asked["text"]},"n":{number},"t":{time.time():.6f}}}'
        for send in list(_sockets):
            await send({"type": "websocket.send", "text": text})
        if asked["every"]:
            await asyncio.sleep(asked["every"])
