"""Is every page whole and readable for everybody, on a phone and on a desk, in both languages, light and dark?"""

import uuid
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import get_resolver, resolve

from tests.doors import walk
from tests.journeys.browser import NARROW, OFFICE, PHONE, Seat, Size
from tests.journeys.stage import Stage
from tests.journeys.test_browser_story import reported

Sit = Callable[..., Seat]
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

# door: (who opens it, address); `{fire}` is an incident in phường Tô Hiệu
PAGES = {
    "nation": ("duty", "/desk/vn/"),
    "province": ("sonla", "/desk/vn/14/"),
    "commune": ("tohieu", "/desk/vn/14/03646/"),
    "incidents": ("sonla", "/incidents/"),
    "nothing matches": ("sonla", "/incidents/?q=khongco&state=open"),
    "not for this post": ("admin", "/incidents/"),
    "incident": ("sonla", "/incidents/{fire}/"),
    "incident, followed": ("wall", "/incidents/{fire}/"),
    "report": ("tohieu", "/report/"),
    "report, searching": ("sonla", "/report/"),
    "sites": ("sonla", "/sites/"),
    "site": ("tohieu", "/sites/14-03646-001/"),
    "readiness of the nation": ("duty", "/readiness/vn/"),
    "why it moved": ("sonla", "/readiness/vn/14/why/"),
    "how sites stand": ("sonla", "/readiness/sites/"),
    "readiness of a commune": ("tohieu", "/readiness/vn/14/03646/"),
    "grid": ("tohieu", "/readiness/vn/14/03646/grid/"),
    "calendar": ("secretary", "/calendar/"),
    "findings": ("sonla", "/findings/"),
    "checklist": ("sonla_staff", "/checklist/"),
    "own report": ("tohieu", "/readiness/vn/14/03646/own/"),
    "inspection of a site": ("sonla", "/sites/14-03646-001/inspect/"),
    "inspection of a unit": ("sonla", "/readiness/vn/14/03646/inspect/"),
    "units": ("duty", "/units/"),
    "unit": ("sonla_staff", "/units/vn/14/"),
    "people": ("sonla_staff", "/people/"),
    "new account": ("admin", "/new-account/"),
    "person": ("sonla_staff", "/people/thu.tohieu/"),
    "account": ("duty", "/account/"),
    "password": ("duty", "/accounts/password/change/"),
    "sign out": ("duty", "/accounts/logout/"),
    "notices": ("sonla", "/notices/"),
    "journal": ("sonla", "/journal/"),
    "style": ("duty", "/style/"),
    "imports": ("secretary", "/import/"),
    "exercise": ("duty", "/op/dien-tap/desk/vn/"),
    "sign in": ("", "/accounts/login/"),
    "absent": ("sonla", "/incidents/00000000-0000-0000-0000-000000000000/"),
    "forbidden": ("admin", "/report/"),
}
REFUSED = {"absent": "404", "forbidden": "403"}
# What is no page: acts, parts of pages, what programs ask.
OTHERWISE = {
    # Acts on a file that was brought in or is being made, and the page of one such file.
    "import", "import-new", "import-columns", "import-start", "import-cancel", "import-bad", "export", "export-file",
    "export-download", "view-as", "view-end", "preview", "chosen",
    "calendar-plan", "slot-edit", "checklist-retire", "readiness-own-verify", "readiness-own-return",
    "readiness-grid-state", "readiness-grid-save", "readiness-grid-file", "readiness-grid-sheet",
    "address", "site-act", "finding-close", "readiness-urge",
    "home", "readiness", "readiness-verify", "readiness-return", "incident-act", "similar", "grant", "disable",
    "relieve", "set_language", "live", "healthz", "readyz",
}  # fmt: skip


LONG = "Khói ở bếp tầng 2, đã sơ tán cử tri, đang chờ xe chữa cháy của tỉnh; " * 6


def pages(
    house: Stage, cast: SimpleNamespace, sit: Sit, size: Size, **options: str
) -> Iterator[tuple[str, Seat]]:
    """Open page after page, one seat per officer."""
    fire = reported(house, cast, summary=LONG)
    seats: dict[str, Seat] = {}
    for name, (who, path) in PAGES.items():
        if who not in seats:
            seats[who] = sit(getattr(cast, who) if who else None, size, **options)
        seat = seats[who]
        seat.expected = REFUSED.get(name, "")
        seat.page.goto(seat.base + path.format(fire=fire["id"]))
        yield name, seat


def breaches(seat: Seat) -> list[str]:
    """What axe finds wrong: the rule and where."""
    options = {"runOnly": LEVELS, "resultTypes": ["violations"], "preload": False}
    found = Axe().run(seat.page, options=options).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node.get('failureSummary', '')[:200]}"
        for rule in found
        for node in rule["nodes"][:5]
    ]


def test_no_page_is_left_out() -> None:
    pages = {door.name for door in walk(get_resolver()) if not door.route.startswith("api/")}
    addresses = [path.format(fire=uuid.uuid4()).removeprefix("/op/dien-tap") for _, path in PAGES.values()]
    shown = {resolve(address.partition("?")[0]).url_name for address in addresses}
    assert pages - OTHERWISE == shown


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize(
    ("size", "language", "theme"),
    [(PHONE, "vi", "light"), (OFFICE, "en", "dark")],
    ids=["phone-vi-light", "office-en-dark"],
)
def test_every_page(
    house: Stage, committed: SimpleNamespace, sit: Sit, size: Size, language: str, theme: str
) -> None:
    """No breach of WCAG 2.2 AA, no sideways scroll down to 320 px; nothing foreign asked, nothing complained."""
    wrong = {}
    for name, seat in pages(house, committed, sit, size, language=language, theme=theme):
        found = breaches(seat)
        for width, height in [NARROW, size] if size == PHONE else [size]:
            seat.page.set_viewport_size({"width": width, "height": height})
            if seat.too_wide() > 0:
                found.append(f"{seat.too_wide()} px too wide at {width}")
        if found:
            wrong[name] = found
    assert not wrong, "\n".join(f"{name}: {one}" for name, all_ in wrong.items() for one in all_)
