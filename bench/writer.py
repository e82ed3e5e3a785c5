"""When was each event committed? A process of its own reports incidents and says so."""

import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "command_center.settings")
django.setup()

from incidents import actions  # noqa: E402
from sites.models import Site  # noqa: E402
from subcommittees.models import Operation, User  # noqa: E402


def main() -> None:
    """`count` incidents, `every` seconds apart: `uid moment` of each on its own line; `ready` before the first."""
    count, every = int(sys.argv[1]), float(sys.argv[2])
    operation = Operation.objects.get(current=True)
    by = User.objects.get(username="bo.trucban")
    sites = list(Site.objects.select_related("unit").order_by("path")[: 72_000 : 72_000 // count])
    say("ready")
    sys.stdin.readline()
    due = time.time()
    for site in sites[:count]:
        due += every
        time.sleep(max(0.0, due - time.time()))
        made = actions.report(
            by=by, operation=operation, site=site, category="POWER", severity=2, summary="Báo thử"
        )
        say(f"{made.pk} {time.time():.6f}")


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


main()
