"""Which doors of the API lead to the calendar of reports?"""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from journal import clock
from sites import checklist
from sites.readiness import actions as readiness
from sites.readiness import queries
from sites.readiness.actions import TOPIC
from sites.readiness.models import TRACKS, Slot
from sites.readiness.views import KEY, slot_of, valid
from sites.slots import actions, edits
from sites.slots import serializers as shapes
from subcommittees.doors import chosen, keyed, only, operation_of, user_of
from subcommittees.scope import sees
from subcommittees.serializers import NothingSerializer


class Slots(APIView):
    """The calendar: when is what to be answered, and what is asked just now?"""

    @extend_schema(
        responses=shapes.SlotSerializer(many=True),
        parameters=[
            OpenApiParameter("track", OpenApiTypes.STR, enum=list(TRACKS)),
            OpenApiParameter("phase", OpenApiTypes.STR, enum=list(checklist.PHASES)),
            OpenApiParameter(
                "open", OpenApiTypes.STR, enum=["0", "1"], description="1: those that take answers now"
            ),
        ],
    )
    def get(self, request: Request) -> Response:
        given = only(request, "track", "phase", "open")
        chosen("track", given["track"], TRACKS)
        chosen("phase", given["phase"], checklist.PHASES)
        chosen("open", given["open"], {"0", "1"})
        operation = operation_of(request)
        rows = queries.all_slots(operation) if sees(user_of(request), TOPIC) else Slot.objects.none()
        for name in ("track", "phase"):
            if given[name]:
                rows = rows.filter(**{f"{name}__in": given[name].split(",")})
        at = clock.now()
        known = list(rows)
        current = queries.current_of(known, at)
        told = [shapes.slot_shape(one, at, current) for one in known]
        if given["open"]:
            told = [one for one in told if (one["state"] in {"open", "late"}) == (given["open"] == "1")]
        return Response(told)

    @extend_schema(
        request=NothingSerializer,
        responses={201: shapes.PlannedSerializer, 200: shapes.PlannedSerializer},
        parameters=[KEY],
        description="Make the slots that the calendar of the election day wants and that do not stand yet.",
    )
    @keyed
    def post(self, request: Request) -> Response:
        NothingSerializer(data=request.data).is_valid(raise_exception=True)
        new = readiness.plan(by=user_of(request), operation=operation_of(request))
        return Response({"planned": new}, status=201 if new else 200)


class OneSlot(APIView):
    """Change the times of a slot, or call it off: 409 where everybody has been judged by it."""

    @extend_schema(request=shapes.EditSerializer, responses=shapes.SlotSerializer, parameters=[KEY])
    @keyed
    def post(self, request: Request, slot: int) -> Response:
        given = valid(shapes.EditSerializer, request)
        user, operation = user_of(request), operation_of(request)
        found = slot_of(user, operation, slot)
        times = {name: given[name] for name in edits.TIMES if given[name]}
        edited = actions.edit(
            by=user,
            operation=operation,
            slot=found,
            reason=given["reason"],
            times=times,
            cancel=given["cancel"],
        )
        at = clock.now()
        return Response(shapes.slot_shape(edited, at, queries.current_of(queries.all_slots(operation), at)))
