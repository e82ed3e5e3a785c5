"""What does the demo hold? One nation on the eve of an election, and the calm day behind it."""

import datetime as dt
import re
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.db import connections, transaction

from command_center import env
from command_center.demo import anchor, history, nation, people, readiness, sites
from command_center.up import screen
from journal import clock
from subcommittees.models import Operation

T = TypeVar("T")
SLUG = "bau-cu"
NAME = "Bầu cử đại biểu Quốc hội và HĐND các cấp"
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
TABLES = (
    "subcommittees_unit, subcommittees_user, subcommittees_appointment, subcommittees_grant, sites_site, "
    "sites_sitestatus, sites_sitereport, sites_unitreport, sites_unitstatus, sites_finding, sites_check, "
    "sites_slot, incidents_incident, journal_event, journal_entry, journal_notice"
)


class Command(BaseCommand):
    requires_system_checks = []
    help = "Load a demonstration at national scale: 34 provinces, 3,321 communes, 72,195 synthetic sites."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing where an operation exists")
        parser.add_argument(
            "--reanchor", action="store_true", help="only move election day to where DEMO_DAY says (tomorrow)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        days_left = _days_left(env.text("DEMO_DAY", "D-1"))
        if options["reanchor"] and Operation.objects.exists():
            return self._reanchor(days_left)
        if Operation.objects.exists():
            if options["if_empty"]:
                return None
            raise CommandError("The database is not empty: the demo is loaded into an empty one.")
        if options["reanchor"] and not options["if_empty"]:
            raise CommandError("There is no operation to anchor: load the demo first.")
        with _as_owner():
            loaded = _load(days_left)
        _tidy()
        screen.say(f"  {loaded}")
        screen.flush()
        return None

    def _reanchor(self, days_left: int) -> None:
        day = _today() + dt.timedelta(days=days_left)
        with _as_owner():
            operation = Operation.objects.select_for_update().filter(slug=SLUG).first()
            if operation is None:
                raise CommandError(f"There is no operation “{SLUG}” to anchor.")
            anchor.move(operation, day)
        self.stdout.write(screen.words(f"Ngày bầu cử: {day:%d/%m/%Y}.", f"Election day: {day:%d/%m/%Y}."))


def _days_left(text: str) -> int:
    """`D-1` (today is the day before) → 1, `D` → 0, `D+1` → -1."""
    found = re.fullmatch(r"D([+-]\d{1,3})?", text.strip().upper())
    if not found:
        raise CommandError(f"DEMO_DAY is D-7, D-1, D or D+1, not “{text}”.")
    return -int(found[1] or 0)


def _today() -> dt.date:
    return clock.now().astimezone(VIETNAM).date()


@contextmanager
def _as_owner() -> Iterator[None]:
    """One role, one transaction: cut off half-way, the demo leaves nothing behind, no moved clock either."""
    web = connections["default"]
    connections["default"] = connections["owner"]
    try:
        with transaction.atomic():
            yield
    finally:
        connections["default"] = web


def _load(days_left: int) -> str:
    now = clock.now()
    operation = Operation.objects.create(
        slug=SLUG, name=NAME, election_day=_today() + dt.timedelta(days=days_left), current=True
    )
    provinces, communes = nation.read()
    units = [
        unit for level in _shown("Đơn vị", "Units", nation.load(provinces, communes), 4) for unit in level
    ]
    users = people.load(units, now)
    by_code = {unit.code: unit for unit in units}
    stood = readiness.Readiness(operation, units, users, now)
    count = 0
    for some in _shown("Điểm bầu cử", "Polling sites", sites.load(communes, by_code), len(provinces)):
        stood.load(some)
        count += len(some)
    stood.end()
    with connections["owner"].cursor() as cursor:
        # The day asks these tables often: as long as the planner knows nothing of them, for seconds each time.
        cursor.execute("ANALYZE subcommittees_unit, sites_site")
    day = history.Day(operation, now)
    for _step in _shown("Một ngày bình yên", "A calm day", day.play(stood.facts), len(day.steps)):
        pass
    told = f"{operation.election_day:%d/%m/%Y}"
    return screen.words(
        f"{_vi(len(units))} đơn vị, {len(users)} tài khoản, {_vi(count)} điểm bầu cử; ngày bầu cử {told}.",
        f"{len(units):,} units, {len(users)} accounts, {count:,} polling sites; election day {told}.",
    )


def _vi(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _shown(vi: str, en: str, things: Iterable[T], total: int) -> Iterator[T]:
    """Hand on `things`, of which there are `total`, and show how many are done."""
    with screen.bar(screen.words(vi, en), total) as bar:
        for thing in things:
            yield thing
            bar.step()


def _tidy() -> None:
    """Let the planner know the tables, and empty the waiting lists of their search indexes."""
    owner = connections["owner"]
    inside = owner.in_atomic_block  # only under a test
    with owner.cursor() as cursor:
        cursor.execute(f"{'ANALYZE' if inside else 'VACUUM (ANALYZE)'} {TABLES}")
