"""Which provinces and communes are there, under which names on election day, and where do they lie?"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import distribution

from command_center.demo import places
from subcommittees.models import Unit

# vietnamadminunits (MIT): official codes, names and points, as of Quyết định 19/2025/QĐ-TTg.
# Only this file is read: the package's own code needs libraries that are not installed.
PACKAGE, DATA = "vietnamadminunits", "vietnamadminunits/data/dataset.db"
TOP = "vn/"

_PROVINCES = """
SELECT DISTINCT provinceCode, province, provinceLat, provinceLon FROM admin_units ORDER BY provinceCode
"""
_COMMUNES = """
SELECT provinceCode, wardCode, ward, wardLat, wardLon, wardAreaKm2 FROM admin_units
 ORDER BY provinceCode, wardCode
"""


@dataclass(frozen=True)
class Province:
    code: str
    name: str
    lat: float
    lon: float


@dataclass(frozen=True)
class Commune:
    province: str
    code: str
    name: str
    lat: float
    lon: float
    km2: float | None

    @property
    def ward(self) -> bool:
        return self.name.startswith("Phường ")

    @property
    def short(self) -> str:
        return self.name.removeprefix("Phường ").removeprefix("Xã ").removeprefix("Đặc khu ")

    @property
    def island(self) -> bool:
        return self.name.startswith("Đặc khu ") or self.short in places.ISLANDS.get(self.province, ())

    @property
    def border(self) -> bool:
        return self.short in places.BORDER.get(self.province, ())


def read() -> tuple[list[Province], list[Commune]]:
    """The 34 provinces and 3,321 communes, by official code within the province."""
    path = distribution(PACKAGE).locate_file(DATA)
    source = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    try:
        provinces = [Province(*row) for row in source.execute(_PROVINCES)]
        communes = [Commune(*row) for row in source.execute(_COMMUNES)]
    finally:
        source.close()
    return provinces, communes


def load(provinces: list[Province], communes: list[Commune]) -> Iterator[list[Unit]]:
    """Write the chain from the top, one level a time, and hand on each level."""
    ministry = _unit(None, "", "BCA", "Bộ Công an", Unit.Kind.MINISTRY, 21.0245, 105.8412)
    yield _write([ministry])
    yield _write(
        [
            _unit(ministry, "TGV", "TGV", "Tổ giúp việc Tiểu ban", Unit.Kind.HELPER_TEAM),
            _unit(ministry, "K02", "K02", "Bộ Tư lệnh Cảnh sát cơ động", Unit.Kind.COMMAND),
        ]
    )
    above = {
        one.code: _unit(ministry, one.code, one.code, one.name, Unit.Kind.PROVINCE, one.lat, one.lon)
        for one in provinces
    }
    yield _write(list(above.values()))
    yield _write(
        [
            _unit(above[one.province], one.code, one.code, one.name, Unit.Kind.COMMUNE, one.lat, one.lon)
            for one in communes
        ]
    )


def _unit(
    parent: Unit | None,
    step: str,
    code: str,
    name: str,
    kind: Unit.Kind,
    lat: float | None = None,
    lon: float | None = None,
) -> Unit:
    path = f"{parent.path}{step}/" if parent else TOP
    unit = Unit(path=path, parent=parent, code=code, name=name, kind=kind, lat=lat, lon=lon)
    unit.set_keys()
    return unit


def _write(units: list[Unit]) -> list[Unit]:
    return Unit.objects.bulk_create(units, batch_size=1000)
