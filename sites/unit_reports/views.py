"""Which doors of the API lead to what units say of themselves?"""

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sites.readiness.models import UnitReport
from sites.readiness.views import KEY, UNIT, number, slot_of
from sites.unit_reports import actions, queries
from sites.unit_reports import serializers as shapes
from subcommittees import queries as chain
from subcommittees.doors import keyed, only, operation_of, user_of
from subcommittees.models import Unit
from subcommittees.scope import sees


def unit_of(request: Request, path: str) -> Unit:
    """The unit, for who sees polling sites there."""
    user = user_of(request)
    found = chain.found_unit(user, path)
    if not sees(user, actions.TOPIC, path=found.path):
        raise Http404
    return found


class UnitReports(GenericAPIView[UnitReport]):
    """What the units in reach say of themselves: numbers, and in order or not."""

    serializer_class = shapes.UnitReportSerializer
    queryset = UnitReport.objects.none()

    @extend_schema(
        responses=shapes.UnitReportSerializer(many=True),
        parameters=[UNIT, OpenApiParameter("slot", OpenApiTypes.INT)],
    )
    def get(self, request: Request) -> Response:
        given = only(request, "unit", "slot")
        slot = number(given["slot"], "slot") if given["slot"] else None
        rows = queries.listed(user_of(request), operation_of(request), unit=given["unit"], slot=slot)
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        request=shapes.FileUnitSerializer,
        responses={201: shapes.UnitReportSerializer, 200: shapes.UnitReportSerializer},
        parameters=[KEY],
    )
    @keyed
    def post(self, request: Request) -> Response:
        """File it: 201; 200 where the unit had said the same before, and nothing was written."""
        form = shapes.FileUnitSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        user, operation = user_of(request), operation_of(request)
        unit = unit_of(request, given.pop("unit"))
        slot = slot_of(user, operation, given.pop("slot"))
        filed = actions.file_unit(by=user, operation=operation, slot=slot, unit=unit, **given)
        status = 200 if filed.unchanged else 201
        return Response(shapes.UnitReportSerializer(filed.report).data, status=status)


class VerifyUnit(APIView):
    """Confirm what a unit says of itself; only from a level above."""

    @extend_schema(
        request=shapes.VerifyUnitSerializer, responses=shapes.UnitReportSerializer, parameters=[KEY]
    )
    @keyed
    def post(self, request: Request) -> Response:
        form = shapes.VerifyUnitSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        user, operation = user_of(request), operation_of(request)
        unit = unit_of(request, given.pop("unit"))
        slot = slot_of(user, operation, given.pop("slot"))
        actions.verify_unit(by=user, operation=operation, slot=slot, unit=unit, **given)
        return Response(shapes.UnitReportSerializer(queries.latest(slot, unit)).data)


class ReturnUnit(APIView):
    """Send single items of a unit's report back, with the reason; only from a level above."""

    @extend_schema(
        request=shapes.ReturnUnitSerializer, responses=shapes.UnitReportSerializer, parameters=[KEY]
    )
    @keyed
    def post(self, request: Request) -> Response:
        form = shapes.ReturnUnitSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        user, operation = user_of(request), operation_of(request)
        unit = unit_of(request, given.pop("unit"))
        slot = slot_of(user, operation, given.pop("slot"))
        report = actions.send_back_unit(by=user, operation=operation, slot=slot, unit=unit, **given)
        return Response(shapes.UnitReportSerializer(report).data)
