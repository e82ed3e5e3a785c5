"""What does somebody get who takes a list as a file: the file itself, or the promise of one?"""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from command_center import exporting
from command_center.exports import LISTINGS, Filters, Listing, Withdrawn, book, file_name, guarded
from reports import actions, exports, queries
from reports.models import Export
from subcommittees import lists
from subcommittees.models import Operation, User
from subcommittees.sheets import writer

AT_ONCE = 2_000  # rows of a workbook that one request may wait for
MOST = 2_000_000  # cells of a workbook that a worker makes in its time: half a minute
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Wish:
    """Who wants which list, how filtered, in which form, and how many rows that is now."""

    user: User
    operation: Operation
    listing: str
    filters: Filters
    form: str
    rows: int

    @property
    def list(self) -> Listing:
        return LISTINGS[self.listing]

    @property
    def large(self) -> bool:
        return self.form == "xlsx" and self.rows > AT_ONCE


def wish(user: User, operation: Operation, listing: str, given: Mapping[str, str], form: str) -> Wish:
    """What is asked for, refused where it is no file that can be had."""
    one = LISTINGS[listing]
    filters = lists.checked({name: given.get(name, "") for name in one.filters})
    if form not in TYPES:
        raise ValidationError({"format": _("Unknown value.")})
    found = Wish(user, operation, listing, filters, form, queries.size(one.rows(user, operation, filters)))
    if form == "xlsx" and found.rows * len(one.columns(user)) > MOST:
        told = _("%(n)d rows are too many for one workbook. Narrow the list, or take it as CSV.")
        raise ValidationError(told % {"n": found.rows})
    return found


def at_once(wanted: Wish) -> HttpResponseBase:
    """The file: CSV flows, a small workbook is made while the reader waits."""
    _record(wanted)
    name = file_name(wanted.list, wanted.operation, wanted.form)
    if wanted.form == "xlsx":
        return _file(HttpResponse(_book(wanted), content_type=TYPES["xlsx"]), name)
    user, one = wanted.user, wanted.list
    rows = guarded(one.rows(user, wanted.operation, wanted.filters), user)
    told = _("STOPPED: your authority changed while this file was being made. It is not whole.")
    body = _told_if_stopped(writer.csv(one.columns(user), rows, writer.DIALECTS[_language()]), told)
    return _file(StreamingHttpResponse(body, content_type=TYPES["csv"]), name)


@transaction.atomic
def beside(wanted: Wish) -> Export:
    """The workbook that a worker makes; whoever asks again while it is being made is shown the same."""
    made, fresh = exports.asked(
        user=wanted.user,
        operation=wanted.operation,
        listing=wanted.listing,
        filters=wanted.filters,
        language=_language(),
        file_name=file_name(wanted.list, wanted.operation, "xlsx"),
        total=wanted.rows,
    )
    if fresh:
        _record(wanted)
        exporting.start(made)
    return made


def mine(user: User, operation: Operation, token: str) -> Export:
    """The file, for whom it was made and while they still see what they saw then; else as if absent."""
    made = exports.mine(user, token)
    if made.state == "ready" and exports.standing(user) != made.reach:
        exports.end(made, "withdrawn")
        raise Http404
    if made.operation != operation.slug:
        raise Http404
    return made


def download(made: Export) -> HttpResponseBase:
    if made.state != "ready":
        raise Http404
    answer = _file(StreamingHttpResponse(exports.pieces(made), content_type=TYPES["xlsx"]), made.file_name)
    answer["Content-Length"] = str(made.size)
    answer["Content-Encoding"] = "identity"  # a workbook is packed already
    return answer


@transaction.atomic
def _record(wanted: Wish) -> None:
    actions.export(
        by=wanted.user,
        operation=wanted.operation,
        listing=wanted.listing,
        filters=wanted.filters,
        form=wanted.form,
        rows=wanted.rows,
    )


def _book(wanted: Wish) -> bytes:
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        place = Path(folder) / "file"
        book(place, wanted.list, wanted.user, wanted.operation, wanted.filters, bool)
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
