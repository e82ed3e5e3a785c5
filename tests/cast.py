"""Who are the officers of the tests, and where do they stand?"""

import datetime as dt
from types import SimpleNamespace
from typing import Any

from django.contrib.auth.models import Permission
from django.db import transaction
from django.utils import timezone
from rest_framework.authtoken.models import Token

from sites.models import Site, SiteStatus
from subcommittees.models import Appointment, Grant, Operation, Unit, User

PASSWORD = "mat-khau-thu-nghiem"

UNITS = [
    ("bo", "vn/", "BO", "Bộ Công an", "ministry"),
    ("tgv", "vn/TGV/", "TGV", "Tổ giúp việc", "helper_team"),
    ("k02", "vn/K02/", "K02", "Bộ Tư lệnh Cảnh sát cơ động", "command"),
    ("sonla", "vn/14/", "14", "Tỉnh Sơn La", "province"),
    ("laocai", "vn/15/", "15", "Tỉnh Lào Cai", "province"),
    ("tohieu", "vn/14/03646/", "03646", "Phường Tô Hiệu", "commune"),
    ("chiengan", "vn/14/03664/", "03664", "Phường Chiềng An", "commune"),
    ("sapa", "vn/15/03006/", "03006", "Phường Sa Pa", "commune"),
    ("bacha", "vn/15/02839/", "02839", "Xã Bắc Hà", "commune"),
]

# name: (role, unit); what each is there to prove stands beside it
OFFICERS = {
    "head": ("ministry_head", "bo"),
    "duty": ("ministry_duty", "bo"),
    "wall": ("wall", "bo"),  # sees the nation, may do nothing
    "secretary": ("secretary", "bo"),
    "health": ("health_liaison", "bo"),  # sees health topics only
    "admin": ("accounts", "bo"),  # no operational content
    "k02": ("command_duty", "k02"),
    "sonla_head": ("province_head", "sonla"),
    "sonla_staff": ("province_staff", "sonla"),
    "sonla": ("province_duty", "sonla"),
    "tohieu": ("commune", "tohieu"),
    "chiengan": ("commune", "chiengan"),  # the neighbour in the same province
    "laocai": ("province_duty", "laocai"),  # the neighbour who must see nothing
    "sapa": ("commune", "sapa"),
    "nobody": (None, None),  # an account without a post
}


@transaction.atomic
def settle() -> None:
    """Write the cast to the database."""
    operation = Operation.objects.create(
        slug="bau-cu", name="Bầu cử", election_day=dt.date(2026, 3, 15), current=True
    )
    Operation.objects.create(
        slug="dien-tap", name="Diễn tập", election_day=dt.date(2026, 3, 15), exercise=True
    )
    units: dict[str, Unit] = {}
    for name, path, code, title, kind in UNITS:
        parent = next(
            (unit for unit in units.values() if unit.path == path.rstrip("/").rpartition("/")[0] + "/"), None
        )
        units[name] = Unit.objects.create(path=path, code=code, name=title, kind=kind, parent=parent)
    for name, unit in units.items():
        for number in (1, 2) if unit.kind == "commune" else ():
            site = Site.objects.create(
                code=f"{unit.path[3:5]}-{unit.code}-{number:03d}",
                number=number,
                name=f"Điểm bầu cử {number} – Nhà văn hóa tổ {number}",
                unit=unit,
                lat=21.3 + number / 100,
                lon=103.9,
                kind="hospital" if (name, number) == ("chiengan", 2) else "regular",
            )
            SiteStatus.objects.create(
                operation=operation, site=site, path=unit.path, state="ready", since=timezone.now()
            )
    keys = {key.codename: key for key in Permission.objects.filter(content_type__model="unit")}
    since = timezone.now() - dt.timedelta(days=30)
    for name, (role, place) in OFFICERS.items():
        user = User.objects.create_user(f"thu.{name.replace('_', '-')}", PASSWORD, title=f"Cán bộ {name}")
        Token.objects.create(user=user, key=f"{name:0<40}"[:40])
        if role and place:
            unit = units[place]
            Appointment.objects.create(user=user, unit=unit, path=unit.path, role=role, starts_at=since)
            Grant.objects.create(user=user, content_object=unit, permission=keys[role])


def gather() -> SimpleNamespace:
    """The cast by name, its units under `unit`, its sites as `<commune>_1` and `<commune>_2` under `site`."""
    names = {f"thu.{name.replace('_', '-')}": name for name in OFFICERS}
    users = {names[user.username]: user for user in User.objects.filter(username__in=names)}
    paths = {path: name for name, path, *_ in UNITS}
    units = {paths[unit.path]: unit for unit in Unit.objects.select_related("parent")}
    sites = {
        f"{paths[site.path]}_{site.number}": site for site in Site.objects.select_related("unit__parent")
    }
    return SimpleNamespace(
        **users,
        officers=users,
        operation=Operation.objects.get(slug="bau-cu"),
        exercise=Operation.objects.get(slug="dien-tap"),
        unit=SimpleNamespace(**units),
        site=SimpleNamespace(**sites),
    )


def token(user: User) -> str:
    return Token.objects.get(user=user).key


WIPED = (
    "journal_carried", "journal_delivery", "journal_address",
    "journal_notice", "journal_key", "journal_entry", "journal_event", "journal_head", "journal_seal",
    "journal_sweep", "incidents_incident", "sites_finding", "sites_check", "sites_reminder", "sites_draftcell",
    "sites_inspection", "sites_localitem", "sites_sitestatus", "sites_sitereport", "sites_unitstatus",
    "sites_unitreport", "sites_slot", "subcommittees_importrow", "subcommittees_importpart",
    "subcommittees_import", "sites_site", "subcommittees_viewing", "subcommittees_grant",
    "subcommittees_appointment", "subcommittees_signinfailure", "authtoken_token", "django_session",
    "account_emailaddress", "subcommittees_user", "subcommittees_unit", "subcommittees_operation",
)  # fmt: skip


def wipe(cursor: Any) -> None:
    """Empty what tests fill, as the owner: DELETE takes a millisecond where a flush takes a second."""
    for table in WIPED:
        if table == "subcommittees_unit":
            cursor.execute("UPDATE subcommittees_unit SET parent_id = NULL")
        cursor.execute(f"DELETE FROM {table}")
    cursor.execute("UPDATE journal_clock SET shift = interval '0'")
    # Streams begin anew, so a web process that still runs must forget how far it had read.
    cursor.execute(
        "INSERT INTO journal_epoch (name, at, reason)"
        " VALUES (replace(gen_random_uuid()::text, '-', ''), clock_timestamp(), 'wiped')"
    )
