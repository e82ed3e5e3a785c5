"""Which page lets a unit say how it stands itself?"""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from journal import clock
from journal.keys import KeyReused
from sites import checklist
from sites.checklist import UNIT_ITEMS
from sites.inspections import pages as inspections
from sites.inspections.queries import Target
from sites.readiness import queries as readiness
from sites.readiness.actions import Closed, Stale
from sites.readiness.models import SOURCES, Slot, UnitReport
from sites.unit_reports import actions, queries
from sites.unit_reports.forms import UnitForm, said
from subcommittees import queries as chain
from subcommittees.doors import once, operation_of, user_of
from subcommittees.models import Unit
from subcommittees.pages import line_to
from subcommittees.scope import may, reach, sees


@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest, unit: str) -> HttpResponse:
    """The unit's own report for the slot asked for, or for the one to be answered now."""
    found, slot = _place(request, unit)
    if slot is None:
        return render(
            request, "sites/own.html", {"unit": found, "slot": None, "trail": _trail(request, found)}
        )
    if request.method != "POST":
        return _page(request, found, slot)
    form = UnitForm(request.POST)
    if form.is_valid():
        try:
            answer = once(request, lambda: _filed(request, found, slot, form))
        except (Closed, Stale) as error:
            return _page(request, found, slot, form, {"refused": str(error)}, 409)
        except KeyReused as error:
            return _page(request, found, slot, form, {"refused": error.messages[0]}, 409)
        except ValidationError as error:
            _mark(form, error)
        else:
            messages.success(
                request, _("Handed in.") if answer else _("Handed in before: nothing has changed.")
            )
            return _back(found, slot)
    return _page(request, found, slot, form, {"page_error": True}, 400)


@require_POST
def verify(request: HttpRequest, unit: str) -> HttpResponse:
    """Confirm the report in view."""
    return _judge(request, unit, "verify")


@require_POST
def send_back(request: HttpRequest, unit: str) -> HttpResponse:
    """Send single items of the report in view back, with the reason."""
    return _judge(request, unit, "return")


def _judge(request: HttpRequest, path: str, what: str) -> HttpResponse:
    found, slot = _place(request, path)
    if slot is None:
        raise Http404
    given: dict[str, Any] = {
        "by": user_of(request), "operation": operation_of(request), "slot": slot, "unit": found,
        "revision": _revision(request),
    }  # fmt: skip

    def act() -> str:
        if what == "verify":
            actions.verify_unit(**given)
        else:
            items, reason = request.POST.getlist("items"), request.POST.get("reason", "").replace("\0", "")
            actions.send_back_unit(items=items, reason=reason, **given)
        return what

    try:
        once(request, act)
    except (Closed, Stale) as error:
        messages.error(request, str(error))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Confirmed.") if what == "verify" else _("Sent back."))
    return _back(found, slot)


def _filed(request: HttpRequest, unit: Unit, slot: Slot, form: UnitForm) -> str:
    filed = actions.file_unit(
        by=user_of(request), operation=operation_of(request), slot=slot, unit=unit, **form.given()
    )
    return "" if filed.unchanged else str(filed.report.pk)


def _mark(form: UnitForm, error: ValidationError) -> None:
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields and name != "slot" else None, errors)


def _place(request: HttpRequest, path: str) -> tuple[Unit, Slot | None]:
    """The unit and the slot; 404 out of reach and for a unit that reports on nothing of its own."""
    user, operation = user_of(request), operation_of(request)
    found = chain.found_unit(user, path)
    if not queries.owes(found):
        raise Http404
    if not sees(user, actions.TOPIC, path=found.path):
        raise PermissionDenied
    number = request.POST.get("slot") or request.GET.get("slot") or ""
    if not number:
        return found, readiness.asked_now(operation)
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        raise Http404
    slot = readiness.all_slots(operation).filter(pk=number, track="regular").first()
    if slot is None:
        raise Http404
    return found, slot


def _revision(request: HttpRequest) -> int | None:
    number = request.POST.get("revision", "")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 6 else None


def _trail(request: HttpRequest, unit: Unit) -> list[tuple[str, str]]:
    return line_to(user_of(request), unit, "readiness-board")


def _back(unit: Unit, slot: Slot) -> HttpResponse:
    return redirect(f"{reverse('readiness-own', args=[unit.path])}?slot={slot.pk}")


def _page(
    request: HttpRequest,
    unit: Unit,
    slot: Slot,
    form: UnitForm | None = None,
    more: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    user, at = user_of(request), clock.now()
    last, before = queries.latest(slot, unit), queries.before(slot, unit)
    copied = request.method != "POST" and "copy" in request.GET and before is not None
    if form is None:
        first = said(before if copied else last)
        hidden = {
            "slot": slot.pk,
            "revision": last.revision if last else 0,
            "idempotency_key": uuid.uuid4().hex,
        }
        form = UnitForm(initial={**first, **hidden})
    open_ = slot.cancelled_at is None and slot.opens_at <= at < slot.closes_at
    allowed = may(user, "readiness.file_unit", unit.path, actions.TOPIC)
    above = "/".join(unit.path.rstrip("/").split("/")[:-1]) + "/"
    judge = last is not None and may(user, "readiness.send_back", above, actions.TOPIC)
    stands = queries.status(operation_of(request), unit)
    context = {
        "unit": unit,
        "slot": slot,
        "form": form,
        "last": last,
        "last_words": _words(last),
        "reports": [_row(report) for report in queries.history(slot, unit)],
        "before": before,
        "copied": copied,
        "writable": allowed and open_,
        "late": open_ and at > slot.silent_at,
        "on_behalf": allowed and not any(one.path == unit.path for one in reach(user)),
        "judge": judge,
        "confirmed": stands.verified_at if stands and last and stands.report_id == last.pk else None,
        "inspected": inspections.panel(user, operation_of(request), Target(unit=unit)),
        "judge_key": uuid.uuid4().hex,
        "trail": _trail(request, unit),
        **(more or {}),
    }
    return render(request, "sites/own.html", context, status=status)


def _row(report: UnitReport) -> dict[str, Any]:
    return {
        "at": report.at,
        "post": report.post,
        "late": report.late,
        "verdict_words": checklist.VERDICTS[report.verdict],
        "source_words": SOURCES[report.source],
    }


def _words(report: UnitReport | None) -> dict[str, Any]:
    """How a report is told: verdict, source, what was sent back."""
    if report is None:
        return {}
    return {
        "verdict": checklist.VERDICTS[report.verdict],
        "source": SOURCES[report.source],
        "said": [
            {
                "item": item,
                "answer": checklist.ANSWERS.get(report.answers.get(code, "")),
                "number": report.numbers.get(code),
                "reason": (report.reasons or {}).get(code, ""),
            }
            for code, item in UNIT_ITEMS.items()
        ],
    }
