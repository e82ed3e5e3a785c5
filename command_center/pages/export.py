"""Which doors hand a list out as a file?"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from command_center import exporting
from command_center.exports import LISTINGS, Filters, Listing, Withdrawn, book, file_name, guarded
from reports import exports
from reports.models import Export
from subcommittees import lists
from subcommittees.doors import operation_of, user_of
from subcommittees.sheets import writer

AT_ONCE = 2_000  # rows of a workbook that one request may wait for
MOST = 2_000_000  # cells of a workbook that a worker makes in its time: half a minute
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_http_methods(["GET", "POST"])
def export(request: HttpRequest, listing: str) -> HttpResponseBase:
    """The list as filtered: CSV flows at once, a small workbook too; a large one is made beside (POST asks for it)."""
    one = LISTINGS[listing]
    filters = lists.asked(request, *one.filters)
    suffix = request.GET.get("format", "csv")
    if suffix not in TYPES:
        raise ValidationError({"format": _("Unknown value.")})
    user, operation = user_of(request), operation_of(request)
    rows = one.rows(user, operation, filters)
    name = file_name(one, operation, suffix)
    if suffix == "csv" and request.method == "GET":
        dialect = writer.DIALECTS[_language()]
        told = _("STOPPED: your authority changed while this file was being made. It is not whole.")
        body = _told_if_stopped(writer.csv(one.columns(user), guarded(rows, user), dialect), told)
        return _file(StreamingHttpResponse(body, content_type=TYPES["csv"]), name)
    total = rows.count()
    if total * len(one.columns(user)) > MOST:
        told = _("%(n)d rows are too many for one workbook. Narrow the list, or take it as CSV.") % {
            "n": total
        }
        raise ValidationError(told)
    if request.method == "POST":
        return _ordered(request, listing, filters, total)
    if total > AT_ONCE:
        return render(request, "command_center/export.html", {"listing": one, "total": total, "export": None})
    return _file(HttpResponse(_book(request, one, filters), content_type=TYPES["xlsx"]), name)


@require_GET
def export_file(request: HttpRequest, token: str) -> HttpResponse:
    """How far the file is, and where it can be taken from when it is done."""
    made = _mine(request, token)
    one = LISTINGS[made.listing]
    context = {"listing": one, "total": made.total, "export": made, "going": made.state in exports.UNFINISHED}
    return render(request, "command_center/export.html", context)


@require_GET
def export_download(request: HttpRequest, token: str) -> HttpResponseBase:
    made = _mine(request, token)
    if made.state != "ready":
        raise Http404
    answer = _file(StreamingHttpResponse(exports.pieces(made), content_type=TYPES["xlsx"]), made.file_name)
    answer["Content-Length"] = str(made.size)
    answer["Content-Encoding"] = "identity"  # a workbook is packed already
    return answer


def _mine(request: HttpRequest, token: str) -> Export:
    """The file, for whom it was made and while they still see what they saw then; else as if absent."""
    user = user_of(request)
    made = exports.mine(user, token)
    if made.state == "ready" and exports.standing(user) != made.reach:
        exports.end(made, "withdrawn")
        raise Http404
    if made.operation != operation_of(request).slug:
        raise Http404
    return made


def _ordered(request: HttpRequest, listing: str, filters: Filters, total: int) -> HttpResponse:
    user, operation = user_of(request), operation_of(request)
    made, fresh = exports.asked(
        user=user,
        operation=operation,
        listing=listing,
        filters=filters,
        language=_language(),
        file_name=file_name(LISTINGS[listing], operation, "xlsx"),
        total=total,
    )
    if fresh:
        exporting.start(made)
    return redirect("export-file", token=made.token)


def _book(request: HttpRequest, one: Listing, filters: Filters) -> bytes:
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        place = Path(folder) / "file"
        book(place, one, user_of(request), operation_of(request), filters, bool)
        return place.read_bytes()


def _told_if_stopped(pieces: Iterator[bytes], told: str) -> Iterator[bytes]:
    try:
        yield from pieces
    except Withdrawn:
        yield f"\r\n{told}\r\n".encode()


def _file(answer: HttpResponseBase, name: str) -> HttpResponseBase:
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _language() -> str:
    return "en" if (get_language() or "").startswith("en") else "vi"
