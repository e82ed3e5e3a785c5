"""Where could the polling sites stand, and what could they be called? Synthetic, around real points."""

import datetime as dt
import io
import math
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter

from django.db import connection

from command_center.demo import places, spread
from command_center.demo.chance import Random, chance
from command_center.demo.nation import Commune
from command_center.demo.venues import Venues
from sites.models import Site
from subcommittees.models import Operation, Unit

KM_A_DEGREE = 111.2
FURTHEST_KM = 9.0
SITE = (
    "id",
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
STATUS = ("operation_id", "site_id", "path", "state", "since", "verdict", "venue", "moved_post")
# Where the operation stands by the days left: shares of ready, conditional and preparing sites.
SHARES = ((3, (0.55, 0.13, 0.32)), (1, (0.935, 0.043, 0.022)))
UNSURVEYED = 1 / 20_000
NAMES = {"14-03646-012": "Nhà văn hóa tổ 5"}


def made(communes: list[Commune], units: dict[str, Unit]) -> Iterator[list[Site]]:
    """The sites of one province after the other, always the same ones, not yet written."""
    how_many = spread.counts(communes)
    kinds, before = spread.kinds(communes, how_many), spread.early(communes)
    last = 0
    for _province, group in groupby(communes, attrgetter("province")):
        sites: list[Site] = []
        for one in group:
            sites += _of_commune(one, units, kinds[one.code], before.get(one.code, 0), last + len(sites))
        last += len(sites)
        yield sites


def _of_commune(one: Commune, units: dict[str, Unit], kinds: list[str], early: int, last: int) -> list[Site]:
    dice = chance(f"sites of {one.code}")
    commune, province = units[one.code], units[one.province]
    venues = Venues(one, len(kinds), dice)
    reach = _reach(one)
    sites = []
    for number, kind in enumerate(kinds, start=1):
        code = f"{one.province}-{one.code}-{number:03d}"
        lat, lon = _point(one, number, reach, dice)
        venue = NAMES.get(code) or venues.of(kind, number)
        site = Site(
            id=last + number,
            code=code,
            number=number,
            name=f"Điểm bầu cử {number} – {venue}",
            unit_id=commune.pk,
            kind=kind,
            early=number > len(kinds) - early,
            lat=lat,
            lon=lon,
        )
        site.set_keys(commune, province)
        sites.append(site)
    return sites


def _point(one: Commune, number: int, reach: float, dice: Random) -> tuple[float, float]:
    """Somewhere in the commune, within `reach` kilometres: denser towards its middle."""
    if one.code == places.TRUONG_SA:
        _name, lat, lon = places.SPRATLY[number - 1]
        return lat, lon
    distance, direction = reach * dice.random() ** 0.7, dice.uniform(0, 2 * math.pi)
    lat = one.lat + distance * math.sin(direction) / KM_A_DEGREE
    lon = one.lon + distance * math.cos(direction) / (KM_A_DEGREE * math.cos(math.radians(one.lat)))
    return round(lat, 5), round(lon, 5)


def _reach(one: Commune) -> float:
    """How many kilometres from its point the commune's sites may lie, by its area."""
    return min(FURTHEST_KM, 0.8 * math.sqrt((one.km2 or 100) / math.pi)) * (0.5 if one.island else 1)


def load(communes: list[Commune], units: dict[str, Unit]) -> Iterator[list[Site]]:
    """Write the sites province by province and hand on each; the table must be empty."""
    # Grown word by word, the search index takes longer than all the rest; it is built at the end.
    search = next(index for index in Site._meta.indexes if index.name == "site_search")
    with connection.schema_editor(atomic=False) as editor:
        editor.remove_index(Site, search)
    for sites in made(communes, units):
        _copy("sites_site", SITE, (tuple(getattr(site, column) for column in SITE) for site in sites))
        yield sites
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('sites_site', 'id'), max(id)) FROM sites_site")
    connection.check_constraints()  # a table with deferred checks still open takes no index
    with connection.schema_editor(atomic=False) as editor:
        editor.add_index(Site, search)


def load_states(operation: Operation, sites: list[Site], days_left: int, now: dt.datetime) -> None:
    """Write what is known about the sites of one province with `days_left` days left until the election."""
    dice = chance(f"states of {sites[0].path[:6]}")
    since = [now - dt.timedelta(minutes=dice.randrange(30, 4 * 24 * 60)) for _site in sites]
    rows = [
        (operation.pk, site.pk, site.path, _state(days_left, dice), at, "", "", "")
        for site, at in zip(sites, since, strict=True)
    ]
    _copy("sites_sitestatus", STATUS, rows)


def _state(days_left: int, dice: Random) -> str:
    if days_left < 0:
        return "finished"
    shares = next((shares for days, shares in SHARES if days_left >= days), (1.0, 0.0, 0.0))
    drawn = dice.random()
    if drawn < UNSURVEYED:
        return "unsurveyed"
    ready, conditional, _preparing = shares
    if drawn < ready:
        return "voting" if days_left == 0 else "ready"
    return "conditional" if drawn < ready + conditional else "preparing"


def _copy(table: str, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    """Write rows by COPY; their text holds neither tab nor line break."""
    text = io.StringIO("".join("\t".join(map(str, row)).replace("\\", "\\\\") + "\n" for row in rows))
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", text)
