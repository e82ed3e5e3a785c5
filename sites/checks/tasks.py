"""Which clocks of readiness are swept?"""

import logging
import time
from collections.abc import Callable

from celery import shared_task
from django.db import InterfaceError, OperationalError

from journal.models import Sweep
from sites.checks import actions, queries
from sites.readiness.models import Slot
from subcommittees.models import Operation, Unit
from subcommittees.scope import SYSTEM

log = logging.getLogger(__name__)
AT_ONCE = 500
AT_MOST = 20.0  # seconds; what is left waits for the next tick


@shared_task
def check() -> int:
    """Judge each slot that ran out, in each province, the oldest first; safe to run twice, late, or at once.

    Where one fails, the later slots of the same province wait for it, and no other province does.
    """
    done = _each(queries.unchecked(AT_ONCE), _check)
    Sweep.ran("checks")
    return done


@shared_task
def remind() -> int:
    """Remind of each slot that is soon due."""
    done = _each(queries.unreminded(AT_ONCE), _remind)
    Sweep.ran("reminders")
    return done


@shared_task
def escalate() -> int:
    """Tell the next level of what has stood too long."""
    done = 0
    for operation, level, path in queries.climbing():
        try:
            of, unit = (
                Operation.objects.get(pk=operation),
                Unit.objects.select_related("parent").get(path=path),
            )
            done += actions.escalate(by=SYSTEM, operation=of, level=level, unit=unit)
        except (InterfaceError, OperationalError):
            raise
        except Exception:
            log.exception("what stands too long under %s cannot be told", path)
    Sweep.ran("escalations")
    return done


def _check(slot: Slot, area: Unit) -> bool:
    return actions.check(by=SYSTEM, operation=slot.operation, slot=slot, province=area) is not None


def _remind(slot: Slot, area: Unit) -> bool:
    return actions.remind(by=SYSTEM, operation=slot.operation, slot=slot, province=area) > 0


def _each(pairs: list[tuple[int, int]], act: Callable[[Slot, Unit], bool]) -> int:
    slots = Slot.objects.select_related("operation").in_bulk({slot for slot, _area in pairs})
    areas = Unit.objects.select_related("parent").in_bulk({area for _slot, area in pairs})
    begun, done = time.monotonic(), 0
    stuck: set[int] = set()
    for slot, area in pairs:
        if time.monotonic() - begun > AT_MOST:
            break
        if area in stuck:
            continue
        try:
            done += act(slots[slot], areas[area])
        except (InterfaceError, OperationalError):
            raise
        except Exception:
            log.exception("slot %s cannot be swept at %s", slot, areas[area].path)
            stuck.add(area)
    return done
