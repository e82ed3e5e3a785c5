"""What can be done about polling sites?"""

import datetime as dt
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, transaction

from journal import clock
from journal.log import Subject, record
from sites.models import Site
from subcommittees.imports.kinds import Outcome
from subcommittees.models import Operation, Unit, User
from subcommittees.scope import require

TOPIC = "sites"
FACTS = ("number", "name", "kind", "early", "lat", "lon")
COLUMNS = (
    "code",
    "number",
    "name",
    "unit_id",
    "path",
    "kind",
    "early",
    "lat",
    "lon",
    "sort_key",
    "search_key",
)
Given = Sequence[tuple[int, Mapping[str, Any]]]
MEANT = {"kind": "regular", "early": False}  # of a new site about which nothing is said


@transaction.atomic(savepoint=False)
def import_sites(*, by: User, operation: Operation, place: str, rows: Given) -> Outcome:
    """Bring in sites of communes at or below the unit at `place`: `{code, path, name, number, kind, early, lat, lon}`.

    What a row does not say (None) stays as it is. A site that is as the row says is not written, a commune in which
    nothing changes has no event; of the others one each. A row that meanwhile cannot be taken is told in `late`.
    """
    post = require(by, "site.import", place, TOPIC)
    communes = _locked({given["path"] for _number, given in rows if given["path"].startswith(place)})
    known = {site.code: site for site in Site.objects.filter(code__in=[given["code"] for _n, given in rows])}
    taken = _numbers(communes.values())
    _release(taken, rows, known)
    became: dict[int, str] = {}
    late: dict[int, list[str]] = {}
    new: list[Site] = []
    changed: list[Site] = []
    touched: dict[str, Counter[str]] = defaultdict(Counter)
    for number, given in rows:
        commune = communes.get(given["path"])
        site = known.get(given["code"])
        if commune is None:
            late[number] = ["unit", "not_allowed", ""]
        elif site is not None and site.unit_id != commune.pk:
            late[number] = ["code", "not_free", ""]
        else:
            site = site or Site(code=given["code"], unit_id=commune.pk, **MEANT)
            fault = _apply(site, given, commune, taken[commune.pk])
            if fault:
                late[number] = fault
                continue
            became[number] = _sorted_in(site, new, changed)
            known[site.code] = site
            touched[commune.path][became[number]] += 1
    _write(new, changed, communes)
    at = clock.now()
    for path in sorted(touched):
        if set(touched[path]) - {"unchanged"}:
            _record(by, post, operation, at, communes[path], touched[path])
    return Outcome(became, late)


def _locked(paths: Iterable[str]) -> dict[str, Unit]:
    """The communes, each held until the end: who brings in the same file meanwhile then finds it done."""
    rows = Unit.objects.select_for_update(no_key=True, of=("self",)).filter(
        path__in=list(paths), kind="commune"
    )
    return {unit.path: unit for unit in rows.select_related("parent").order_by("pk")}


def _numbers(communes: Iterable[Unit]) -> dict[int, dict[int, str]]:
    """Of each commune, which number is which site's."""
    taken: dict[int, dict[int, str]] = {unit.pk: {} for unit in communes}
    rows = Site.objects.filter(unit__in=list(taken)).values_list("unit_id", "number", "code")
    for unit, number, code in rows:
        taken[unit][number] = code
    return taken


def _release(taken: dict[int, dict[int, str]], rows: Given, known: Mapping[str, Site]) -> None:
    """Sites may hand their numbers round: what a row gives another number no longer holds its own."""
    for _number, given in rows:
        site = known.get(given["code"])
        if site is not None and given.get("number") not in {None, site.number}:
            taken.get(site.unit_id, {}).pop(site.number, None)


def _apply(site: Site, given: Mapping[str, Any], commune: Unit, taken: dict[int, str]) -> list[str] | None:
    """Let the site be as the row says; the fault if it cannot."""
    before = {name: getattr(site, name) for name in FACTS}
    wanted = {name: given[name] for name in FACTS if given.get(name) is not None}
    if site._state.adding:
        wanted.setdefault("number", max(taken, default=0) + 1)
        wanted.setdefault("lat", commune.lat)
        wanted.setdefault("lon", commune.lon)
        if wanted["lat"] is None or wanted["lon"] is None:
            return ["lat", "no_point", ""]
    number = wanted.get("number", site.number)
    if taken.get(number, site.code) != site.code:
        return ["number", "number_taken", str(number)]
    taken[number] = site.code
    for name, value in wanted.items():
        setattr(site, name, value)
    site.was_changed = site._state.adding or any(before[name] != getattr(site, name) for name in FACTS)  # type: ignore[attr-defined]
    return None


def _sorted_in(site: Site, new: list[Site], changed: list[Site]) -> str:
    if site._state.adding:
        new.append(site)
        return "created"
    if site.was_changed:  # type: ignore[attr-defined]
        changed.append(site)
        return "changed"
    return "unchanged"


def _write(new: list[Site], changed: list[Site], communes: Mapping[str, Unit]) -> None:
    by_pk = {unit.pk: unit for unit in communes.values()}
    for site in (*new, *changed):
        commune = by_pk[site.unit_id]
        site.set_keys(commune, commune.parent)
    if new:
        lines = (
            "\t".join(str(getattr(site, name)).replace("\\", "\\\\").replace("\t", " ") for name in COLUMNS)
            + "\n"
            for site in new
        )
        with connection.cursor() as cursor:
            cursor.copy_expert(
                f"COPY sites_site ({', '.join(COLUMNS)}) FROM STDIN", io.StringIO("".join(lines))
            )
    if changed:
        # Numbers may be handed round among the sites of a commune: first out of each other's way.
        moved = [site.pk for site in changed]
        with connection.cursor() as cursor:
            cursor.execute("UPDATE sites_site SET number = 1000000000 + id WHERE id = ANY(%s)", [moved])
        Site.objects.bulk_update(changed, [*FACTS, "sort_key", "search_key"], batch_size=500)


def _record(
    by: User, post: str, operation: Operation, at: dt.datetime, commune: Unit, counts: Counter[str]
) -> None:
    """What is counted nowhere on the picture stands in the line."""
    created, altered = counts["created"], counts["changed"]
    record(
        "site.imported",
        at=at,
        operation=operation.slug,
        unit=commune.place,
        subject=Subject("unit", commune.path, commune.code),
        topic=TOPIC,
        actor=by.username,
        post=post,
        line={"created": created, "changed": altered, "text": f"+{created}, ~{altered}", "by": post},
        after=None,
    )
