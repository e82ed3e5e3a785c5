"""How does an officer sit down at a real browser?"""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, sync_playwright

from command_center.up import binaries
from command_center.up.trial import INSTALL_CHROMIUM

Size = tuple[int, int]
PHONE: Size = (390, 844)
NARROW: Size = (320, 640)
OFFICE: Size = (1366, 768)
WALL: Size = (1920, 1080)
ARGUMENTS = [
    "--no-sandbox",  # the suite may run as root
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--font-render-hinting=none",
]
CUT = re.compile(
    r"^(Failed to load resource: net::ERR_|WebSocket connection to|htmx:(afterRequest|sendError))"
)

LEFT = "WebSocket is closed before the connection is established"  # by going on to the next page

# All that is written on the page but clocks and ages, which may go on where nothing happens.
WRITTEN = """(places) => {
  const copy = document.createElement("div");
  copy.append(...[...document.querySelectorAll(places)].map((node) => node.cloneNode(true)));
  const moving = "[data-clock], [data-skew], [data-age], [data-data-age], [data-countdown], script, template";
  for (const node of copy.querySelectorAll(moving)) node.remove();
  return copy.textContent.replace(/\\s+/g, " ").trim();
}"""


def session(user: Any) -> str:
    """Sign this officer in without the form; the key for the cookie."""
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return str(store.session_key)


@dataclass
class Seat:
    """One officer at one device, and all that the browser complained about."""

    base: str
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    frames: list[str] = field(default_factory=list)
    may_be_cut: bool = False
    expected: str = ""

    def listen(self, page: Page) -> None:
        page.on("console", lambda said: self._complain(said.type, said.text))
        page.on("pageerror", lambda error: self._complain("error", str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("websocket", self._socket)

    def _socket(self, socket: Any) -> None:
        self.asked.append(socket.url)
        socket.on("framereceived", lambda text: self.frames.append(str(text)))

    def _complain(self, kind: str, text: str) -> None:
        if kind not in {"error", "warning"} or LEFT in text or (self.may_be_cut and CUT.match(text)):
            return
        if not (self.expected and re.search(self.expected, text)):
            self.complaints.append(text)

    def open(self, path: str, *, live: bool = True) -> Self:
        """Go there and wait until the page listens to what happens."""
        self.page.goto(self.base + path)
        if live and self.page.locator("[data-link-state]").count():
            self.until(lambda: self.link() == "live", 10)
        return self

    def link(self) -> str:
        return str(self.page.locator("[data-link-state]").get_attribute("data-state"))

    def until(self, done: Callable[[], Any], seconds: float = 5) -> float:
        """Seconds until it was so; the strict policy refuses the browser's own waiting on a function."""
        begun = time.monotonic()
        while not self._now(done):
            assert time.monotonic() - begun < seconds, f"not within {seconds} s"
            self.page.wait_for_timeout(20)
        return time.monotonic() - begun

    @staticmethod
    def _now(done: Callable[[], Any]) -> bool:
        try:
            return bool(done())
        except Error as error:
            if "context was destroyed" in error.message:  # the page is just going elsewhere
                return False
            raise

    def find(self, selector: str, **options: Any) -> Locator:
        return self.page.locator(selector, **options)

    def count(self, key: str, unit: str) -> str:
        """The number shown for it, as text."""
        return self.find(f'[data-count="{key}"][data-unit="{unit}"]').first.inner_text()

    def feed(self) -> list[str]:
        """References in the feed, newest first."""
        return self.find('#feed [data-slot="ref"]').all_inner_texts()

    def written(self, places: str = "body") -> str:
        return str(self.page.evaluate(WRITTEN, places))

    def too_wide(self) -> int:
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))

    def close(self) -> None:
        self.context.close()
        foreign = [url for url in self.asked if not _own(url, self.base)]
        assert not foreign, f"asked outside our own origin: {foreign}"
        assert not self.complaints, f"the browser complained: {self.complaints}"


def _own(url: str, base: str) -> bool:
    return url.startswith((base + "/", base.replace("http", "ws", 1) + "/", "data:"))


@contextmanager
def chromium() -> Iterator[Browser]:
    """One browser with an empty profile; skips loudly, or fails where one is required."""
    program = binaries.chromium()
    if not program:
        said = f"NO CHROMIUM: nothing was seen in a browser. Install it: {INSTALL_CHROMIUM}"
        (pytest.fail if os.environ.get("REQUIRE_BROWSER") else pytest.skip)(said)
    # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
            yield browser
            browser.close()
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        else:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


def sit(
    browser: Browser,
    base: str,
    user: Any = None,
    size: Size = OFFICE,
    *,
    language: str = "vi",
    theme: str = "light",
    **options: Any,
) -> Seat:
    """Sit this officer (None: a stranger) down at a device of this size."""
    phone = size[0] < 500
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if theme == "dark" else "light",
        has_touch=phone,
        is_mobile=phone,
        locale="vi-VN",
        reduced_motion="reduce",
        **options,
    )
    context.set_default_timeout(10_000)
    cookies = [{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": base}]
    if user is not None:
        cookies.append({"name": settings.SESSION_COOKIE_NAME, "value": session(user), "url": base})
    context.add_cookies(cookies)  # type: ignore[arg-type]
    seat = Seat(base, context, context.new_page())
    seat.listen(seat.page)
    return seat
