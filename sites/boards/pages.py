"""Which doors let a higher level confirm what a commune said of its sites, or send it back?"""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from sites import queries as sites
from sites.models import Site
from sites.readiness import actions
from sites.readiness import queries as readiness
from sites.readiness.actions import Closed, Stale
from sites.readiness.models import Slot
from subcommittees import queries as chain
from subcommittees.doors import once, operation_of, user_of
from subcommittees.scope import require

CELLS = 2_000


@require_POST
def verify(request: HttpRequest, unit: str) -> HttpResponse:
    """Confirm all that the sites of the commune stand by, as it was in view."""
    by, operation = user_of(request), operation_of(request)
    found = chain.found_unit(by, unit)
    require(by, "readiness.verify", found.path, actions.TOPIC)
    seen = _moment(request.POST.get("seen_at", ""))

    def act() -> str:
        done = 0
        for slot in _slots(request, request.POST.getlist("slot")).values():
            done += len(actions.verify(by=by, operation=operation, slot=slot, unit=found, seen_at=seen))
        return str(done)

    return _answered(
        request, found.path, act, lambda n: ngettext("%(n)d report confirmed.", "%(n)d reports confirmed.", n)
    )


@require_POST
def send_back(request: HttpRequest, unit: str) -> HttpResponse:
    """Send the chosen cells back: `cell` is slot:site:revision:item, one reason for all of them."""
    by, operation = user_of(request), operation_of(request)
    found = chain.found_unit(by, unit)
    require(by, "readiness.send_back", found.path, actions.TOPIC)
    chosen: dict[tuple[str, str, str], list[str]] = {}
    for cell in request.POST.getlist("cell")[:CELLS]:
        slot, code, revision, item = [*cell.split(":"), "", "", ""][:4]
        chosen.setdefault((slot, code, revision), []).append(item)
    reason = request.POST.get("reason", "").replace("\0", "")

    def act() -> str:
        if not chosen:
            raise ValidationError(_("Choose at least one answer."))
        known = _slots(request, [slot for slot, _code, _revision in chosen])
        sites = {code: _site(request, code, found.path) for _slot, code, _revision in chosen}
        # In the order in which everybody holds sites: two who send back and file do not wait for each other in a ring.
        for (slot, code, revision), items in sorted(chosen.items(), key=lambda one: sites[one[0][1]].pk):
            number = (
                int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 6 else None
            )
            actions.send_back(
                by=by, operation=operation, slot=known[slot], site=sites[code], items=items, reason=reason,
                revision=number,
            )  # fmt: skip
        return str(len(chosen))

    return _answered(
        request,
        found.path,
        act,
        lambda n: ngettext("Sent back to %(n)d site.", "Sent back to %(n)d sites.", n),
    )


def _answered(request: HttpRequest, path: str, act: Any, words: Any) -> HttpResponse:
    try:
        done = int(once(request, act))
    except (Closed, Stale) as error:
        messages.error(request, str(error))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, words(done) % {"n": done})
    return redirect("readiness-board", unit=path)


def _slots(request: HttpRequest, given: list[str]) -> dict[str, Slot]:
    """The slots of this operation by their numbers as they came; else Slot.DoesNotExist."""
    numbers = {one for one in given if one.isascii() and one.isdigit() and len(one) < 18}
    found = {str(one.pk): one for one in readiness.all_slots(operation_of(request)).filter(pk__in=numbers)}
    if len(found) < len({*given}):
        raise Slot.DoesNotExist
    return found


def _site(request: HttpRequest, code: str, path: str) -> Site:
    site = sites.found(user_of(request), code)
    if site.path != path:
        raise Site.DoesNotExist
    return site


def _moment(text: str) -> dt.datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and found.tzinfo else None
