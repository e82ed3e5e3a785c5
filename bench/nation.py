"""What stands in the database while it is measured? The national demo, officers to report, and many incidents."""

import contextlib
import datetime as dt
import io
import random
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from rest_framework.authtoken.models import Token

from bench import house
from command_center.up import screen
from incidents import categories
from incidents.models import Incident
from journal import clock
from journal.log import canonical
from sites.models import Site
from subcommittees.models import Appointment, Grant, Operation, Unit, User
from subcommittees.vietnamese import fold

INCIDENTS = 100_000
OPEN_SHARE = 0.03
IN_ONE_GO = 1_000
OFFICERS_A_PROVINCE = 10
FLOOR_TABLE = """
CREATE TABLE IF NOT EXISTS bench_floor (id bigserial PRIMARY KEY, body text NOT NULL);
GRANT INSERT ON bench_floor TO baucu_web; GRANT USAGE ON SEQUENCE bench_floor_id_seq TO baucu_web
"""


@dataclass
class Nation:
    """Who can be measured with: commune officers with one site each, and named accounts of each level."""

    operation: Operation
    reporters: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # province: (token, site)
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def everywhere(self) -> list[tuple[str, str]]:
        """One reporter of each province, then the second of each, …"""
        return [one for some in zip(*self.reporters.values(), strict=False) for one in some]


LEVELS = {"national": "bo.trucban", "provincial": "sonla.trucban", "communal": "sonla.tohieu"}


def stand_up() -> Nation:
    """Load everything once; a second run on the same database finds it."""
    call_command("prepare")
    with house.asking() as cursor:
        cursor.execute(FLOOR_TABLE)
    nation = Nation(Operation.objects.get(current=True))
    if not User.objects.filter(username__startswith="bench.").exists():
        provinces = Unit.objects.filter(kind="province").order_by("path")
        some = [Unit.objects.filter(parent=one).order_by("path")[:OFFICERS_A_PROVINCE] for one in provinces]
        appoint([unit for units in some for unit in units], "bench")
    for user in User.objects.filter(username__in=LEVELS.values()):
        nation.tokens[user.username] = Token.objects.get_or_create(user=user)[0].key
    held = Appointment.objects.filter(user__username__startswith="bench.").select_related(
        "user__auth_token", "unit"
    )
    sites = dict(Site.objects.filter(number=1).values_list("path", "code"))
    for one in held.order_by("user__username"):
        nation.reporters.setdefault(one.path[3:5], []).append((one.user.auth_token.key, sites[one.path]))
    return nation


@transaction.atomic
def appoint(units: Iterable[Unit], prefix: str) -> None:
    """A commune officer at each of these, as an import of accounts would make them."""
    since = timezone.now() - dt.timedelta(days=1)
    key = Permission.objects.get(codename="commune", content_type__model="unit")
    held = [(User(username=f"{prefix}.{unit.code}", title=f"Công an {unit.name}"), unit) for unit in units]
    people = User.objects.bulk_create([one for one, _unit in held])
    Token.objects.bulk_create([Token(user=person, key=Token.generate_key()) for person in people])
    Appointment.objects.bulk_create(
        [
            Appointment(user=one, unit=unit, path=unit.path, role="commune", starts_at=since)
            for one, unit in held
        ]
    )
    Grant.objects.bulk_create([Grant(user=one, content_object=unit, permission=key) for one, unit in held])


def happen(wanted: int) -> None:
    """Let there be this many incidents, each with an event whose `after` says what the row says."""
    here = Incident.objects.count()
    if here >= wanted:
        return
    dice = random.Random(here)  # noqa: S311 - chance that can be repeated is wanted
    operation = Operation.objects.get(current=True)
    reporter = User.objects.get(username="bo.trucban")
    columns = "id, code, name, unit_id, path"
    with house.asking() as cursor:
        cursor.execute(f"SELECT {columns} FROM sites_site ORDER BY id")
        sites = cursor.fetchall()
        cursor.execute("SELECT id, name FROM subcommittees_unit")
        names = dict(cursor.fetchall())
    # One stream after the other: numbering the events of a transaction costs their number for each of its streams.
    places = sorted((dice.choice(sites) for _ in range(here, wanted)), key=lambda site: site[4])
    with screen.bar(f"{wanted:,} incidents", wanted - here) as bar:
        for first in range(0, len(places), IN_ONE_GO):
            some = enumerate(places[first : first + IN_ONE_GO], here + first)
            _copy([_told(number, dice, operation, reporter, site, names) for number, site in some])
            bar.to(first + IN_ONE_GO)
    with house.asking() as cursor:
        cursor.execute("VACUUM (ANALYZE) incidents_incident, journal_event, journal_entry")


def _told(
    number: int, dice: random.Random, operation: Operation, by: User, site: Any, names: dict[int, str]
) -> tuple[dict[str, Any], str]:
    """One incident as its row and as the text of its event."""
    site_id, code, name, unit, path = site
    kind = dice.choice(list(categories.CATEGORIES.values()))
    at = timezone.now() - dt.timedelta(seconds=dice.randrange(60, 72_000))
    over = dice.random() >= OPEN_SHARE
    state = dice.choice(("closed", "closed", "closed", "false_alarm")) if over else dice.choice(STILL)
    severity = dice.choice((1, 1, 1, 2, 2, 3)) if over else dice.choice((1, 2, 2, 3, 4))
    ref = f"SC-{path[3:5]}-{900_000 + number}"
    row = {
        "id": str(uuid.UUID(int=dice.getrandbits(128), version=4)), "operation_id": operation.pk, "ref": ref,
        "site_id": site_id, "unit_id": unit, "path": path, "category": kind.code, "topic": kind.topic,
        "secrecy": kind.secrecy, "severity": severity, "summary": WORDS[number % len(WORDS)],
        "search_key": fold(f"{ref} {name} {names[unit]} {kind.name.vi} {WORDS[number % len(WORDS)]}"),
        "state": state, "happened_at": at, "reported_at": at, "reported_by_id": by.pk, "reported_post": by.title,
        "answer_by": at + dt.timedelta(minutes=10), "unanswered_at": at + dt.timedelta(minutes=10),
        "acknowledged_post": "", "moved_at": at, "moved_by_id": by.pk, "moved_post": by.title,
    }  # fmt: skip
    after = {name: row[name] for name in ("path", "topic", "secrecy", "category", "severity", "state")}
    event: dict[str, Any] = {
        "id": f"{dice.getrandbits(64):016x}", "verb": f"incident.{state}", "at": clock.wire(at),
        "operation": operation.slug, "stream": f"{operation.slug}/{path[3:5]}",
        "unit": {"path": path, "name": names[unit]}, "audience": [], "topic": kind.topic, "secrecy": kind.secrecy,
        "actor": by.username, "post": by.title, "about": f"incident:{row['id']}",
        "subject": {"kind": "incident", "id": row["id"], "ref": ref},
        "line": {
            "ref": ref, "category": kind.code, "severity": severity, "state": state, "site": name,
            "site_code": code, "answer_by": None, "text": row["summary"], "by": by.title,
        },
        "after": {f"incident:{row['id']}": {**after, "answer_by": clock.wire(row["answer_by"])}},
    }  # fmt: skip
    return row, canonical(event)


STILL = ("reported", "acknowledged", "verified", "responding")
WORDS = (
    "Mất điện cục bộ, đã chuyển sang máy phát dự phòng.",
    "Xe tải chết máy chắn lối vào điểm bầu cử.",
    "Gió giật làm tốc một phần mái che khu vực chờ.",
    "Khoảng hai mươi người đến nơi niêm yết hỏi về danh sách cử tri.",
    "Điện thoại cố định mất tín hiệu, đang liên lạc bằng bộ đàm.",
)


def _copy(told: list[tuple[dict[str, Any], str]]) -> None:
    """Rows and events in one transaction, numbered by the trigger like any other."""
    names = list(told[0][0])
    with contextlib.closing(house.connect()) as owner:
        owner.autocommit = False
        with owner.cursor() as cursor:
            rows = "".join(copied(row[name] for name in names) for row, _ in told)
            cursor.copy_expert(f"COPY incidents_incident ({', '.join(names)}) FROM STDIN", io.StringIO(rows))
            events = "".join(_cell(event) + "\n" for _, event in told)
            cursor.copy_expert("COPY journal_event (body) FROM STDIN", io.StringIO(events))
        owner.commit()


def copied(values: Iterable[Any]) -> str:
    """A line of COPY."""
    return "\t".join(map(_cell, values)) + "\n"


def _cell(value: Any) -> str:
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
