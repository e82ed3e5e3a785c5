"""Where could the polling sites stand, and what could they be called? Synthetic, around real points."""

import math
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

from django.db import connection

from command_center.demo import places, spread
from command_center.demo.chance import Random, chance
from command_center.demo.copying import copy
from command_center.demo.nation import Commune
from command_center.demo.venues import Venues
from sites.models import Site
from subcommittees.models import Unit

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
        copy("sites_site", SITE, (tuple(getattr(site, column) for column in SITE) for site in sites))
        yield sites
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('sites_site', 'id'), max(id)) FROM sites_site")
    connection.check_constraints()  # a table with deferred checks still open takes no index
    with connection.schema_editor(atomic=False) as editor:
        editor.add_index(Site, search)
