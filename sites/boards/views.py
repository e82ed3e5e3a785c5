"""Which doors of the API tell how readiness moved, and which items are not in order?"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from journal import clock
from sites.boards import queries
from sites.readiness.actions import TOPIC
from sites.readiness.models import TRACKS
from sites.trends import queries as trends
from subcommittees import scope
from subcommittees.doors import chosen, only, operation_of, user_of
from subcommittees.models import Unit

UNIT = OpenApiParameter("unit", OpenApiTypes.STR, description="path; without it one's own unit")


def _unit(request: Request, path: str) -> Unit:
    """The unit, for who sees polling sites there."""
    user = user_of(request)
    found = scope.visible(Unit.objects.filter(path=path or scope.home(user) or ""), user).first()
    if found is None:
        raise Http404
    if not scope.sees(user, TOPIC, path=found.path):
        raise PermissionDenied
    return found


class PointSerializer(serializers.Serializer[Any]):
    """How all sites of a track stood when a slot was checked: the four are always all of them."""

    slot = serializers.IntegerField()
    due_at = serializers.DateTimeField()
    as_of = serializers.DateTimeField()
    ready = serializers.IntegerField()
    conditional = serializers.IntegerField()
    not_ready = serializers.IntegerField()
    silent = serializers.IntegerField()
    checks = serializers.IntegerField(help_text="of how many provinces; 0 where counted from reports")


class History(APIView):
    """The points of a unit's trend, oldest first."""

    @extend_schema(
        responses=PointSerializer(many=True),
        parameters=[UNIT, OpenApiParameter("track", OpenApiTypes.STR, enum=list(TRACKS))],
    )
    def get(self, request: Request) -> Response:
        given = only(request, "unit", "track")
        chosen("track", given["track"], TRACKS)
        user, unit = user_of(request), _unit(request, given["unit"])
        calendar = trends.calendars(operation_of(request), clock.now())[given["track"] or "regular"]
        ran = calendar.ran_out[-trends.POINTS :]
        if trends.whole(unit.path):
            rows = trends.points(ran, trends.checked(user, unit.path, ran)[0])
        else:
            rows = trends.from_reports(user, unit.path, calendar, ran)
        told = [
            {
                "slot": one.slot.pk,
                "due_at": clock.wire(one.slot.due_at),
                "as_of": clock.wire(one.at),
                **one.counts,
                "checks": one.areas if trends.whole(unit.path) else 0,
            }
            for one in rows
        ]
        return Response(told)


class WrongSerializer(serializers.Serializer[Any]):
    item = serializers.CharField()
    sites = serializers.IntegerField(help_text="at which it is not in order")


class Items(APIView):
    """At how many sites each item is not in order: now, or when a slot was checked; the most first."""

    @extend_schema(
        responses=WrongSerializer(many=True),
        parameters=[UNIT, OpenApiParameter("slot", OpenApiTypes.INT, description="as its check found it")],
    )
    def get(self, request: Request) -> Response:
        given = only(request, "unit", "slot")
        user, unit, operation = user_of(request), _unit(request, given["unit"]), operation_of(request)
        known = trends.calendars(operation, clock.now())
        items: dict[str, int] = {}
        if not given["slot"]:
            items = queries.missing(user, operation, unit.path, known)[1]
        else:
            slot = next((row for one in known.values() if (row := one.found(given["slot"]))), None)
            if slot is None or not trends.whole(unit.path):
                raise Http404
            for point in trends.points([slot], trends.checked(user, unit.path, [slot])[0]):
                items = point.items
        worst = sorted(items.items(), key=lambda one: (-one[1], one[0]))
        return Response([{"item": item, "sites": number} for item, number in worst])
