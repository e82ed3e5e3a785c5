"""How are units, and accounts with their appointments, brought in from a file?"""

from collections.abc import Mapping, Sequence
from typing import Any

from subcommittees.actions import TOPIC as PEOPLE
from subcommittees.forms import grantable
from subcommittees.imports import actions, cells, staging
from subcommittees.imports.columns import Column
from subcommittees.imports.kinds import Judge, Judged, Kind, Outcome
from subcommittees.imports.models import Import
from subcommittees.imports.places import Places
from subcommittees.models import Operation, Unit, User
from subcommittees.queries import people
from subcommittees.roles import ROLES, Level
from subcommittees.scope import NATION, may
from subcommittees.words import Words

KINDS = {
    "province": Words("Tỉnh, thành phố", "Province"),
    "commune": Words("Xã, phường, đặc khu", "Commune"),
    "ministry": Words("Bộ", "Ministry"),
    "helper_team": Words("Tổ giúp việc", "Helper team"),
    "command": Words("Bộ Tư lệnh Cảnh sát cơ động", "Mobile Police Command"),
}
SINGLE = ("ministry", "helper_team", "command")  # there is what there is: none is added by a file
COMMUNE_CODE = 5  # digits of the official list
LAT, LON = (5.0, 24.0), (101.0, 119.0)

UNIT_COLUMNS = (
    Column(
        "code", Words("Mã đơn vị", "Unit code"), cells.code(20, r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"),
        ("ma", "ma so", "ma dvhc", "ma don vi hanh chinh", "code"), required=True,
    ),
    Column(
        "name", Words("Tên đơn vị", "Unit name"), cells.text(200),
        ("ten", "name", "ten dvhc", "don vi", "ten don vi hanh chinh"),
        required=True,
    ),
    Column(
        "kind", Words("Cấp", "Kind"), cells.choice(KINDS),
        ("loai", "cap", "level", "loai don vi", "cap hanh chinh"),
    ),
    Column(
        "parent", Words("Đơn vị cấp trên", "Unit above"), cells.text(200),
        ("cap tren", "truc thuoc", "ma cap tren",
         "ma don vi cap tren", "ma tinh", "tinh", "thuoc tinh", "parent code", "tinh thanh pho"),
    ),
    Column("lat", Words("Vĩ độ", "Latitude"), cells.decimal, ("lat",)),
    Column("lon", Words("Kinh độ", "Longitude"), cells.decimal, ("lon", "lng", "long")),
)  # fmt: skip


def prepare_units(by: User) -> Judge:
    places = Places(by, "unit.import", actions.TOPIC)

    def judge(row: Judged) -> None:
        said = row.said
        row.key = code = said.get("code") or ""
        said["kind"] = said.get("kind") or ("commune" if said.get("parent") else "province")
        _judge_point(row)
        if not code:
            return
        if said["kind"] in SINGLE:
            known = places.by_code.get(code)
            if known is None or known.kind != said["kind"]:
                row.fault("kind", "not_added")
                return
            row.place = known.path if known.path == NATION else NATION
            said["path"] = known.path
            return
        if said["kind"] == "province":
            if len(code) != 2 or not code.isdigit():
                row.fault("code", "province_code")
            row.place = NATION
        elif code.isdigit() and len(code) < COMMUNE_CODE:
            row.fault("code", "lost_zeros", code.zfill(COMMUNE_CODE))
        elif not said.get("parent"):
            row.fault("parent", "parent_wanted")
        else:
            row.place = _above(row, places)
        said["path"] = f"{row.place}{code}/"

    return judge


def _above(row: Judged, places: Places) -> str:
    """The path of the province above; one that the same file brings is looked for when all rows are there."""
    said = str(row.said["parent"])
    try:
        return places.found(said, kind="province").path
    except cells.Fault as fault:
        if fault.code == "lost_zeros":
            row.fault("parent", fault.code, fault.shown)
            return ""
        return f"{NATION}{said}/" if len(said) == 2 and said.isdigit() else f"{NATION}?/"


def _judge_point(row: Judged) -> None:
    lat, lon = row.said.get("lat"), row.said.get("lon")
    if lat is None and lon is None:
        return
    if lat is None or lon is None:
        row.fault("lat" if lat is None else "lon", "half_a_point")
    elif not (LAT[0] <= lat <= LAT[1] and LON[0] <= lon <= LON[1]):
        swapped = LAT[0] <= lon <= LAT[1] and LON[0] <= lat <= LON[1]
        row.fault("lat", "swapped" if swapped else "abroad", f"{lat}; {lon}")


def against_units(job: Import) -> None:
    staging.repeated(job, "code", "twice", ["key"])
    staging.mark(
        job,
        "parent",
        "no_parent",
        "SELECT r.n, r.said->>'parent' AS shown FROM r WHERE r.said->>'kind' = 'commune' AND r.place <> ''"
        " AND NOT EXISTS (SELECT 1 FROM subcommittees_unit u WHERE u.path = r.place AND left(u.path, length(%s)) = %s)"
        " AND NOT EXISTS (SELECT 1 FROM r o WHERE o.said->>'path' = r.place AND o.said->>'kind' = 'province'"
        " AND o.faults = '[]')",
        [job.path, job.path],
    )
    staging.mark(
        job,
        "code",
        "not_allowed",
        "SELECT r.n, '' AS shown FROM r WHERE r.said->>'kind' = 'province'"
        " AND r.place <> '' AND left(r.place, length(%s)) <> %s",
        [job.path, job.path],
    )
    staging.mark(
        job,
        "code",
        "elsewhere",
        "SELECT r.n, '' AS shown FROM r JOIN subcommittees_unit u ON u.code = r.key"
        " WHERE u.path <> r.said->>'path' AND left(u.path, length(%s)) = %s AND r.place <> ''",
        [job.path, job.path],
    )
    staging.mark(
        job,
        "code",
        "not_free",
        "SELECT r.n, '' AS shown FROM r JOIN subcommittees_unit u ON u.code = r.key"
        " WHERE u.path <> r.said->>'path' AND left(u.path, length(%s)) <> %s AND r.place <> ''",
        [job.path, job.path],
    )


def write_units(
    by: User, operation: Operation, place: str, rows: Sequence[tuple[int, Mapping[str, Any]]]
) -> Outcome:
    return actions.import_units(by=by, operation=operation, place=place, rows=rows)


UNITS = Kind(
    "units",
    Words("Đơn vị", "Units"),
    "unit.import",
    actions.TOPIC,
    UNIT_COLUMNS,
    prepare_units,
    against_units,
    write_units,
)

ACCOUNT_COLUMNS = (
    Column(
        "username", Words("Tài khoản", "Account"), cells.code(60, r"[a-z0-9][a-z0-9._-]*"),
        ("ten dang nhap", "ten tai khoan", "user", "username", "login", "user name"), required=True,
    ),
    Column(
        "title", Words("Chức danh", "Post"), cells.text(200), ("chuc vu", "vi tri", "title", "position"), required=True
    ),
    Column("unit", Words("Đơn vị", "Unit"), cells.text(200), ("ma don vi", "unit code", "noi cong tac"), required=True),
    Column(
        "role", Words("Vai trò", "Role"), cells.choice({one.code: one.name for one in ROLES.values()}),
        ("nhiem vu", "quyen"),
    ),
    Column("starts_at", Words("Từ", "From"), cells.moment, ("tu ngay", "bat dau", "from", "start", "ngay bat dau")),
    Column("ends_at", Words("Đến", "Until"), cells.moment, ("den ngay", "ket thuc", "until", "end", "ngay ket thuc")),
)  # fmt: skip


def prepare_accounts(by: User) -> Judge:
    places = Places(by, "account.create", PEOPLE)
    roles = {code for code, _name in grantable(by)}
    own = {one.username for one in people(by).only("username")}
    others = set(User.objects.values_list("username", flat=True)) - own

    def judge(row: Judged) -> None:
        said = row.said
        name = said.get("username") or ""
        unit = None
        if said.get("unit"):
            try:
                unit = places.found(str(said["unit"]))
            except cells.Fault as fault:
                row.fault("unit", fault.code, fault.shown)
        row.key = f"{name} {unit.path if unit else ''} {said.get('role') or ''}".strip() if name else ""
        if name == by.username:
            row.fault("username", "yourself")
        if name in others:
            row.fault("username", "not_free")
        if unit is not None:
            row.place = said["path"] = unit.path
            _judge_role(row, unit, by, roles)
        if said.get("starts_at") and said.get("ends_at") and said["ends_at"] <= said["starts_at"]:
            row.fault("ends_at", "period")

    return judge


def _judge_role(row: Judged, unit: Unit, by: User, roles: set[str]) -> None:
    role = row.said.get("role")
    if not role:
        return
    if role not in roles or Level(unit.kind) not in ROLES[role].levels:
        row.fault("role", "wrong_role")
    elif not may(by, "appointment.grant", unit.path, PEOPLE):
        row.fault("role", "not_allowed")


def against_accounts(job: Import) -> None:
    """The same role twice is a mistake; one account with several roles is not, but it has one post."""
    staging.repeated(job, "username", "twice", ["key"])


def write_accounts(
    by: User, operation: Operation, place: str, rows: Sequence[tuple[int, Mapping[str, Any]]]
) -> Outcome:
    return actions.import_accounts(by=by, operation=operation, place=place, rows=rows)


ACCOUNTS = Kind(
    "accounts",
    Words("Tài khoản và vai trò", "Accounts and roles"),
    "account.create",
    PEOPLE,
    ACCOUNT_COLUMNS,
    prepare_accounts,
    against_accounts,
    write_accounts,
    depth=3,
)
