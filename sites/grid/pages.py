"""Which pages let a commune answer for all its sites at once?"""

import json
import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from journal import clock
from sites import checklist
from sites.grid import actions, cells, drawn, queries, sheets
from sites.grid.actions import Typed
from sites.grid.queries import NOTE, Grid
from sites.readiness import actions as readiness
from sites.readiness.actions import Closed, Given, Stale
from sites.readiness.models import Slot
from subcommittees import queries as chain
from subcommittees.doors import once, operation_of, user_of
from subcommittees.models import Unit
from subcommittees.pages import line_to
from subcommittees.scope import may, reach, require, sees
from subcommittees.sheets.refusal import Refused

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 200  # faults of a file
MOST = 5000  # cells in one request


class Unseen(Exception):
    """The grid is another one than its officer had in view (409)."""

    def __str__(self) -> str:
        return _("This grid has changed since. Load the page again: what you typed is kept.")


@require_safe
def grid(request: HttpRequest, unit: str) -> HttpResponse:
    """The grid of the slot asked for, or of the one to be answered now."""
    found, slot = _place(request, unit)
    if slot is None:
        return render(
            request, "sites/grid.html", {"unit": found, "grid": None, "trail": _trail(request, found)}
        )
    return _page(request, found, slot)


@require_safe
def state(request: HttpRequest, unit: str) -> JsonResponse:
    """All letters as they stand now, for a page that was away."""
    found, slot = _place(request, unit)
    if slot is None:
        raise Http404
    read = queries.read(user_of(request), operation_of(request), found, slot, history=False)
    return JsonResponse(queries.wire(read, user_of(request)))


@require_POST
def save(request: HttpRequest, unit: str) -> HttpResponse:
    """Keep what was typed: JSON `{cells: [[site, item, letter, seen], …]}` of the page's script, or a plain form."""
    found, slot = _place(request, unit)
    if slot is None:
        raise Http404
    if request.content_type == "application/json":
        return _told(lambda: _saved(request, found, slot, _cells(request)))
    typed = _of_form(request, queries.read(user_of(request), operation_of(request), found, slot))
    answer = _told(lambda: _saved(request, found, slot, typed))
    if answer.status_code != 200:
        messages.error(request, json.loads(answer.content)["message"])
    return _back(found, slot, site=request.POST.get("site", "")[:20])


@require_POST
def file(request: HttpRequest, unit: str) -> HttpResponse:
    """Hand in what the officer has before them, `grid`: `{site: {rev, now, note}}`, once for each key."""
    found, slot = _place(request, unit)
    if slot is None:
        raise Http404
    answer = _told(lambda: JsonResponse(json.loads(once(request, lambda: _filed(request, found, slot)))))
    said = json.loads(answer.content)
    if answer.status_code == 200:
        messages.success(request, said["message"])
    if "application/json" in request.headers.get("Accept", ""):
        return answer
    if answer.status_code != 200:
        messages.error(request, said["message"])
    return _back(found, slot)


@require_http_methods(["GET", "POST"])
def sheet(request: HttpRequest, unit: str) -> HttpResponse:
    """The grid as a workbook (GET), and what somebody has filled in there (POST): all of it or nothing."""
    found, slot = _place(request, unit)
    if slot is None:
        raise Http404
    user, operation = user_of(request), operation_of(request)
    verb = "list.export" if request.method == "GET" else "readiness.file"
    require(user, verb, found.path, "sites")
    read = queries.read(user, operation, found, slot)
    if request.method == "GET":
        answer = HttpResponse(sheets.book(read), content_type=XLSX)
        day = timezone.localtime(slot.due_at).strftime("%Y%m%d-%H%M")
        answer["Content-Disposition"] = f'attachment; filename="san-sang-{found.code}-{day}.xlsx"'
        return answer
    given: Any = request.FILES.get("file")
    if given is None:
        return _page(request, found, slot, {"file_error": _("Choose a file."), "page_error": True}, 400)
    try:
        said = sheets.read(given, read)
    except Refused as refused:
        wrong = {"file_error": sheets.words(refused), "page_error": True}
        return _page(request, found, slot, wrong, refused.status)
    if said.faults:
        shown = {"faults": said.faults[:SHOWN], "faults_count": len(said.faults), "page_error": True}
        return _page(request, found, slot, shown, 400)
    answer = _told(lambda: _saved(request, found, slot, said.typed))
    if answer.status_code != 200:
        return _page(
            request, found, slot, {"file_error": json.loads(answer.content)["message"]}, answer.status_code
        )
    words = ngettext(
        "%(n)d cell of the file is in the grid. Look at it and hand it in.",
        "%(n)d cells of the file are in the grid. Look at it and hand it in.",
        len(said.typed),
    )
    messages.success(request, words % {"n": len(said.typed)})
    return _back(found, slot)


def _place(request: HttpRequest, path: str) -> tuple[Unit, Slot | None]:
    """The commune and the slot; 404 out of reach and for a unit that has no sites of its own."""
    user = user_of(request)
    found = chain.found_unit(user, path)
    if found.kind != Unit.Kind.COMMUNE:
        raise Http404
    if not sees(user, "sites", path=found.path):
        raise PermissionDenied
    number = request.GET.get("slot") or request.POST.get("slot") or ""
    operation = operation_of(request)
    if number:
        return found, queries.slot(operation, number)
    return found, queries.wanted(user, operation, found)


def _trail(request: HttpRequest, unit: Unit) -> list[tuple[str, str]]:
    return line_to(user_of(request), unit, "readiness-board")


def _back(unit: Unit, slot: Slot, site: str = "") -> HttpResponse:
    more = f"&site={site}#one" if site else ""
    return redirect(f"{reverse('readiness-grid', args=[unit.path])}?slot={slot.pk}{more}")


def _page(
    request: HttpRequest, unit: Unit, slot: Slot, more: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    user, operation = user_of(request), operation_of(request)
    read = queries.read(user, operation, unit, slot)
    phase = queries.phase(slot, clock.now())
    allowed = may(user, "readiness.file", unit.path, "sites")
    one = read.row(request.GET.get("site", "")) or (read.rows[0] if read.rows else None)
    context = {
        "unit": unit,
        "grid": read,
        "slot": slot,
        "phase": phase,
        "trail": _trail(request, unit),
        "tasks": queries.tasks(user, operation, unit, slot),
        "begun": queries.STATES["begun"],
        "writable": allowed and phase in {"open", "late"},
        "allowed": allowed,
        "may_take": may(user, "list.export", unit.path, "sites"),
        "on_behalf": allowed and not any(held.path == unit.path for held in reach(user)),
        "one": one,
        "one_items": drawn.one_site(read, one) if one else [],
        "confirming": drawn.confirming(read) if request.GET.get("confirm") else None,
        "idempotency_key": uuid.uuid4().hex,
        **drawn.table(read, user),
        "live": {"unit": unit.path, "cursor": ""},
        **(more or {}),
    }
    return render(request, "sites/grid.html", context, status=status)


def _saved(request: HttpRequest, unit: Unit, slot: Slot, typed: list[Typed]) -> JsonResponse:
    done = actions.save(
        by=user_of(request), operation=operation_of(request), unit=unit, slot=slot, typed=typed
    )
    said = {
        "saved": done.saved,
        "at": clock.wire(clock.now()),
        "met": [[one.site, one.item, one.value, one.by] for one in done.met],
        "refused": done.refused,
    }
    return JsonResponse(said)


def _cells(request: HttpRequest) -> list[Typed]:
    try:
        said = json.loads(request.body)
        given = [Typed(*one) for one in said["cells"]]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ValidationError(_("The request cannot be read. Go back and try again.")) from error
    texts = [text for one in given for text in (one.site, one.item, one.value, one.seen or "")]
    if len(given) > MOST or any(not isinstance(text, str) or "\0" in text for text in texts):
        raise ValidationError(_("The request cannot be read. Go back and try again."))
    return given


def _of_form(request: HttpRequest, grid: Grid) -> list[Typed]:
    """Without a script: the answers of one site, or a press that fills what is empty."""
    fill = request.POST.get("fill", "")
    if fill in {"ok", "last"}:
        return [
            Typed(row.site.code, code, "o" if fill == "ok" else row.before[code], "")
            for row in grid.rows
            for code in row.asked
            if not row.shown.get(code) and (fill == "ok" or code in row.before)
        ]
    row = grid.row(request.POST.get("site", ""))
    if row is None:
        return []
    said = [(code, request.POST.get(f"item-{code}", "")) for code in row.asked]
    typed = [Typed(row.site.code, code, letter) for code, letter in said if letter]
    return [*typed, Typed(row.site.code, NOTE, request.POST.get("note", ""))]


def _filed(request: HttpRequest, unit: Unit, slot: Slot) -> str:
    user, operation = user_of(request), operation_of(request)
    queries.hold(slot, unit)
    read = queries.read(user, operation, unit, slot, history=False)
    given = _given(request, read)
    if not given:
        raise ValidationError(_("There is nothing new to hand in."))
    done = readiness.file(by=user, operation=operation, slot=slot, unit=unit, given=given)
    counts = dict.fromkeys(("ready", "conditional", "not_ready"), 0)
    for report in done.reports:
        counts[report.verdict] += 1
    told = ", ".join(f"{n} {str(checklist.VERDICTS[code]).lower()}" for code, n in counts.items() if n)
    words = ngettext("Handed in: %(n)d site", "Handed in: %(n)d sites", len(done.reports)) % {
        "n": len(done.reports)
    }
    said = {
        "message": f"{words} ({told})." if told else _("Handed in before: nothing has changed."),
        "filed": len(done.reports),
        "unchanged": done.unchanged,
    }
    return json.dumps(said, ensure_ascii=False)


def _given(request: HttpRequest, grid: Grid) -> list[Given]:
    """What is handed in: every site that has an answer and says something it has not said before."""
    try:
        said = json.loads(request.POST.get("grid", ""))
        known = [
            (grid.row(code), int(one["rev"]), str(one["now"]), str(one["note"])) for code, one in said.items()
        ]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValidationError(_("The request cannot be read. Go back and try again.")) from error
    given = []
    for row, revision, now, note in known:
        if row is None or len(now) != len(grid.items) or "\0" in note:
            raise ValidationError(str(Unseen()))
        letters = {
            item.code: one for item, one in zip(grid.items, now, strict=True) if item.code in row.asked
        }
        answers = cells.answers(letters)
        if revision == row.revision and note == row.filed_note and answers == cells.answers(row.filed):
            continue
        if row.unseen(letters, note):
            raise Unseen
        if answers:
            given.append(Given(row.site, answers, note, revision))
    return given


def _told(act: Callable[[], JsonResponse]) -> JsonResponse:
    """Do it; a refusal is told in words that its officer can act on, and nothing of the grid is lost."""
    try:
        with transaction.atomic():
            return act()
    except Closed:
        words = _("This slot takes no answers now. What you typed stands here and is not handed in.")
        return JsonResponse({"code": "slot_closed", "message": words}, status=409)
    except Stale as stale:
        facts = {"site": stale.report.site.name, "post": stale.report.post}
        words = (
            _("%(post)s has reported on %(site)s meanwhile. Look at what differs, then hand in again.")
            % facts
        )
        return JsonResponse({"code": "stale", "message": words}, status=409)
    except Unseen as unseen:
        return JsonResponse({"code": "stale", "message": str(unseen)}, status=409)
    except ValidationError as error:
        fields = error.message_dict if hasattr(error, "error_dict") else {}
        words = " ".join(error.messages)
        return JsonResponse({"code": "invalid", "message": words, "fields": fields}, status=400)
