"""What does one open screen receive?"""

import asyncio
import contextlib
import logging
import time

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.utils.translation import gettext as _

from command_center.api import parsing
from command_center.live import viewers
from command_center.live.hub import HEARTBEAT_S, Group, Watch, as_json, hub, notice_frame
from command_center.live.viewers import NO_REACH, SIGNED_OUT, TOO_MANY, TOO_SLOW, Viewer
from journal import clock, queries
from journal.cursor import Cursor, CursorError, decode
from journal.models import Event
from journal.queries import Fact
from journal.tail import in_database, tail
from subcommittees import scope
from subcommittees.models import Operation, Unit
from subcommittees.scope import Reach

PAGE = 500
WAITING_AT_MOST = 512
MESSAGES_A_SECOND = 20
FAULTS_AT_MOST = 10
ANSWER_WITHIN_S = 10  # a database that hangs is as good as none
POLICY, UNSUPPORTED, TRY_AGAIN, FAULT = 1008, 1003, 1013, 1011
log = logging.getLogger(__name__)


class Live(AsyncWebsocketConsumer):
    """Hello, what was missed, the picture; then events, notices, pictures and heartbeats as they come."""

    viewer: Viewer
    operation: Operation
    watch: Watch

    async def connect(self) -> None:
        self.group: Group | None = None
        self.waiting: asyncio.Queue[str] = asyncio.Queue(maxsize=WAITING_AT_MOST)
        self.writer: asyncio.Task[None] | None = None
        self.ending = 0
        self.faults = 0
        self.heard: list[float] = []
        if not viewers.own_origin(self.scope):
            await self.close()
            return
        await self.accept()
        self.query = viewers.query(self.scope)
        hub.start()
        # Beside the receive loop: a viewer who leaves during a long replay must be noticed.
        self.writer = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                code = await in_database(self._open)
            if not code:
                await self._begin()
                while True:
                    await self.send(await self.waiting.get())
        except (DatabaseError, InterfaceError, OSError):
            code = TRY_AGAIN
        except RuntimeError:  # the other side has gone in the middle of a frame
            return
        except Exception:
            log.exception("a socket failed")
            code = FAULT
        self.end(code)

    def _open(self) -> int:
        """Who is this, in which operation, looking at what? A close code, or 0."""
        viewer = viewers.viewer(self.scope)
        if viewer is None:
            return SIGNED_OUT
        slug = self.scope["url_route"]["kwargs"].get("slug")
        operation = Operation.objects.filter(**({"slug": slug} if slug else {"current": True})).first()
        path = self.query.get("unit") or scope.home(viewer.user) or ""
        unit = scope.visible(Unit.objects.filter(path=path.replace("\0", "")), viewer.user).first()
        if operation is None or unit is None:
            return NO_REACH
        if hub.per_user[viewer.user.pk] >= settings.SOCKETS_PER_USER:
            return TOO_MANY
        self.viewer, self.operation = viewer, operation
        self.watch = Watch(operation, unit, viewer.held)
        return 0

    async def _begin(self) -> None:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            await tail.look()  # now this process has read at least as far as any cursor that was ever shown
        self.group = await hub.join(self)
        joined = self.group.cursor()
        start, reset = self._start(joined)
        hello = {
            "type": "hello",
            "cursor": start.encode(),
            "heartbeat_s": HEARTBEAT_S,
            "at": clock.wire(await in_database(clock.now)),
        }
        await self.send(as_json(hello))
        if reset:
            await self.send(as_json({"type": "reset", "reason": reset}))
        else:
            await self._replay(self.group, start, joined)
        if self.watch.shows_incidents:
            counted = await hub.count(self.watch)
            await self.send(as_json({"type": "picture", **counted, "cursor": joined.encode()}))

    def _start(self, joined: Cursor) -> tuple[Cursor, str]:
        """From where to replay, and why the viewer must rather begin anew."""
        token = self.query.get("after")
        if not token:
            return joined, ""
        try:
            cursor = decode(token)
        except CursorError:
            return joined, "cursor"
        if cursor.epoch != joined.epoch or any(
            seq > joined.at.get(code, 0) for code, seq in cursor.at.items()
        ):
            return joined, "epoch"
        if cursor.mark != joined.mark:
            return joined, "reach"
        return cursor, ""

    async def _replay(self, group: Group, start: Cursor, upto: Cursor) -> None:
        slug = self.operation.slug
        at = {f"{slug}/{code}": start.at.get(code, 0) for code in upto.at}
        ends = {f"{slug}/{code}": seq for code, seq in upto.at.items()}
        seen = dict(start.seen or {})
        more = True
        while more:
            facts = await in_database(_page, dict(at), ends, self.viewer.held)
            more = len(facts) == PAGE
            for fact in facts:
                at[fact.stream] = fact.seq
                before = seen.get(fact.code, "")
                if not group.whole(fact.stream):
                    seen[fact.code] = fact.uid
                await self.send(group.frame(fact, group.cursor(at, seen), before))
                for person, notice in fact.people:
                    if person == self.viewer.user.pk:
                        await self.send(notice_frame(fact, notice))

    def put(self, text: str) -> None:
        """Queue a frame. Who is too slow loses the queue, never an event: they come back with their cursor."""
        try:
            self.waiting.put_nowait(text)
        except asyncio.QueueFull:
            self.end(TOO_SLOW)

    def end(self, code: int) -> None:
        """Close once, with a code, whatever the other side does."""
        if not self.ending:
            self.ending = code
            hub.leave(self.group, self)
            self.finishing = asyncio.create_task(self._finish(code))

    async def _finish(self, code: int) -> None:
        if self.writer and self.writer is not asyncio.current_task():
            self.writer.cancel()
        with contextlib.suppress(TimeoutError, RuntimeError, OSError):
            await asyncio.wait_for(self.close(code), 5)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        now = time.monotonic()
        self.heard = [at for at in self.heard if now - at < 1] + [now]
        if len(self.heard) > MESSAGES_A_SECOND:
            self.end(POLICY)
        elif bytes_data is not None or not text_data:
            self.end(UNSUPPORTED)
        else:
            await self._hear(text_data)

    async def _hear(self, text: str) -> None:
        try:
            message = parsing.strict(text)
        except ValueError:
            message = None
        if isinstance(message, dict) and message.get("type") == "ping":
            if self.group:
                try:
                    at = clock.wire(await in_database(clock.now))
                except (DatabaseError, InterfaceError, OSError):
                    self.end(TRY_AGAIN)
                    return
                self.put(as_json({"type": "heartbeat", "cursor": self.group.cursor().encode(), "at": at}))
            return
        self.faults += 1
        if self.faults > FAULTS_AT_MOST:
            self.end(POLICY)
        else:
            said = _('Only {"type": "ping"} is understood here.')
            self.put(as_json({"type": "error", "code": "message", "message": said}))

    async def disconnect(self, code: int) -> None:
        self.ending = self.ending or code
        hub.leave(self.group, self)
        if self.writer:
            self.writer.cancel()


def _page(at: dict[str, int], ends: dict[str, int], held: tuple[Reach, ...]) -> list[Fact]:
    seen = scope.condition(held, Event, at="event__")
    return queries.facts(queries.between(at, ends, seen)[:PAGE], with_people=True)
