"""How are polling sites brought in from a file?"""

from collections.abc import Mapping, Sequence
from typing import Any

from sites import actions
from sites.states import KINDS
from subcommittees.imports import cells, queries, staging
from subcommittees.imports.columns import Column
from subcommittees.imports.kinds import Judge, Judged, Kind, Outcome
from subcommittees.imports.models import Import
from subcommittees.imports.places import Places
from subcommittees.models import Operation, User
from subcommittees.words import Words

VERB = "site.import"
# The mainland and the islands out to Trường Sa, with a little sea around.
SOUTH, NORTH, WEST, EAST = 6.0, 23.6, 102.0, 118.0

COLUMNS = (
    Column(
        "code", Words("Mã khu vực bỏ phiếu", "Site code"), cells.code(20, r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?"),
        ("ma", "ma so", "ma diem", "ma diem bau cu", "ma khu vuc", "ma diem bo phieu", "ma kvbp", "ma kv", "id",
         "site", "site id", "polling site code", "polling place code", "polling station code", "station code"),
        required=True,
    ),
    Column(
        "name", Words("Tên khu vực bỏ phiếu", "Name"), cells.text(200),
        ("ten", "ten diem", "ten diem bau cu", "ten khu vuc", "dia diem", "noi bo phieu", "dia diem bo phieu",
         "diem bau cu", "diem bo phieu", "site name", "polling site", "polling place", "polling place name",
         "polling station", "station name", "ten diem bo phieu"),
        required=True,
    ),
    Column(
        "unit", Words("Xã, phường, đặc khu", "Commune"), cells.text(200),
        ("xa", "phuong", "xa phuong", "phuong xa", "ma xa", "ma phuong", "ma xa phuong", "ten xa", "don vi",
         "ma don vi", "don vi cap xa", "cap xa", "ward", "commune code", "ward code", "unit", "unit code",
         "xa phuong dac khu", "ma dvhc", "ma dvhc cap xa", "unit path"),
        required=True,
    ),
    Column(
        "province", Words("Tỉnh, thành phố", "Province"), cells.text(200),
        ("tinh", "thanh pho", "tinh thanh", "tinh thanh pho", "ma tinh", "ten tinh", "province code", "cap tinh"),
    ),
    Column(
        "number", Words("Số thứ tự khu vực", "Number"), cells.whole(1, 99_999),
        ("so", "so khu vuc", "khu vuc so", "so hieu", "so diem", "to so", "site number", "so khu vuc bo phieu"),
    ),
    Column(
        "kind", Words("Loại", "Kind"), cells.choice(KINDS),
        ("loai diem", "loai hinh", "loai khu vuc", "type", "site kind", "kind of site"),
    ),
    Column(
        "early", Words("Bầu cử sớm", "Votes early"), cells.truth,
        ("som", "bo phieu som", "bau som", "early voting", "early"),
    ),
    Column("lat", Words("Vĩ độ", "Latitude"), cells.decimal, ("lat", "vi do lat", "y", "vido", "vi do wgs84")),
    Column(
        "lon", Words("Kinh độ", "Longitude"), cells.decimal,
        ("lon", "lng", "long", "kinh do lon", "x", "kinhdo", "kinh do wgs84"),
    ),
)  # fmt: skip


def prepare(by: User) -> Judge:
    places = Places(by, VERB, actions.TOPIC)

    def judge(row: Judged) -> None:
        said = row.said
        row.key = said.get("code") or ""
        said["kind"] = said.get("kind") or None
        if said.get("unit"):
            try:
                unit = places.found(said["unit"], said.get("province") or "", kind="commune")
            except cells.Fault as fault:
                row.fault("unit", fault.code, fault.shown)
            else:
                row.place = said["path"] = unit.path
                try:
                    places.check(unit, said.get("province") or "")
                except cells.Fault as fault:
                    row.fault("province", fault.code, fault.shown)
                if said.get("lat") is None and said.get("lon") is None and unit.lat is None:
                    row.said["point"] = "none"
        if not any(column in {"lat", "lon"} for column, *_ in row.faults):
            _judge_point(row, said.get("lat"), said.get("lon"))

    return judge


def _judge_point(row: Judged, lat: float | None, lon: float | None) -> None:
    if lat is None and lon is None:
        return
    if lat is None or lon is None:
        row.fault("lat" if lat is None else "lon", "half_a_point")
    elif SOUTH <= lat <= NORTH and WEST <= lon <= EAST:
        return
    elif SOUTH <= lon <= NORTH and WEST <= lat <= EAST:
        row.fault("lat", "swapped", f"{lat}; {lon}")
    else:
        row.fault("lat", "abroad", f"{lat}; {lon}")


def against(job: Import) -> None:
    """Codes and numbers that repeat in the file or are taken in the database."""
    staging.repeated(job, "code", "twice", ["key"])
    staging.lost_zeros(job, "sites_site")
    numbered = "(said->>'number') IS NOT NULL AND place <> ''"
    staging.repeated(job, "number", "number_twice", ["place", "said->>'number'"], numbered)
    reached = "left(s.path, length(%s)) = %s"
    staging.mark(
        job,
        "code",
        "elsewhere",
        f"SELECT r.n, '' AS shown FROM r JOIN sites_site s ON s.code = r.key"  # noqa: S608
        f" WHERE s.path <> r.place AND r.place <> '' AND {reached}",
        [job.path, job.path],
    )
    staging.mark(
        job,
        "code",
        "not_free",
        f"SELECT r.n, '' AS shown FROM r JOIN sites_site s ON s.code = r.key"  # noqa: S608
        f" WHERE s.path <> r.place AND r.place <> '' AND NOT {reached}",
        [job.path, job.path],
    )
    # Not where the site that has the number now is given another by the same file.
    staging.mark(
        job,
        "number",
        "number_taken",
        "SELECT r.n, r.said->>'number' AS shown FROM r"
        " JOIN sites_site s ON s.path = r.place AND s.number = (r.said->>'number')::int AND s.code <> r.key"
        " WHERE r.place <> '' AND NOT EXISTS (SELECT 1 FROM r o WHERE o.key = s.code AND o.place = r.place"
        " AND o.said->>'number' IS NOT NULL AND o.said->>'number' <> r.said->>'number')",
    )
    staging.mark(
        job,
        "lat",
        "no_point",
        "SELECT r.n, '' AS shown FROM r WHERE r.said->>'point' = 'none'"
        " AND NOT EXISTS (SELECT 1 FROM sites_site s WHERE s.code = r.key)",
    )
    without = queries.without_point(job)
    if without:
        job.notes.append(["point_of_unit", str(without)])
        Import.objects.filter(pk=job.pk).update(notes=job.notes)


def write(
    by: User, operation: Operation, place: str, rows: Sequence[tuple[int, Mapping[str, Any]]]
) -> Outcome:
    return actions.import_sites(by=by, operation=operation, place=place, rows=rows)


SITES = Kind(
    "sites", Words("Khu vực bỏ phiếu", "Polling sites"), VERB, actions.TOPIC, COLUMNS, prepare, against, write
)
