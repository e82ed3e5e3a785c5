"""Who and what is in the chain?"""

from collections.abc import Iterable

from django.db.models import Case, Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, When

from journal.clock import Now
from journal.prepared import Prepared, built, columns
from subcommittees import finding
from subcommittees.models import Appointment, Operation, Unit, User, Viewing
from subcommittees.roles import ROLES, Level
from subcommittees.scope import Reach, Viewer, condition, covers_whole, reach, visible
from subcommittees.vietnamese import fold, search_terms


def live_appointments() -> QuerySet[Appointment]:
    """The appointments that hold right now, of active accounts."""
    return Appointment.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=Now()), starts_at__lte=Now(), user__is_active=True
    )


_CURRENT = Prepared(
    "current_operation",
    f"SELECT {columns(Operation, 'o')} FROM subcommittees_operation o WHERE o.current",  # noqa: S608 - names of columns
)
_HOLDER = Prepared(
    "token_holder",
    f"""
SELECT {columns(User, "u")}
  FROM authtoken_token t
  JOIN subcommittees_user u ON u.id = t.user_id
 WHERE t.key = $1
""",  # noqa: S608 - names of columns
)


def current_operation() -> Operation:
    """The operation that is served without a prefix, or Operation.DoesNotExist."""
    row = _CURRENT.row()
    if row is None:
        raise Operation.DoesNotExist
    return built(Operation, row)[0]


def token_holder(key: str) -> User | None:
    """The account, active or not, that a program shows the token of."""
    row = _HOLDER.row(key)
    return built(User, row)[0] if row else None


def line_of(path: str) -> list[str]:
    """The unit at `path` and all above it, highest first: `vn/`, `vn/14/`, `vn/14/03646/`."""
    parts = path.rstrip("/").split("/")
    return ["/".join(parts[: depth + 1]) + "/" for depth in range(len(parts))]


# As `live_appointments` has it, for every report asks this.
_ON_DUTY = Prepared(
    "on_duty",
    """
SELECT DISTINCT a.user_id
  FROM subcommittees_appointment a
 WHERE a.path = ANY($1) AND a.role = ANY($2)
   AND a.starts_at <= journal_now() AND (a.ends_at IS NULL OR a.ends_at > journal_now())
   AND (SELECT p.is_active FROM subcommittees_user p WHERE p.id = a.user_id)
   AND (SELECT u.kind FROM subcommittees_unit u WHERE u.id = a.unit_id) = ANY($3)
 ORDER BY a.user_id
""",
)


def on_duty(
    path: str, levels: Iterable[Level], *, topic: str, secrecy: int = 0, superiors: bool = False
) -> list[int]:
    """Ids of those on duty (and of their superiors, if asked) on the line above `path` who may see it.

    "On duty" means holding a duty role.
    """
    wanted = set(levels)
    called = [
        role.code
        for role in ROLES.values()
        if (role.duty or (superiors and role.superior))
        and role.levels & wanted
        and secrecy <= role.clearance
        and (role.topics is None or topic in role.topics)
    ]
    return [user_id for (user_id,) in _ON_DUTY.rows(line_of(path), called, [str(level) for level in wanted])]


def on_duty_along(path: str) -> QuerySet[Appointment]:
    """The appointments with a duty role at the unit at `path` and on the line above it."""
    duty = [role.code for role in ROLES.values() if role.duty]
    return live_appointments().filter(role__in=duty, path__in=line_of(path)).order_by("-path", "pk")


def appointments(user: Viewer, q: str = "", *, live: bool = True) -> QuerySet[Appointment]:
    """The appointments in reach, by place; `live` leaves out those that ended or have not begun."""
    rows = live_appointments() if live else Appointment.objects.all()
    rows = visible(rows, user).select_related("user", "unit__parent")
    for word in fold(q).split()[:8]:
        rows = rows.filter(Q(user__username__contains=word) | Q(unit__search_key__contains=word))
    return rows.order_by("path", "role", "pk")


def people(user: Viewer, q: str = "", unit: str = "") -> QuerySet[User]:
    """The accounts that hold or held a post in reach (at or below `unit`), each with its live ones there as `posts`.

    Who may appoint also sees the accounts that hold none yet.
    """
    within = visible(Appointment.objects.all(), user)
    known = Q(pk__in=within.values("user"))
    if any("appointment.grant" in one.can.verbs for one in reach(user)):
        known |= Q(~Exists(Appointment.objects.filter(user=OuterRef("pk"))))
    rows = User.objects.filter(known)
    if unit:
        rows = rows.filter(pk__in=within.filter(path__startswith=unit).values("user"))
    for word in fold(q[:400]).split()[:8]:
        held = within.filter(unit__search_key__contains=word)
        rows = rows.filter(Q(username__contains=word) | Q(pk__in=held.values("user")))
    posts = visible(live_appointments(), user).select_related("unit__parent").order_by("path", "role", "pk")
    return rows.prefetch_related(Prefetch("appointments", posts, to_attr="posts")).order_by("username")


def seen_through(by: User, viewing: int) -> User | None:
    """The officer through whose eyes `by` still looks: not ended, not run out, and still within the own reach."""
    row = (
        Viewing.objects.select_related("user", "operation")
        .filter(pk=viewing, by=by, ended_at=None, ends_at__gt=Now())
        .first()
    )
    if row is None or not reach(row.user) or not covers_whole(reach(by), reach(row.user)):
        return None
    row.user.viewed_by, row.user.viewing = by, row  # type: ignore[attr-defined]
    return row.user


def open_views(views: Iterable[int]) -> set[int]:
    """Those of these looks through another's eyes that have neither ended nor run out."""
    rows = Viewing.objects.filter(pk__in=views, ended_at=None, ends_at__gt=Now())
    return set(rows.values_list("pk", flat=True))


def found_user(user: Viewer, username: str) -> User:
    """The account, if it stands among the people in reach; else User.DoesNotExist."""
    return people(user).get(username=username)


def units(user: Viewer, *, parent: str = "", q: str = "") -> QuerySet[Unit]:
    """The units in reach, in Vietnamese order; `parent` asks for those directly below one."""
    rows = visible(Unit.objects.select_related("parent"), user)
    if parent:
        rows = rows.filter(parent__path=parent)
    if terms := search_terms(q):
        rows = finding.matching(rows, terms)
    return rows.order_by("sort_key", "path")


def first_units(user: Viewer) -> QuerySet[Unit]:
    """Where looking through the tree begins: directly below one's highest units, or these where none is below."""
    held = {one.path for one in reach(user)}
    tops = [path for path in held if not held & set(line_of(path)[:-1])]
    below = visible(Unit.objects.filter(parent=OuterRef("pk")), user).order_by()
    leaf = Q(path__in=tops) & ~Q(Exists(below))
    province_first = Case(When(kind=Unit.Kind.PROVINCE, then=0), default=1)
    return units(user).filter(Q(parent__path__in=tops) | leaf).order_by(province_first, "sort_key", "path")


def best_units(user: Viewer, q: str, most: int) -> list[Unit]:
    """The few units in reach that answer `q` best."""
    return finding.best(visible(Unit.objects.select_related("parent"), user), q, most)


def units_within(held: Iterable[Reach]) -> int:
    """How many units these roles open."""
    return Unit.objects.filter(condition(held, Unit)).count()


def below(user: Viewer) -> Subquery:
    """How many units in reach stand directly below each unit of a query."""
    children = visible(Unit.objects.filter(parent=OuterRef("pk")), user).order_by()
    return Subquery(children.values("parent").values_list(Count("pk")))


def found_unit(user: Viewer, path: str) -> Unit:
    """The unit, or Unit.DoesNotExist: absent and out of reach are the same."""
    return visible(Unit.objects.select_related("parent__parent"), user).get(path=path)


def at_paths(paths: Iterable[str]) -> QuerySet[Unit]:
    """The units at these paths, which the caller has found in reach."""
    return Unit.objects.select_related("parent").filter(path__in=list(paths))
