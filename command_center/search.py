"""What does an officer reach with a few typed letters: a unit, a site, an incident, a person, a page?"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incidents import queries as incidents
from incidents import states
from incidents.categories import CATEGORIES, TOPICS
from sites import queries as sites
from subcommittees import queries as chain
from subcommittees.models import Operation, User
from subcommittees.scope import reach, sees
from subcommittees.vietnamese import fold

EACH = 6
MOST = 20
NAMES: dict[str, Promise] = {
    "pages": _("Pages and actions"),
    "incidents": _("Incidents"),
    "sites": _("Polling sites"),
    "units": _("Units"),
    "people": _("Officers"),
}


@dataclass(frozen=True)
class Found:
    """`id` is the name by which the API knows it; `detail` tells it from others of its name."""

    id: str
    name: str
    detail: str
    url: str


@dataclass(frozen=True)
class Group:
    """What was found of one kind; `all` is the list of everything that matches, where there may be more."""

    kind: str
    results: list[Found]
    all: str = ""

    @property
    def name(self) -> str:
        return str(NAMES[self.kind])


@dataclass(frozen=True)
class Page:
    door: str
    name: Promise
    query: str = ""
    opens: Callable[[User], object] = bool


def _sees_incidents(user: User) -> bool:
    return sees(user, *TOPICS)


def _opens_accounts(user: User) -> bool:
    return any("account.create" in one.can.verbs for one in reach(user))


PAGES = (
    Page("home", _("Desk")),
    Page("report", _("Report an incident"), opens=incidents.reporting),
    Page("incidents", _("Open incidents"), "?state=open", _sees_incidents),
    Page("incidents", _("Overdue incidents"), "?state=overdue", _sees_incidents),
    Page("incidents", _("Incidents"), opens=_sees_incidents),
    Page("sites", _("Polling sites"), opens=lambda user: sees(user, "sites")),
    Page("units", _("Units")),
    Page("people", _("Officers"), opens=lambda user: sees(user, "people")),
    Page("new-account", _("New account"), opens=_opens_accounts),
    Page("notices", _("Notices")),
    Page("journal", _("Journal"), opens=reach),
    Page("account", _("My account")),
    Page("account_change_password", _("Change password")),
)


def search(user: User, operation: Operation, q: str, most: int = EACH) -> list[Group]:
    """At most `most` of each kind in reach, the best first; for nothing typed, the pages alone."""
    found = [Group("pages", _pages(user, q, most if fold(q) else MOST))]
    if fold(q):
        found += [
            Group(kind, rows, _all(kind, q) if len(rows) == most else "")
            for kind, rows in (
                ("incidents", _incidents(user, operation, q, most)),
                ("sites", _sites(user, q, most)),
                ("units", _units(user, q, most)),
                ("people", _people(user, q, most)),
            )
        ]
    return found


def _all(kind: str, q: str) -> str:
    return f"{reverse(kind)}?{urlencode({'q': q})}"


def _pages(user: User, q: str, most: int) -> list[Found]:
    typed = fold(q).split()
    if q.strip() and not typed:
        return []
    meant = (page for page in PAGES if _begun(typed, fold(str(page.name)).split()) and page.opens(user))
    return [
        Found(f"{page.door}{page.query}", str(page.name), "", reverse(page.door) + page.query)
        for page in islice(meant, most)
    ]


def _begun(typed: Iterable[str], words: list[str]) -> bool:
    return all(any(word.startswith(one) for word in words) for one in typed)


def _incidents(user: User, operation: Operation, q: str, most: int) -> list[Found]:
    if not _sees_incidents(user):
        return []
    return [
        Found(
            str(one.pk),
            f"{one.ref} · {CATEGORIES[one.category].name}",
            f"{states.STATES[one.state]} · {one.site.name}, {one.unit.name}",
            reverse("incident", args=[one.pk]),
        )
        for one in incidents.best(user, operation, q, most)
    ]


def _sites(user: User, q: str, most: int) -> list[Found]:
    if not sees(user, "sites"):
        return []
    return [
        Found(one.code, one.name, f"{one.unit.name} · {one.code}", reverse("site", args=[one.code]))
        for one in sites.best(user, q, most)
    ]


def _units(user: User, q: str, most: int) -> list[Found]:
    return [
        Found(
            one.path,
            one.name,
            " · ".join(filter(None, [one.parent.name if one.parent else "", one.code])),
            reverse("unit", args=[one.path]),
        )
        for one in chain.best_units(user, q, most)
    ]


def _people(user: User, q: str, most: int) -> list[Found]:
    if not sees(user, "people"):
        return []
    return [
        Found(one.username, one.username, one.title, reverse("person", args=[one.username]))
        for one in chain.people(user, q).prefetch_related(None)[:most]
    ]
