"""How does an outside program follow the feed, through any number of cuts?"""

import asyncio
import contextlib
import json
from collections import defaultdict
from typing import Any, Self

import websockets


class Watcher:
    """Follows the socket with its cursor, notes every event and every breach of the socket's promises."""

    def __init__(self, base: str, token: str, *, after: str = "") -> None:
        self.url = base.replace("http", "ws", 1) + "/ws/live/"
        self.headers = {"Authorization": f"Token {token}"}
        self.cursor = after
        self.events: list[dict[str, Any]] = []
        self.notices: list[dict[str, Any]] = []
        self.pictures: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self.codes: list[int] = []
        self.hello = asyncio.Event()
        self.cuts = 0
        self._seen: set[str] = set()
        self._seq: dict[str, int] = {}
        self._prev: dict[str, str] = {}
        self._socket: Any = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._follow())
        await asyncio.wait_for(self.hello.wait(), 20)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def cut(self) -> None:
        """Break the connection as a bad network would: no close frame."""
        self.cuts += 1
        if self._socket:
            self._socket.transport.abort()

    async def until(self, count: int, seconds: float = 30) -> None:
        async with asyncio.timeout(seconds):
            while len(self.events) < count:
                await asyncio.sleep(0.02)

    async def _follow(self) -> None:
        while True:
            with contextlib.suppress(OSError, websockets.WebSocketException, TimeoutError):
                url = f"{self.url}?after={self.cursor}" if self.cursor else self.url
                async with websockets.connect(
                    url, additional_headers=self.headers, compression=None, open_timeout=10, max_queue=None
                ) as socket:
                    self._socket = socket
                    async for text in socket:
                        self._take(json.loads(text))
            if self._socket is not None and self._socket.close_code:
                self.codes.append(self._socket.close_code)
            await asyncio.sleep(0.05)

    def _take(self, frame: dict[str, Any]) -> None:
        self.cursor = frame.get("cursor") or self.cursor
        match frame["type"]:
            case "hello":
                self.hello.set()
            case "event":
                self._event(frame)
            case "notice":
                self.notices.append(frame)
            case "picture":
                self.pictures.append(frame)
            case "reset" | "error":
                self.faults.append(str(frame))

    def _event(self, frame: dict[str, Any]) -> None:
        if frame["id"] in self._seen:
            self.faults.append(f"twice: {frame['id']}")
        self._seen.add(frame["id"])
        if "seq" in frame:
            last = self._seq.get(frame["stream"])
            if last is not None and frame["seq"] != last + 1:
                self.faults.append(f"hole in {frame['stream']}: {last} -> {frame['seq']}")
            self._seq[frame["stream"]] = frame["seq"]
        else:
            province = frame["unit"]["path"].split("/")[1]
            last_id = self._prev.get(province)
            if last_id is not None and frame["prev"] != last_id:
                self.faults.append(f"broken link: {last_id} -> {frame['prev']}")
            self._prev[province] = frame["id"]
        self.events.append(frame)

    def by_verb(self) -> dict[str, set[str]]:
        found = defaultdict(set)
        for event in self.events:
            found[event["verb"]].add(event["subject"]["id"])
        return found
