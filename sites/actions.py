"""What can be done about polling sites?"""

import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from journal import clock
from journal.log import Fact, Subject, record_all
from sites.models import Site, key_to_search, key_to_sort
from subcommittees.imports.kinds import Outcome
from subcommittees.models import Operation, Unit, User
from subcommittees.scope import require

TOPIC = "sites"
FACTS = ("number", "name", "kind", "early", "lat", "lon")
COLUMNS = ("code", "unit_id", "path", *FACTS, "sort_key", "search_key")
Given = Sequence[tuple[int, Mapping[str, Any]]]


@dataclass(slots=True)
class Draft:
    """A site as it is to be, and nothing that a nation of them would make slow; `pk` is 0 for a new one."""

    pk: int
    code: str
    unit_id: int
    number: int = 0
    name: str = ""
    kind: str = "regular"
    early: bool = False
    lat: float | None = None
    lon: float | None = None
    was_changed: bool = False


@transaction.atomic(savepoint=False)
def import_sites(*, by: User, operation: Operation, place: str, rows: Given) -> Outcome:
    """Bring in sites of communes at or below the unit at `place`: `{code, path, name, number, kind, early, lat, lon}`.

    What a row does not say (None) stays as it is. A site that is as the row says is not written, a commune in which
    nothing changes has no event; of the others one each. A row that meanwhile cannot be taken is told in `late`.
    """
    post = require(by, "site.import", place, TOPIC)
    communes = _locked({given["path"] for _number, given in rows if given["path"].startswith(place)})
    known = _known([given["code"] for _number, given in rows])
    taken = _numbers(communes.values())
    _release(taken, rows, known)
    became: dict[int, str] = {}
    late: dict[int, list[str]] = {}
    touched: dict[str, Counter[str]] = defaultdict(Counter)
    for number, given in rows:
        commune = communes.get(given["path"])
        site = known.get(given["code"])
        if commune is None:
            late[number] = ["unit", "not_allowed", ""]
        elif site is not None and site.unit_id != commune.pk:
            late[number] = ["code", "not_free", ""]
        else:
            site = site or Draft(0, given["code"], commune.pk)
            fault = _apply(site, given, commune, taken[commune.pk])
            if fault:
                late[number] = fault
                continue
            became[number] = "created" if not site.pk else "changed" if site.was_changed else "unchanged"
            known[site.code] = site
            touched[commune.path][became[number]] += 1
    _write(known.values(), communes)
    at = clock.now()
    record_all(
        [
            Fact(
                verb="site.imported",
                at=at,
                operation=operation.slug,
                unit=communes[path].place,
                subject=Subject("unit", path, communes[path].code),
                topic=TOPIC,
                actor=by.username,
                post=post,
                line={
                    "created": counts["created"],
                    "changed": counts["changed"],
                    "text": f"+{counts['created']}, ~{counts['changed']}",
                    "by": post,
                },
                after=None,  # what is counted nowhere on the picture stands in the line
            )
            for path, counts in sorted(touched.items())
            if counts["created"] or counts["changed"]
        ]
    )
    return Outcome(became, late)


def _locked(paths: Iterable[str]) -> dict[str, Unit]:
    """The communes, each held until the end: who brings in the same file meanwhile then finds it done."""
    rows = Unit.objects.select_for_update(no_key=True, of=("self",)).filter(
        path__in=list(paths), kind="commune"
    )
    return {unit.path: unit for unit in rows.select_related("parent").order_by("pk")}


def _known(codes: list[str]) -> dict[str, Draft]:
    rows = Site.objects.filter(code__in=codes).values_list("pk", "code", "unit_id", *FACTS)
    return {row[1]: Draft(*row) for row in rows}


def _numbers(communes: Iterable[Unit]) -> dict[int, dict[int, str]]:
    """Of each commune, which number is which site's."""
    taken: dict[int, dict[int, str]] = {unit.pk: {} for unit in communes}
    rows = Site.objects.filter(unit__in=list(taken)).values_list("unit_id", "number", "code")
    for unit, number, code in rows:
        taken[unit][number] = code
    return taken


def _release(taken: dict[int, dict[int, str]], rows: Given, known: Mapping[str, Draft]) -> None:
    """Sites may hand their numbers round: what a row gives another number no longer holds its own."""
    for _number, given in rows:
        site = known.get(given["code"])
        if site is not None and given.get("number") not in {None, site.number}:
            taken.get(site.unit_id, {}).pop(site.number, None)


def _apply(site: Draft, given: Mapping[str, Any], commune: Unit, taken: dict[int, str]) -> list[str] | None:
    """Let the site be as the row says; the fault if it cannot."""
    wanted = {name: given[name] for name in FACTS if given.get(name) is not None}
    if not site.pk:
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
        if getattr(site, name) != value:
            setattr(site, name, value)
            site.was_changed = True
    return None


def _write(sites: Iterable[Draft], communes: Mapping[str, Unit]) -> None:
    by_pk = {unit.pk: unit for unit in communes.values()}
    touched = [(site, by_pk[site.unit_id]) for site in sites if site.was_changed]
    new = "".join(_line(site, commune) for site, commune in touched if not site.pk)
    changed = [(site, commune) for site, commune in touched if site.pk]
    with connection.cursor() as cursor:
        if changed:
            # Numbers may be handed round among the sites of a commune: first out of each other's way.
            moved = [site.pk for site, _commune in changed]
            cursor.execute("UPDATE sites_site SET number = 1000000000 + id WHERE id = ANY(%s)", [moved])
        if new:
            cursor.copy_expert(f"COPY sites_site ({', '.join(COLUMNS)}) FROM STDIN", io.StringIO(new))
    if changed:
        rows = [
            Site(
                pk=site.pk,
                sort_key=key_to_sort(commune, site.number, site.name),
                search_key=key_to_search(commune, commune.parent, site.name, site.code),
                **{name: getattr(site, name) for name in FACTS},
            )
            for site, commune in changed
        ]
        Site.objects.bulk_update(rows, [*FACTS, "sort_key", "search_key"], batch_size=500)


def _line(site: Draft, commune: Unit) -> str:
    """A line of COPY in the order of `COLUMNS`; a name holds no tab and no line end, for an import takes none."""
    cells = (
        site.code, site.unit_id, commune.path, site.number, site.name, site.kind, site.early, site.lat, site.lon,
        key_to_sort(commune, site.number, site.name),
        key_to_search(commune, commune.parent, site.name, site.code),
    )  # fmt: skip
    return "\t".join(map(str, cells)).replace("\\", "\\\\") + "\n"
