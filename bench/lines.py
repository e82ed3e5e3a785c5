"""How do many clients ask at once from one small process? On raw sockets: a client must not be what is measured."""

import asyncio
import base64
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import uvloop


class Line(asyncio.Protocol):
    """One HTTP connection that is kept: one question at a time."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.answer: asyncio.Future[tuple[int, bytes]] | None = None
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        if self.answer and not self.answer.done():
            self.answer.set_exception(ConnectionResetError())

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head = self.buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        lowered = bytes(self.buffer[:head]).lower()
        place = lowered.find(b"content-length:")
        if place >= 0:
            length = int(lowered[place + 15 :].split(b"\r\n", 1)[0])
            body = bytes(self.buffer[head + 4 : head + 4 + length])
            whole = len(body) == length
        else:
            whole = self.buffer.endswith(b"0\r\n\r\n")
            body = bytes(self.buffer[head + 4 :])
        if whole and self.answer and not self.answer.done():
            status = int(self.buffer[9:12])
            self.buffer.clear()
            self.answer.set_result((status, body))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self.answer


async def line(port: int) -> Line:
    _, made = await asyncio.get_running_loop().create_connection(Line, "127.0.0.1", port)
    return made


def post(path: str, body: Any, **headers: str) -> bytes:
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    head = {
        "Host": "127.0.0.1",
        "Content-Type": "application/json",
        "Content-Length": str(len(raw)),
        **headers,
    }
    return f"POST {path} HTTP/1.1\r\n".encode() + _lines(head) + raw


def get(path: str, **headers: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\n".encode() + _lines({"Host": "127.0.0.1", **headers})


def _lines(head: dict[str, str]) -> bytes:
    return (
        "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in head.items()).encode() + b"\r\n"
    )


@dataclass
class Taken:
    """What a number of clients got in a number of seconds."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds if self.seconds else 0.0


async def _press(
    port: int, clients: int, seconds: float, requests: Iterator[bytes], most: int | None
) -> Taken:
    taken = Taken()
    made = [await line(port) for _ in range(clients)]
    began = time.perf_counter()

    async def client(one: Line) -> None:
        while time.perf_counter() - began < seconds and (most is None or len(taken.times) < most):
            request = next(requests)
            asked = time.perf_counter()
            status, _body = await one.ask(request)
            taken.times.append(time.perf_counter() - asked)
            taken.statuses[status] = taken.statuses.get(status, 0) + 1

    await asyncio.gather(*(client(one) for one in made))
    taken.seconds = time.perf_counter() - began
    for one in made:
        one.transport.close()
    return taken


def press(
    port: int, clients: int, seconds: float, requests: Iterator[bytes], most: int | None = None
) -> Taken:
    """`clients` ask one after the other, without pause, for so many seconds."""
    return uvloop.run(_press(port, clients, seconds, requests, most))


class Ear(asyncio.Protocol):
    """One WebSocket that hands every text frame on with the moment it came."""

    def __init__(self, path: str, heard: Callable[["Ear", float, bytes], None], **headers: str) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
        self.request = get(path, **upgrade, **{"Sec-WebSocket-Key": key}, **headers)
        self.heard = heard
        self.buffer = bytearray()
        self.open = asyncio.get_running_loop().create_future()
        self.transport: Any = None
        self.cursor = ""
        self.code = 0

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self.request)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.open.done():
            self.open.set_exception(ConnectionResetError())

    def data_received(self, data: bytes) -> None:
        now = time.time()
        self.buffer += data
        if not self.open.done():
            head = self.buffer.find(b"\r\n\r\n")
            if head < 0:
                return
            if self.buffer[9:12] != b"101":
                self.open.set_exception(ConnectionRefusedError(bytes(self.buffer[:12])))
                return
            del self.buffer[: head + 4]
            self.open.set_result(None)
        while frame := self._frame():
            kind, payload = frame
            if kind == 1:
                self.heard(self, now, payload)
            elif kind == 9:
                mask = b"\0\0\0\0"
                self.transport.write(bytes([0x8A, 0x80 | len(payload)]) + mask + payload)
            elif kind == 8:
                self.code = int.from_bytes(payload[:2], "big")

    def _frame(self) -> tuple[int, bytes] | None:
        size = len(self.buffer)
        if size < 2:
            return None
        length, start = self.buffer[1] & 127, 2
        if length == 126:
            length, start = int.from_bytes(self.buffer[2:4], "big"), 4
        elif length == 127:
            length, start = int.from_bytes(self.buffer[2:10], "big"), 10
        if size < start + length:
            return None
        kind, payload = self.buffer[0] & 15, bytes(self.buffer[start : start + length])
        del self.buffer[: start + length]
        return kind, payload


async def ear(port: int, path: str, heard: Callable[[Ear, float, bytes], None], **headers: str) -> Ear:
    _, made = await asyncio.get_running_loop().create_connection(
        lambda: Ear(path, heard, **headers), "127.0.0.1", port
    )
    await made.open
    return made


async def ears(
    port: int,
    paths: list[str],
    heard: Callable[[Ear, float, bytes], None],
    tokens: list[str],
    at_once: int = 100,
) -> list[Ear]:
    """One socket for each path, `at_once` handshakes under way at a time."""
    gate = asyncio.Semaphore(at_once)

    async def one(path: str, token: str) -> Ear:
        async with gate:
            headers = {"Authorization": f"Token {token}"} if token else {}
            return await ear(port, path, heard, **headers)

    return list(await asyncio.gather(*(one(path, token) for path, token in zip(paths, tokens, strict=True))))
