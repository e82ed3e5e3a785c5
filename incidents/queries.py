"""Which incidents are there?"""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Case, F, Q, QuerySet, When

from incidents import states
from incidents.models import Incident
from journal.clock import Now
from journal.models import Event
from sites.models import Site
from sites.queries import IN_EVERY_NAME
from subcommittees import finding
from subcommittees.models import Operation, User
from subcommittees.roles import Level
from subcommittees.scope import Reach, Viewer, reach, visible
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
    found = seen(user, operation).select_related("site", "unit__parent", "reported_by", "acknowledged_by")
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
