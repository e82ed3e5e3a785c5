"""What the clocks of readiness do, one case for every action: what the replay test replays."""

from journal import clock
from sites.checks import actions as clocks
from sites.models import Finding
from subcommittees.scope import SYSTEM
from tests.reports.readiness_cases import asked_now, filed


def at(cast, moment, minutes=0):
    cast.move_clock()
    cast.move_clock(seconds=(moment - clock.now()).total_seconds() + 60 * minutes)


def run_out(cast, minutes=1):
    """A slot that part of Tô Hiệu has answered, this long after it ran out."""
    slot = asked_now(cast)
    filed(cast, slot)
    at(cast, slot.silent_at, minutes)
    return slot


def stood_too_long(cast):
    """The silence of the province itself, when its time to mend it is over."""
    clocks.check(by=SYSTEM, operation=cast.operation, slot=run_out(cast), province=cast.unit.sonla)
    found = Finding.objects.get(unit=cast.unit.sonla, closed_at=None)
    at(cast, found.escalate_at, 1)
    return found


CASES = {
    "checks.check": lambda cast: clocks.check(
        by=SYSTEM, operation=cast.operation, slot=run_out(cast), province=cast.unit.sonla
    ),
    "checks.remind": lambda cast: clocks.remind(
        by=SYSTEM, operation=cast.operation, slot=run_out(cast, minutes=-61), province=cast.unit.sonla
    ),
    "checks.urge": lambda cast: (
        run_out(cast) and clocks.urge(by=cast.sonla, operation=cast.operation, unit=cast.unit.sonla)
    ),
    "checks.escalate": lambda cast: clocks.escalate(
        by=SYSTEM, operation=cast.operation, level=1, unit=stood_too_long(cast).unit
    ),
    "checks.close_finding": lambda cast: clocks.close_finding(
        by=cast.duty, finding=stood_too_long(cast), reason="Đã xác minh"
    ),
}
