"""What may this person see and do?"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar, cast

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from journal.prepared import Prepared
from journal.streams import MINISTRY, stream_of
from subcommittees.models import User
from subcommittees.roles import CLOCK, MAXIMUM, ROLES, Role

NATION = "vn/"
M = TypeVar("M", bound=Model)


class System:
    """Who acts when a clock runs out."""

    pk = None
    is_active = True
    username = "he-thong"
    title = "Hệ thống"


SYSTEM = System()
Actor = User | System
Viewer = User | AnonymousUser


@dataclass(frozen=True, order=True)
class Reach:
    """A live role: everything under `path`, of these topics (None: all), up to this clearance."""

    path: str
    role: str
    unit: str = ""

    @property
    def can(self) -> Role:
        return ROLES[self.role]

    @property
    def post(self) -> str:
        return f"{self.can.name.vi} · {self.unit}"

    def covers(self, path: str, topic: str | None = None, secrecy: int = 0) -> bool:
        """Whether a row at `path` is in reach; topic None is what every role sees (units)."""
        topics = self.can.topics
        return (
            path.startswith(self.path)
            and (topics is None or topic is None or topic in topics)
            and secrecy <= self.can.clearance
        )


# Every request asks this. As subqueries and not as joins: to find the best order of five joined tables took
# PostgreSQL five times as long as to answer.
_LIVE = Prepared(
    "reaches",
    """
SELECT a.user_id, u.path, a.role, u.name
  FROM subcommittees_appointment a
  JOIN subcommittees_unit u ON u.id = a.unit_id
 WHERE a.user_id = ANY($1) AND a.starts_at <= journal_now()
   AND (a.ends_at IS NULL OR a.ends_at > journal_now())
   AND (SELECT p.is_active AND p.card_until IS NULL FROM subcommittees_user p WHERE p.id = a.user_id)
   AND EXISTS (SELECT 1 FROM subcommittees_grant g
                WHERE g.user_id = a.user_id AND g.content_object_id = a.unit_id AND g.permission_id = ANY (
                      ARRAY(SELECT k.id FROM auth_permission k WHERE k.codename = a.role)) OFFSET 0)
 ORDER BY u.path, a.role
""",
)


def reaches(user_ids: Iterable[int]) -> dict[int, tuple[Reach, ...]]:
    """The live reach of each of these people, in one statement; nobody is missing from the answer."""
    found: dict[int, list[Reach]] = {user_id: [] for user_id in user_ids}
    if found:
        for user_id, path, role, name in _LIVE.rows(list(found)):
            if role in ROLES:
                found[user_id].append(Reach(path, role, name))
    return {user_id: tuple(dict.fromkeys(rows)) for user_id, rows in found.items()}


def reach(user: Viewer) -> tuple[Reach, ...]:
    """What `user` holds right now; read once for each loaded user, that is once a request.

    Nothing until the password of the card has given way to one's own.
    """
    if not isinstance(user, User) or not user.is_active or user.card_until is not None:
        return ()
    known = user.__dict__.get("_reach")
    if known is None:
        known = user.__dict__["_reach"] = reaches([user.pk])[user.pk]
    return cast("tuple[Reach, ...]", known)


def condition(held: Iterable[Reach], model: type[Model], at: str = "") -> Q:
    """The rows of `model` in reach, as a filter; `at` prefixes the columns (`event__`).

    A model says how it is scoped: a `path` column, then `general` (every role), or `topic_of_all` (one topic
    for all rows), or columns `topic` and `secrecy`.
    """
    general = getattr(model, "general", False)
    topic_of_all = getattr(model, "topic_of_all", None)
    audience = any(field.name == "audience" for field in model._meta.get_fields())
    found = Q(pk__in=[]) if not at else Q(**{f"{at}pk__in": []})
    for one in held:
        topics = one.can.topics
        if topic_of_all and topics is not None and topic_of_all not in topics:
            continue
        here = Q(**{f"{at}path__startswith": one.path})
        if audience:
            here |= Q(**{f"{at}audience__contains": [one.path]})
        if not general and not topic_of_all:
            here &= Q(**{f"{at}secrecy__lte": one.can.clearance})
            if topics is not None:
                here &= Q(**{f"{at}topic__in": sorted(topics)})
        found |= here
    return found


def visible(queryset: QuerySet[M], user: Viewer) -> QuerySet[M]:
    """What of `queryset` this user may see; outside it everything is as if absent."""
    return queryset.filter(condition(reach(user), queryset.model))


def looking(user: object) -> bool:
    """Whether somebody else looks through this user's eyes: then it may see and may do nothing."""
    return getattr(user, "viewed_by", None) is not None


def covers_whole(mine: Iterable[Reach], theirs: Iterable[Reach]) -> bool:
    """Whether each of `theirs` lies within one of `mine`: place, topics, clearance; and verbs, for some show more."""
    mine = tuple(mine)
    return all(
        any(
            other.path.startswith(one.path)
            and (
                one.can.topics is None
                or (other.can.topics is not None and other.can.topics <= one.can.topics)
            )
            and other.can.clearance <= one.can.clearance
            and other.can.verbs <= one.can.verbs
            for one in mine
        )
        for other in theirs
    )


def may(
    user: Actor | AnonymousUser, verb: str, path: str, topic: str | None = None, secrecy: int = 0
) -> bool:
    if isinstance(user, System):
        return verb in CLOCK
    return not looking(user) and any(
        one.covers(path, topic, secrecy) and verb in one.can.verbs for one in reach(user)
    )


def sees(user: Viewer, *topics: str, path: str = "") -> bool:
    """Whether a role of `user` (one that covers `path`, if given) shows any of these topics."""
    return any(
        path.startswith(one.path if path else "") and (one.can.topics is None or one.can.topics & set(topics))
        for one in reach(user)
    )


def require(by: Actor, verb: str, path: str, topic: str | None = None, secrecy: int = 0) -> str:
    """Refuse with PermissionDenied unless `by` may do `verb` at `path`; return the post that allows it."""
    if looking(by):
        raise PermissionDenied(_("You are only looking: nothing is done in another officer's name."))
    if isinstance(by, System):
        if verb in CLOCK:
            return by.title
    else:
        for one in reach(by):
            if one.covers(path, topic, secrecy) and verb in one.can.verbs:
                return one.post
    raise PermissionDenied(_("Your post does not allow this action here."))


def home(user: Viewer) -> str | None:
    """The path of the unit where this user's work begins: the highest one held, or None."""
    return min((one.path for one in reach(user)), key=len, default=None)


def streams(held: Iterable[Reach], heads: Iterable[str], operation: str) -> frozenset[str]:
    """Which of the operation's streams can hold anything in reach: all for the nation, else the own one."""
    held = tuple(held)
    mine = {stream_of(operation, one.path) for one in held}
    if from_the_top(held):
        mine.update(head for head in heads if head.startswith(f"{operation}/"))
    return frozenset(mine)


def from_the_top(held: Iterable[Reach]) -> bool:
    """Whether a role begins at the top, so that any stream can hold something in reach."""
    return any(one.path == NATION for one in held)


def whole_stream(held: Iterable[Reach], stream: str) -> bool:
    """Whether every event of `stream`, present and future, is in reach: then its numbers may be shown."""
    code = stream.rpartition("/")[2]
    top = NATION if code == MINISTRY else f"{NATION}{code}/"
    return any(
        top.startswith(one.path) and one.can.topics is None and one.can.clearance >= MAXIMUM for one in held
    )


def whole_operation(held: Iterable[Reach]) -> bool:
    """Whether all that these roles can see they see whole, stream by stream."""
    held = tuple(held)
    return all(whole_stream(held, stream_of("", one.path)) for one in held)
