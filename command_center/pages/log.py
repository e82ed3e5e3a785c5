"""Which pages show what the journal holds: everything in reach, and what is owed to oneself?"""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.db.models import CharField, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from command_center import calling, phrases
from command_center import notices as listed
from incidents import queries as incidents
from journal import queries as log
from journal.models import Entry, Event, Seal
from subcommittees import lists, queries, scope
from subcommittees.doors import operation_of, user_of
from subcommittees.models import Operation, User

EACH = 50


FILTERS = ("q", "unit", "verb")


def matching(user: User, operation: Operation, filters: Mapping[str, str]) -> QuerySet[Entry]:
    """The entries in reach that the filters of the list leave, latest first."""
    if filters["verb"] and filters["verb"] not in phrases.EVENTS:
        raise ValidationError({"verb": _("Unknown value.")})
    held = scope.reach(user)
    rows = Entry.objects.filter(scope.condition(held, Event, at="event__"), event__operation=operation.slug)
    if not scope.from_the_top(held):
        rows = rows.filter(stream__in=scope.streams(held, (), operation.slug))
    if filters["verb"]:
        rows = rows.filter(event__verb=filters["verb"])
    if filters["unit"]:
        rows = log.under(filters["unit"], rows, operation.slug)
    if filters["q"]:
        rows = rows.filter(_about(user, operation, filters["q"]))
    return rows.select_related("event").order_by("-pos")


@require_safe
def journal(request: HttpRequest) -> HttpResponse:
    user, operation = user_of(request), operation_of(request)
    filters = lists.asked(request, *FILTERS)
    sealed = Seal.objects.order_by("-minute").values("minute")[:1]
    rows = matching(user, operation, filters).annotate(sealed_at=Subquery(sealed))
    held = scope.reach(user)
    context = lists.cut(request, rows, filters, {"q": lists.quoted, "verb": phrases.event}, EACH)
    entries = list(context["page"].object_list)
    whole = {entry.stream: scope.whole_stream(held, entry.stream) for entry in entries}
    called = calling.calls([entry.event_id for entry in entries])
    context["page"].object_list = [
        {**_frame(entry, numbered=whole[entry.stream]), "calls": called.get(entry.event_id)}
        for entry in entries
    ]
    more = {
        "verbs": list(phrases.EVENTS.items()),
        "sealed_at": entries[0].sealed_at if entries else None,
        "denied": not held,
    }
    return render(request, "command_center/journal.html", {**context, **more})


def _frame(entry: Entry, *, numbered: bool) -> dict[str, Any]:
    place = {"stream": entry.stream, "seq": entry.seq} if numbered else {}
    return {**log.frame_of(entry.event.said), **place}


def _about(user: User, operation: Operation, q: str) -> Q:
    """Events about the incidents whose number begins so, and about the account of that name."""
    numbered = incidents.seen(user, operation).filter(ref__istartswith=q)
    named = queries.people(user).filter(username=q).prefetch_related(None)
    return Q(event__subject__in=_keys(numbered, "incident:")) | Q(event__subject__in=_keys(named, "account:"))


def _keys(rows: Any, kind: str) -> Any:
    key = Concat(Value(kind), Cast("pk", CharField()), output_field=CharField())
    return rows.order_by().values_list(key)


@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: HttpRequest) -> HttpResponse:
    """What this officer was called for, latest first; only what is in reach now."""
    user, operation = user_of(request), operation_of(request)
    if request.method == "POST":
        log.see(user.pk, operation.slug)
        return redirect("notices")
    seen = scope.condition(scope.reach(user), Event, at="event__")
    context = lists.cut(request, log.notices(user.pk, operation.slug).filter(seen), {}, {}, EACH)
    context["page"].object_list = listed.rows(context["page"].object_list)
    return render(request, "command_center/notices.html", context)


@login_not_required
def live(request: HttpRequest) -> HttpResponse:
    """The socket's address, asked for over plain HTTP."""
    return HttpResponse(status=426, headers={"Upgrade": "websocket"})
