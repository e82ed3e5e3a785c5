"""Which polling sites are there?"""

from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat, Left, Length

from journal.prepared import Prepared, built, columns
from sites.models import Site, SiteStatus
from subcommittees import finding
from subcommittees.models import Operation, Unit
from subcommittees.scope import Reach, Viewer, condition, reach, visible
from subcommittees.vietnamese import fold, search_terms

UNKNOWN = "unsurveyed"  # what a site is in an operation that has said nothing about it yet
# "Điểm bầu cử" stands in every name: its words single out nothing, and looking through all rows takes long.
IN_EVERY_NAME = ("diem", "bau", "cu")


def listed(
    user: Viewer, operation: Operation, *, q: str = "", unit: str = "", state: str = "", kind: str = ""
) -> QuerySet[Site]:
    """The sites in reach that match, in Vietnamese order, each with its `state` in this operation."""
    rows = visible(Site.objects.select_related("unit__parent"), user)
    said = SiteStatus.objects.filter(operation=operation, site=OuterRef("pk"))
    # A subquery and not a join: who only counts or looks for keys does not read it.
    rows = rows.annotate(state=Coalesce(Subquery(said.values("state")), Value(UNKNOWN)))
    if (
        q.strip()
    ):  # by the words first: with a span of sort keys besides, PostgreSQL thought to find few and read all
        rows = _matching(rows.filter(path__startswith=unit) if unit else rows, q)
    else:
        rows = _within(rows, user, unit)
    if state:
        here = Exists(said.filter(state=state))
        rows = rows.filter(here | ~Exists(said) if state == UNKNOWN else here)
    if kind:
        rows = rows.filter(kind=kind)
    return rows.order_by("sort_key", "pk")


_BY_CODE = Prepared(
    "site_by_code",
    f"""
SELECT {columns(Site, "s")}, {columns(Unit, "u")}, {columns(Unit, "above")}
  FROM sites_site s
  JOIN subcommittees_unit u ON u.id = s.unit_id
  LEFT JOIN subcommittees_unit above ON above.id = u.parent_id
 WHERE s.code = $1
""",  # noqa: S608 - names of columns
)


def found(user: Viewer, code: str) -> Site:
    """The site, or Site.DoesNotExist: absent and out of reach are the same.

    As `visible` has it, said of the one row that has this code.
    """
    row = _BY_CODE.row(code)
    if row is None:
        raise Site.DoesNotExist
    site, more = built(Site, row)
    if not any(one.covers(site.path, Site.topic_of_all) for one in reach(user)):
        raise Site.DoesNotExist
    site.unit, more = built(Unit, more)
    if site.unit.parent_id is not None:
        site.unit.parent, _ = built(Unit, more)
    return site


def within(held: Iterable[Reach]) -> int:
    """How many sites these roles open."""
    return Site.objects.filter(condition(held, Site)).count()


def best(user: Viewer, q: str, most: int) -> list[Site]:
    """The few sites in reach that answer `q` best."""
    rows = visible(Site.objects.select_related("unit"), user)
    return finding.best(rows, q, most, dull=IN_EVERY_NAME)


def below(user: Viewer) -> Subquery:
    """How many sites in reach lie at or below each unit of a query; by a span of paths, which the index knows."""
    end = Concat(Left(OuterRef("path"), Length(OuterRef("path")) - 1), Value("0"))  # "0" comes next after "/"
    rows = visible(Site.objects.filter(path__gte=OuterRef("path"), path__lt=end), user).order_by()
    return Subquery(rows.annotate(all=Value(1)).values("all").values_list(Count("pk")))


def _within(rows: QuerySet[Site], user: Viewer, unit: str) -> QuerySet[Site]:
    """Those at or below `unit`; said of the sort key, so that its index is entered where the unit begins."""
    paths = {one.path for one in reach(user)}
    if len(paths) == 1:
        rows = rows.filter(sort_key__startswith=paths.pop())
    return rows.filter(sort_key__startswith=unit) if unit else rows


def _matching(rows: QuerySet[Site], q: str) -> QuerySet[Site]:
    words = fold(q[:400]).split()
    if not words:
        return rows.none()
    telling = finding.telling(words, IN_EVERY_NAME)
    return finding.matching(rows, search_terms(" ".join(telling))) if telling else rows
