"""Which sockets are open in this process, and what is done for all of them together?"""

import asyncio
import contextlib
import json
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import DatabaseError, InterfaceError

from command_center.live.viewers import Viewer, verdicts
from journal import clock, queries
from journal.cursor import Cursor
from journal.models import Event
from journal.queries import Fact
from journal.tail import in_database, tail
from reports import picture
from subcommittees import scope
from subcommittees.models import Operation, Unit
from subcommittees.scope import Reach

log = logging.getLogger(__name__)
HEARTBEAT_S = 5
RECOUNT_S = 1.0


def as_json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def notice_frame(fact: Fact, notice: int) -> str:
    return as_json({**fact.frame, "type": "notice", "id": notice})


@dataclass(frozen=True)
class Watch:
    """Whose picture, counted with which reach: one recount serves all who share it."""

    operation: Operation
    unit: Unit
    held: tuple[Reach, ...]

    @property
    def shows_incidents(self) -> bool:
        """Whether there is anything to count; who sees no incident is shown no number, not a zero."""
        return picture.counts_for(self.held)

    def count(self) -> dict[str, Any]:
        return picture.count(self.unit, self.held, self.operation).wire()


class Socket(Protocol):
    viewer: Viewer
    operation: Operation
    watch: Watch

    def put(self, text: str) -> None: ...

    def end(self, code: int) -> None: ...


class Group:
    """The sockets of one operation whose viewers have the same reach: one encoding of a frame for all."""

    def __init__(self, operation: Operation, held: tuple[Reach, ...]) -> None:
        self.operation = operation
        self.held = held
        self.mark = picture.mark(operation.slug, held)
        self.sockets: set[Socket] = set()
        self.watches: Counter[Watch] = Counter()  # and how many sockets share each
        self.seen: dict[str, str] = {}  # stream code -> the last event they could see, if not all of it
        self.ready: asyncio.Task[None] | None = None
        self._whole: dict[str, bool] = {}

    async def learn(self, ends: dict[str, int]) -> None:
        """Find what was last seen before `ends`; what came since is newer and stays."""
        mine = scope.streams(self.held, ends, self.operation.slug)
        partial = {stream: ends.get(stream, 0) for stream in mine if not self.whole(stream)}
        self.seen = {**await in_database(_last_seen, self.held, partial), **self.seen}

    def whole(self, stream: str) -> bool:
        if stream not in self._whole:
            self._whole[stream] = scope.whole_stream(self.held, stream)
        return self._whole[stream]

    def sees(self, fact: Fact) -> bool:
        if fact.operation != self.operation.slug:
            return False
        return any(
            one.covers(path, fact.topic, fact.secrecy)
            for one in self.held
            for path in (fact.path, *(addressed for addressed in fact.audience if addressed == one.path))
        )

    def cursor(self, at: dict[str, int] | None = None, seen: dict[str, str] | None = None) -> Cursor:
        heads = tail.at if at is None else at
        made = picture.cursor_at(self.operation, self.held, heads, tail.epoch)
        linked = made.seen is not None
        return Cursor(
            made.epoch, made.mark, made.at, (self.seen if seen is None else seen) if linked else None
        )

    def frame(self, fact: Fact, cursor: Cursor, before: str) -> str:
        """The event as these viewers get it: numbered if they see all of its stream, else linked."""
        if self.whole(fact.stream):
            place: dict[str, Any] = {"stream": fact.stream, "seq": fact.seq}
        else:
            place = {"prev": before or None}
        return f"{fact.text},{as_json({'cursor': cursor.encode(), **place})[1:]}"

    def picture(self, counted: dict[str, Any]) -> str:
        """A picture on the socket carries the cursor of what was sent before it, never one that is ahead."""
        return as_json({"type": "picture", **counted, "cursor": self.cursor().encode()})

    def begin_anew(self) -> None:
        """What was sent belongs to another life of the journal: every screen starts again from a picture."""
        self.seen = {}
        for socket in list(self.sockets):
            socket.put(as_json({"type": "reset", "reason": "epoch"}))
            hub.stale.add(socket.watch)

    def hand(self, fact: Fact) -> None:
        before = self.seen.get(fact.code, "")
        if not self.whole(fact.stream):
            self.seen = {**self.seen, fact.code: fact.uid}
        if not self.sockets:
            return
        text = self.frame(fact, self.cursor(), before)
        owed = dict(fact.people)
        if picture.moves(fact.frame["verb"]):
            hub.stale.update(watch for watch in self.watches if fact.path.startswith(watch.unit.path))
        for socket in list(self.sockets):
            socket.put(text)
            if owed and socket.viewer.user.pk in owed:
                socket.put(notice_frame(fact, owed[socket.viewer.user.pk]))


class Hub:
    """All groups of this process, and what runs by the second: authority, pictures, heartbeats."""

    def __init__(self) -> None:
        self.groups: dict[tuple[int, tuple[Reach, ...]], Group] = {}
        self.per_user: Counter[int] = Counter()
        self.stale: set[Watch] = set()
        self.counted: dict[Watch, float] = {}
        self.counting: dict[Watch, asyncio.Task[dict[str, Any]]] = {}  # not begun yet
        self.turns: dict[Watch, asyncio.Lock] = {}
        self.tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        tail.start()
        if not self.tasks:
            self.tasks = [
                asyncio.create_task(self._every(1.0, self._check_authority)),
                asyncio.create_task(self._every(0.1, self._send_pictures)),
                asyncio.create_task(self._every(HEARTBEAT_S, self._beat)),
            ]

    async def stop(self) -> None:
        for task in self.tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self.tasks = []
        await tail.stop()

    def sockets(self) -> list[Socket]:
        return [socket for group in self.groups.values() for socket in group.sockets]

    async def join(self, socket: Socket) -> Group:
        """Put the socket into its group; from the moment this returns everything new waits in its queue."""
        key = (socket.operation.pk, socket.viewer.held)
        while True:
            group = self.groups.get(key)
            if group is None:
                group = self.groups[key] = Group(socket.operation, socket.viewer.held)
                tail.audiences.add(group)
                group.ready = asyncio.create_task(group.learn(dict(tail.at)))
            try:
                await asyncio.shield(group.ready or asyncio.sleep(0))
            except BaseException:
                self._drop(key, group)
                raise
            if self.groups.get(key) is group:
                group.sockets.add(socket)
                group.watches[socket.watch] += 1
                self.per_user[socket.viewer.user.pk] += 1
                return group

    def leave(self, group: Group | None, socket: Socket) -> None:
        if group is not None and socket in group.sockets:
            group.sockets.discard(socket)
            group.watches[socket.watch] -= 1
            if not group.watches[socket.watch]:
                del group.watches[socket.watch]
            self.per_user[socket.viewer.user.pk] -= 1
            self._drop((group.operation.pk, group.held), group)

    def _drop(self, key: tuple[int, tuple[Reach, ...]], group: Group) -> None:
        if not group.sockets and self.groups.get(key) is group:
            del self.groups[key]
            tail.audiences.discard(group)

    async def count(self, watch: Watch) -> dict[str, Any]:
        """The picture of this scope, counted after this call: all who come back in one moment share one count."""
        task = self.counting.get(watch)
        if task is None:
            task = self.counting[watch] = asyncio.create_task(self._count(watch))
        return await asyncio.shield(task)

    async def _count(self, watch: Watch) -> dict[str, Any]:
        async with self.turns.setdefault(watch, asyncio.Lock()):
            del self.counting[watch]  # whoever asks from now on may have joined after what is counted here
            try:
                return await in_database(watch.count)
            finally:
                if watch not in self.counting:
                    self.turns.pop(watch, None)

    async def _every(self, seconds: float, act: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await act()
            except (DatabaseError, InterfaceError, OSError) as error:
                log.info("the sockets wait for the database: %s", error)
            except Exception:
                log.exception("%s failed, it tries again", act.__name__)

    async def _check_authority(self) -> None:
        """Close every socket whose right ended: relieved, expired, disabled, signed out, password changed."""
        sockets = self.sockets()
        if sockets:
            codes = await in_database(verdicts, [socket.viewer for socket in sockets])
            for socket, code in zip(sockets, codes, strict=True):
                if code:
                    socket.end(code)

    async def _send_pictures(self) -> None:
        """Recount every scope in which something happened, at most once a second each."""
        now = time.monotonic()
        due = [one for one in self.stale if now - self.counted.get(one, 0.0) >= RECOUNT_S]
        for watch in due:
            self.stale.discard(watch)
            self.counted[watch] = now
            try:
                counted = await in_database(watch.count)
            except Exception:
                self.stale.add(watch)  # or its numbers would stay old until something happens there again
                raise
            group = self.groups.get((watch.operation.pk, watch.held))
            if group:
                text = group.picture(counted)
                for socket in list(group.sockets):
                    if socket.watch == watch:
                        socket.put(text)
        for watch in [one for one, at in self.counted.items() if now - at > 60]:
            del self.counted[watch]

    async def _beat(self) -> None:
        """Say nothing while the journal cannot be read: no screen may believe that it is live."""
        if tail.lag is None or tail.lag > HEARTBEAT_S:
            return
        at = clock.wire(await in_database(clock.now))
        for group in list(self.groups.values()):
            text = as_json({"type": "heartbeat", "cursor": group.cursor().encode(), "at": at})
            for socket in list(group.sockets):
                socket.put(text)


def _last_seen(held: tuple[Reach, ...], ends: dict[str, int]) -> dict[str, str]:
    seen = scope.condition(held, Event, at="event__")
    found = {
        stream.rpartition("/")[2]: queries.last_seen(stream, seq, seen) for stream, seq in ends.items() if seq
    }
    return {code: uid for code, uid in found.items() if uid}


hub = Hub()
