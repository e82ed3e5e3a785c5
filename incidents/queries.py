"""Which incidents are there?"""

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, F, Q, QuerySet, When

from incidents import states
from incidents.models import Incident
from journal.clock import Now
from journal.models import Event
from journal.written import written_once
from sites.models import Site
from sites.queries import IN_EVERY_NAME
from subcommittees import finding
from subcommittees.models import Operation, User, full_name
from subcommittees.roles import Level
from subcommittees.scope import Reach, Viewer, condition, reach, visible
from subcommittees.vietnamese import fold, search_terms

DUPLICATE_WITHIN = dt.timedelta(minutes=15)
WITH_SITES = frozenset({Level.MINISTRY, Level.PROVINCE, Level.COMMUNE})


def seen(user: Viewer, operation: Operation) -> QuerySet[Incident]:
    return visible(Incident.objects.filter(operation=operation), user)


def listed(
    user: Viewer,
    operation: Operation,
    *,
    state: Iterable[str] = (),
    severity: Iterable[int] = (),
    category: Iterable[str] = (),
    unit: str = "",
    q: str = "",
) -> QuerySet[Incident]:
    """The incidents in reach that match, latest first; `state` also knows `open` and `overdue`."""
    found = seen(user, operation).select_related("site", "unit__parent")
    wanted = set(state)
    if "open" in wanted:
        wanted |= states.OPEN
    if wanted:
        late = Q(state="reported", answer_by__lte=Now()) if "overdue" in wanted else Q(pk__in=[])
        found = found.filter(Q(state__in=wanted) | late)
    if severity:
        found = found.filter(severity__in=severity)
    if category:
        found = found.filter(category__in=category)
    if unit:
        found = found.filter(path__startswith=unit)
    if terms := search_terms(q):
        found = finding.matching(found, terms)
    return found.order_by("-reported_at", "id")


class Row(NamedTuple):
    """An incident as the rows of pages show it: of a whole one they leave most unread."""

    pk: UUID
    ref: str
    category: str
    severity: int
    state: str
    reported_at: dt.datetime
    answer_by: dt.datetime
    acknowledged_post: str
    site_id: int
    site: str
    unit: str
    kind: str
    parent: str | None

    @property
    def place(self) -> str:
        return f"{self.site}, {full_name(self.unit, self.kind, self.parent)}"


def in_rows(rows: QuerySet[Incident]) -> list[Row]:
    return [Row(*one) for one in _values(rows)]


def _values(rows: QuerySet[Incident]) -> QuerySet[Incident, tuple[Any, ...]]:
    return rows.values_list(
        *("pk", "ref", "category", "severity", "state", "reported_at", "answer_by", "acknowledged_post"),
        *("site_id", "site__name", "unit__name", "unit__kind", "unit__parent__name"),
    )


def waiting(held: tuple[Reach, ...], operation: int, path: str, most: int) -> list[Row]:
    """What nobody has acknowledged at or below `path`, soonest deadline first."""
    return [Row(*one) for one in _waiting(held, operation, path, most)]


@written_once
def _waiting(held: tuple[Reach, ...], operation: int, path: str, most: int) -> QuerySet[Incident, Any]:
    rows = Incident.objects.filter(condition(held, Incident), operation=operation, state="reported")
    rows = rows.filter(path__startswith=path) if path else rows
    return _values(rows.order_by("answer_by", "id"))[:most]


def open_at(held: tuple[Reach, ...], operation: int, path: str, most: int) -> list[Row]:
    """What is open at or below `path`, worst first."""
    return [Row(*one) for one in _open_at(held, operation, path, most)]


@written_once
def _open_at(held: tuple[Reach, ...], operation: int, path: str, most: int) -> QuerySet[Incident, Any]:
    rows = Incident.objects.filter(condition(held, Incident), operation=operation)
    rows = rows.filter(path__startswith=path, state__in=sorted(states.OPEN))
    return _values(worst_first(rows))[:most]


def best(user: Viewer, operation: Operation, q: str, most: int) -> list[Incident]:
    """The few latest incidents in reach that answer `q`: by whole words, else by beginnings."""
    rows = seen(user, operation).select_related("site", "unit").order_by("-reported_at", "id")
    typed = fold(q[:400]).split()[: finding.MOST_WORDS]
    words = finding.telling(typed, IN_EVERY_NAME)
    if not words:
        return list(rows[:most]) if typed else []
    for terms in finding.terms_by_width(words):
        if found := list(finding.matching(rows, terms)[:most]):
            return found
    return []


def worst_first(rows: QuerySet[Incident]) -> QuerySet[Incident]:
    """Those nobody has acknowledged, soonest deadline first; then the graver, then the older."""
    answered = Case(When(state="reported", then=0), default=1)
    waiting = Case(When(state="reported", then=F("answer_by")))
    return rows.order_by(answered, waiting, "-severity", "reported_at", "id")


def found(user: Viewer, operation: Operation, incident: UUID) -> Incident:
    """The incident, or Incident.DoesNotExist: absent and out of reach are the same."""
    rows = seen(user, operation).select_related(
        "site", "unit__parent__parent", "operation", "acknowledged_by"
    )
    return rows.get(pk=incident)


def timeline(incident: Incident) -> list[Event]:
    """Everything that was done about it, in the order of its stream."""
    return list(
        Event.objects.filter(subject=f"incident:{incident.pk}").select_related("entry").order_by("entry__seq")
    )


def possible_duplicates(operation: Operation, site: Site, category: str, at: dt.datetime) -> list[Incident]:
    """Open incidents of the same kind at the same place, reported within 15 minutes before `at`: a hint."""
    return list(
        Incident.objects.filter(
            operation=operation, site=site, category=category, reported_at__gt=at - DUPLICATE_WITHIN
        )
        .exclude(state__in=states.ENDED)
        .order_by("-reported_at")[:3]
    )


def reporting(user: Viewer) -> list[Reach]:
    """The roles with which this officer may report: those held where polling sites are."""
    return [one for one in reach(user) if "incident.report" in one.can.verbs and one.can.levels & WITH_SITES]


def last_reported(user: User, operation: Operation) -> int | None:
    """The id of the site where this officer last reported something."""
    own = Incident.objects.filter(operation=operation, reported_by=user).order_by("-reported_at")
    return own.values_list("site", flat=True).first()
