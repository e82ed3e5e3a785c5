"""Which pages bring in files: choose one, see what is doubtful, start, watch, and get the bad rows back?"""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from command_center import tasks
from command_center.imports import KINDS
from subcommittees.doors import operation_of, user_of
from subcommittees.imports import faults, jobs, queries
from subcommittees.imports.kinds import Kind
from subcommittees.imports.models import OUTCOMES, Import, Row
from subcommittees.imports.views import bad_rows_file
from subcommittees.sheets.refusal import Refused

SHOWN = 50
PREVIEW = 8
LATEST = 15


@require_safe
def imports(request: HttpRequest) -> HttpResponse:
    """The kinds that this officer may bring in, and the files that they brought."""
    return _chooser(request)


@require_POST
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """Take a file and look at it; nothing is imported before its sender has seen what would be."""
    by, what = user_of(request), _kind(kind)
    jobs.allowed(by, what)
    file: Any = request.FILES.get("file")
    if file is None:
        return _chooser(request, kind, _("Choose a file."), 400)
    try:
        job = jobs.begin(
            by=by,
            operation=operation_of(request),
            kind=what,
            file=file,
            file_name=str(file.name).replace("\0", ""),
            dry_run=True,
        )
    except Refused as refused:
        words = faults.of_file({"code": refused.code, "given": refused.given})
        return _chooser(request, kind, words, refused.status)
    except ValidationError as error:
        return _chooser(request, kind, " ".join(error.messages), 400)
    return _started(job)


@require_safe
def one(request: HttpRequest, kind: str, job: uuid.UUID) -> HttpResponse:
    """How far a file has come. While it runs the page asks again by itself."""
    found, what = _found(request, kind, job)
    page = Paginator(queries.bad_rows(found), SHOWN).get_page(request.GET.get("page"))
    doubtful = [
        {"n": row.n, "cells": row.cells[:6], "faults": queries.told(row, what)} for row in page.object_list
    ]
    counts = found.counts
    context: dict[str, Any] = {
        "job": found,
        "kind": what,
        "page": page,
        "query": "",
        "doubtful": doubtful,
        "preview": _preview(found, what) if found.state == "checked" else None,
        "columns": queries.mapped(found, what),
        "headers": [name for name in dict.fromkeys(found.headers) if name],
        "outcomes": [(words, counts[code]) for code, words in OUTCOMES.items() if counts.get(code)],
        "good": counts.get("good", 0),
        "bad": counts.get("bad", 0),
        "progress": queries.progress(found),
        "notes": queries.notes_of(found),
        "error": queries.error_of(found, what),
        "mendable": found.state in {"checked", "failed"} and bool(found.headers) and found.parts.exists(),
        "trail": [(_("Import"), reverse("imports"))],
    }
    return render(request, "imports/import.html", context)


@require_POST
def columns(request: HttpRequest, kind: str, job: uuid.UUID) -> HttpResponse:
    """Read the file again with columns chosen by hand."""
    found, what = _found(request, kind, job)
    mapping = {column.name: request.POST.get(f"column-{column.name}", "")[:200] for column in what.columns}
    if any(header and header not in found.headers for header in mapping.values()):
        raise ValidationError(_("Unknown value."))
    jobs.allowed(user_of(request), what)
    if not jobs.read_again(job=found, mapping=mapping):
        messages.error(request, _("This file can no longer be changed."))
    return _started(found)


@require_POST
def start(request: HttpRequest, kind: str, job: uuid.UUID) -> HttpResponse:
    found, what = _found(request, kind, job)
    jobs.allowed(user_of(request), what)
    if not jobs.go_on(job=found, good_rows=request.POST.get("mode") == "good"):
        messages.error(request, _("This file can no longer be imported; send it again."))
    return _started(found)


@require_POST
def cancel(request: HttpRequest, kind: str, job: uuid.UUID) -> HttpResponse:
    found, _what = _found(request, kind, job)
    jobs.cancel(job=found)
    return _started(found)


@require_safe
def bad_rows(request: HttpRequest, kind: str, job: uuid.UUID) -> StreamingHttpResponse:
    return bad_rows_file(*_found(request, kind, job))


def _chooser(request: HttpRequest, kind: str = "", error: str = "", status: int = 200) -> HttpResponse:
    user = user_of(request)
    latest = queries.mine(user, operation_of(request))[:LATEST]
    context = {
        "kinds": [one for one in KINDS.values() if jobs.may(user, one)],
        "chosen": kind,
        "error": error,
        "latest": [{"job": job, "kind": KINDS[job.kind]} for job in latest if job.kind in KINDS],
        "page_error": bool(error),
    }
    return render(request, "imports/list.html", context, status=status)


def _started(job: Import) -> HttpResponse:
    number = str(job.pk)
    transaction.on_commit(lambda: tasks.start_import(number))
    return redirect("import", kind=job.kind, job=job.pk)


def _kind(code: str) -> Kind:
    if code not in KINDS:
        raise Http404
    return KINDS[code]


def _found(request: HttpRequest, kind: str, job: uuid.UUID) -> tuple[Import, Kind]:
    what = _kind(kind)
    found = queries.mine(user_of(request), operation_of(request)).filter(pk=job, kind=kind).first()
    if found is None:
        raise Http404
    return found, what


def _preview(job: Import, kind: Kind) -> dict[str, Any]:
    """The first good rows as they are understood, in the columns that the file has."""
    said = [column for column, header in queries.mapped(job, kind) if header]
    rows = Row.objects.filter(of=job, faults=[]).order_by("n")[:PREVIEW]
    return {
        "columns": said,
        "rows": [
            ["" if row.said.get(one.name) is None else str(row.said[one.name]) for one in said]
            for row in rows
        ],
    }
