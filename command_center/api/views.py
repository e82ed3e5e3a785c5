"""Which doors of the API touch more than one app?"""

import threading
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from drf_spectacular.views import SpectacularAPIView
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from command_center.api.paging import whole
from incidents import categories, states
from journal import queries as journal
from journal.cursor import Cursor, CursorError, decode
from journal.models import Event, Notice
from reports import picture
from subcommittees import scope
from subcommittees.doors import keyed, only, operation_of, user_of
from subcommittees.models import Unit
from subcommittees.serializers import NothingSerializer, RowSerializer
from subcommittees.views import KEY

MOST = 500
WRITING = threading.Lock()


class Journal(APIView):
    """The events in reach behind a cursor, oldest first: what the socket would have said."""

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "after", OpenApiTypes.STR, description="a cursor; without it from the beginning"
            ),
            OpenApiParameter("limit", OpenApiTypes.INT, description=f"at most {MOST}"),
        ],
        responses=inline_serializer(
            "JournalPage",
            {
                "results": serializers.ListField(child=serializers.DictField()),
                "cursor": serializers.CharField(),
                "more": serializers.BooleanField(),
            },
        ),
    )
    def get(self, request: Request) -> Response:
        given = only(request, "after")
        limit = min(whole(request, "limit", 100, least=1), MOST)
        operation = operation_of(request)
        held = scope.reach(user_of(request))
        heads, epoch = journal.heads()
        now = picture.cursor_at(operation, held, heads, epoch)
        start = _start(given["after"], now)
        at = {f"{operation.slug}/{code}": start.at.get(code, 0) for code in now.at}
        ends = {f"{operation.slug}/{code}": seq for code, seq in now.at.items()}
        seen = scope.condition(held, Event, at="event__")
        facts = journal.facts(journal.between(at, ends, seen)[: limit + 1], with_people=False)
        more = len(facts) > limit
        last = dict(start.seen or {})
        results = []
        for fact in facts[:limit]:
            at[fact.stream] = fact.seq
            whole_stream = scope.whole_stream(held, fact.stream)
            place = (
                {"stream": fact.stream, "seq": fact.seq} if whole_stream else {"prev": last.get(fact.code)}
            )
            if not whole_stream:
                last[fact.code] = fact.uid
            results.append({**fact.frame, **place})
        reached = {stream.rpartition("/")[2]: seq for stream, seq in (at if more else ends).items()}
        cursor = Cursor(now.epoch, now.mark, reached, None if now.seen is None else last)
        return Response({"results": results, "cursor": cursor.encode(), "more": more})


def _start(after: str, now: Cursor) -> Cursor:
    if not after:
        return Cursor(now.epoch, now.mark, {})
    try:
        cursor = decode(after)
    except CursorError as error:
        raise ValidationError({"after": _("This is not a cursor.")}) from error
    if cursor.epoch != now.epoch or cursor.mark != now.mark:
        raise ValidationError({"after": _("This cursor is no longer valid: load the picture again.")})
    return cursor


class NoticeSerializer(RowSerializer):
    event = serializers.SerializerMethodField()

    class Meta:
        model = Notice
        fields = ["id", "seen_at", "event"]

    def get_event(self, notice: Notice) -> dict[str, Any]:
        return journal.frame_of(notice.event.said)


class Notices(GenericAPIView[Notice]):
    """What the caller was called for, latest first, as far as it is in reach now; a POST marks all as seen."""

    serializer_class = NoticeSerializer
    queryset = Notice.objects.none()

    def get(self, request: Request) -> Response:
        only(request)
        user = user_of(request)
        seen = scope.condition(scope.reach(user), Event, at="event__")
        rows = journal.notices(user.pk, operation_of(request).slug).filter(seen)
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(NoticeSerializer(page, many=True).data)

    @extend_schema(
        request=NothingSerializer,
        responses=inline_serializer("NoticesSeen", {"seen": serializers.IntegerField()}),
        parameters=[KEY],
    )
    @keyed
    def post(self, request: Request) -> Response:
        NothingSerializer(data=request.data).is_valid(raise_exception=True)
        return Response({"seen": journal.see(user_of(request).pk, operation_of(request).slug)})


class Counts(serializers.Serializer[Any]):
    open = serializers.IntegerField()
    by_severity = serializers.DictField(child=serializers.IntegerField())
    unacknowledged = serializers.IntegerField()
    overdue = serializers.IntegerField()


class Stands(serializers.Serializer[Any]):
    """How those that owe an answer stand: these four are always all of them."""

    ready = serializers.IntegerField()
    conditional = serializers.IntegerField()
    not_ready = serializers.IntegerField()
    silent = serializers.IntegerField()


class Unmended(serializers.Serializer[Any]):
    open = serializers.IntegerField()
    critical = serializers.IntegerField()


class Child(serializers.Serializer[Any]):
    unit = serializers.DictField()
    incidents = Counts()
    readiness = Stands()
    units = Stands()
    findings = Unmended()


class Picture(APIView):
    """The counts of a unit and its children, with the cursor from which events continue them."""

    @extend_schema(
        parameters=[
            OpenApiParameter("unit", OpenApiTypes.STR, description="path; without it one's own unit")
        ],
        responses=inline_serializer(
            "Picture",
            {
                "unit": serializers.DictField(),
                "as_of": serializers.DateTimeField(),
                "cursor": serializers.CharField(),
                "incidents": Counts(),
                "readiness": Stands(help_text="polling sites"),
                "units": Stands(help_text="units, by their own reports"),
                "findings": Unmended(),
                "judged": serializers.DictField(
                    child=serializers.DateTimeField(allow_null=True),
                    help_text="by track: when what ran out last was due; null before the first",
                ),
                "children": Child(many=True),
            },
        ),
    )
    def get(self, request: Request) -> Response:
        user = user_of(request)
        path = only(request, "unit")["unit"] or scope.home(user) or ""
        unit = scope.visible(Unit.objects.filter(path=path), user).first()
        if unit is None:
            raise Http404
        if not picture.counts_for(scope.reach(user)):
            raise PermissionDenied
        return Response(picture.count(unit, scope.reach(user), operation_of(request)).wire())


class Schema(SpectacularAPIView):
    """The OpenAPI document, written by one thread at a time: its writer is not made for several."""

    def _get_schema_response(self, request: Request) -> Response:
        with WRITING:
            return super()._get_schema_response(request)


class Tables(APIView):
    """The tables behind codes: categories, severities and states in the caller's language."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        only(request)
        return Response(
            {
                "categories": [
                    {"code": one.code, "name": str(one.name), "topic": one.topic}
                    for one in categories.CATEGORIES.values()
                ],
                "severities": {str(level): str(name) for level, name in categories.SEVERITIES.items()},
                "states": {code: str(name) for code, name in states.STATES.items()},
            }
        )
