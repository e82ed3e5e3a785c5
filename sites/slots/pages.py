"""Which pages show when is what to be answered, and let it be changed?"""

import datetime as dt
import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from journal import clock
from journal.keys import KeyReused
from sites import checklist
from sites.readiness import actions as readiness
from sites.readiness import calendar as rules
from sites.readiness import queries
from sites.readiness.actions import TOPIC, Closed
from sites.readiness.models import TRACKS, Slot
from sites.slots import actions
from sites.slots.forms import SlotForm
from sites.slots.serializers import state_of
from sites.trends import queries as trends
from subcommittees import lists
from subcommittees.doors import once, operation_of, user_of
from subcommittees.models import Operation, Unit, User
from subcommittees.queries import found_unit
from subcommittees.scope import NATION, may, reach, sees

SHOWN = 10  # past slots with their numbers
STATES = {
    "upcoming": gettext_lazy("not open yet"),
    "open": gettext_lazy("open"),
    "late": gettext_lazy("late answers only"),
    "closed": gettext_lazy("closed"),
    "cancelled": gettext_lazy("called off"),
}


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """The slots of a track: what is asked now, what comes, and how what is past was answered."""
    user, operation = user_of(request), operation_of(request)
    if not sees(user, TOPIC):
        raise PermissionDenied
    track = lists.asked(request, "track")["track"] or "regular"
    if track not in TRACKS:
        raise Http404
    at = clock.now()
    rows = list(queries.all_slots(operation).filter(track=track))
    current = queries.current_of(rows, at)
    own = _own(user)
    may_edit = may(user, "slot.edit", NATION, TOPIC)
    past = [slot for slot in rows if slot.silent_at <= at and slot.pk not in current]
    judged = [slot for slot in past if slot.cancelled_at is None and slot.planned_at < slot.silent_at]
    points = _points(user, operation, own, judged[-SHOWN:], at)
    drawn = [_row(operation, slot, at, current, points, editable=may_edit) for slot in rows]
    over = [row for row in reversed(drawn) if row["slot"].silent_at <= at and not row["current"]]
    day = rules.day_of(operation.election_day, track)
    context = {
        "tracks": [(code, name, code == track) for code, name in TRACKS.items()],
        "track": track,
        "day": day,
        "days": (day - localdate(at)).days,
        "now": [row for row in drawn if row["current"]],
        "coming": _by_phase([row for row in drawn if row["slot"].silent_at > at and not row["current"]]),
        "past": over[:SHOWN],
        "earlier": over[SHOWN:],
        "own": own,
        "may_plan": may(user, "slot.plan", NATION, TOPIC),
        "idempotency_key": uuid.uuid4().hex,
    }
    return render(request, "sites/calendar.html", context)


@require_POST
def plan(request: HttpRequest) -> HttpResponse:
    """Make the slots that the election day wants and that do not stand yet."""
    user, operation = user_of(request), operation_of(request)
    new = int(once(request, lambda: str(readiness.plan(by=user, operation=operation))))
    words = ngettext("%(n)d slot is planned.", "%(n)d slots are planned.", new) % {"n": new}
    messages.success(request, words if new else _("All slots stand already."))
    return redirect("calendar")


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slot: int) -> HttpResponse:
    """Move a slot or its grace, call it off, or let it stand again; always with the reason."""
    user, operation = user_of(request), operation_of(request)
    if not sees(user, TOPIC):
        raise Http404
    found = queries.all_slots(operation).filter(pk=slot).first()
    if found is None:
        raise Http404
    if not may(user, "slot.edit", NATION, TOPIC):
        raise PermissionDenied
    start = {"idempotency_key": uuid.uuid4().hex}
    form = SlotForm(found, request.POST if request.method == "POST" else None, initial=start)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                once(request, lambda: _edited(request, operation, found, form))
            except ValidationError as error:
                _mark(form, error)
            except (Closed, KeyReused) as error:
                form.add_error(None, str(error) if isinstance(error, Closed) else error.messages[0])
                status = 409
            else:
                messages.success(request, _("The slot is changed."))
                return redirect(f"{reverse('calendar')}?track={found.track}")
    context = {
        "slot": found,
        "form": form,
        "over": found.silent_at <= clock.now(),
        "track_name": TRACKS[found.track],
        "trail": [(_("Calendar"), f"{reverse('calendar')}?track={found.track}")],
        "page_error": bool(form.errors),
    }
    return render(request, "sites/slot.html", context, status=status)


def _edited(request: HttpRequest, operation: Operation, slot: Slot, form: SlotForm) -> str:
    what = request.POST.get("act", "")
    cancel = {"cancel": True, "restore": False}.get(what)
    edited = actions.edit(
        by=user_of(request),
        operation=operation,
        slot=slot,
        reason=form.cleaned_data["reason"],
        times={} if cancel else form.times(),
        cancel=cancel,
    )
    return str(edited.pk)


def _mark(form: SlotForm, error: ValidationError) -> None:
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, words in error.error_dict.items():
        field = "grace" if name == "silent_at" else name
        form.add_error(field if field in form.fields else None, words)


def _own(user: User) -> Unit | None:
    """The unit whose history is shown: the highest one whose sites one sees."""
    shown = [one.path for one in reach(user) if one.can.topics is None or TOPIC in one.can.topics]
    return found_unit(user, min(shown, key=len)) if shown else None


def _points(
    user: User, operation: Operation, own: Unit | None, past: list[Slot], at: dt.datetime
) -> dict[int, trends.Point]:
    """How the sites in reach stood when each of these slots was judged."""
    if own is None or not past:
        return {}
    if trends.whole(own.path):
        rows = trends.points(past, trends.checked(user, own.path, past)[0])
    else:
        known = trends.calendars(operation, at)[past[0].track]
        rows = trends.from_reports(user, own.path, known, past)
    return {one.slot.pk: one for one in rows}


def _row(
    operation: Operation,
    slot: Slot,
    at: dt.datetime,
    current: set[int],
    points: dict[int, trends.Point],
    *,
    editable: bool,
) -> dict[str, Any]:
    state = state_of(slot, at)
    return {
        "slot": slot,
        "phase": checklist.PHASES[slot.phase],
        "days": (rules.day_of(operation.election_day, slot.track) - localdate(slot.due_at)).days,
        "grace": int((slot.silent_at - slot.due_at).total_seconds() // 60),
        "state": state,
        "state_words": STATES[state],
        "current": slot.pk in current,
        "point": points.get(slot.pk),
        "editable": editable and slot.silent_at > at,
    }


def _by_phase(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"name": name, "rows": found}
        for code, name in checklist.PHASES.items()
        if (found := [row for row in rows if row["slot"].phase == code])
    ]
