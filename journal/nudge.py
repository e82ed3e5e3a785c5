"""How do web processes learn early that a stream grew? By a hint that may be lost."""

import contextlib
import logging
import queue
import threading

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

CHANNEL = "journal"
log = logging.getLogger(__name__)


class _Sender:
    """One thread per process, off the request path: bounded queue, bounded wait, failure is normal."""

    def __init__(self) -> None:
        self.waiting: queue.Queue[str] = queue.Queue(maxsize=1000)
        self.lock = threading.Lock()
        self.thread: threading.Thread | None = None

    def send(self, stream: str) -> None:
        with contextlib.suppress(queue.Full):
            self.waiting.put_nowait(stream)
        if self.thread is None or not self.thread.is_alive():  # also after a fork
            with self.lock:
                if self.thread is None or not self.thread.is_alive():
                    self.thread = threading.Thread(target=self.run, name="nudge", daemon=True)
                    self.thread.start()

    def run(self) -> None:
        client = redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
        )
        while True:
            streams = {self.waiting.get()}
            with contextlib.suppress(queue.Empty):
                while True:
                    streams.add(self.waiting.get_nowait())
            try:
                client.publish(CHANNEL, " ".join(sorted(streams)))
            except (redis.RedisError, OSError) as error:
                log.info("no nudge sent, the tail will look by itself: %s", error)


_sender = _Sender()
send = _sender.send
