"""Which doors of the API lead to inspections?"""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from sites import queries as sites
from sites.inspections import actions, queries
from sites.inspections.serializers import InspectionSerializer, InspectSerializer
from sites.readiness.models import Inspection
from sites.readiness.views import KEY, UNIT
from sites.unit_reports.views import unit_of
from subcommittees.doors import keyed, only, operation_of, user_of
from subcommittees.models import Operation


class Inspections(GenericAPIView[Inspection]):
    """What higher levels found at sites and units in reach, the latest first."""

    serializer_class = InspectionSerializer
    queryset = Inspection.objects.none()

    @extend_schema(
        responses=InspectionSerializer(many=True),
        parameters=[UNIT, OpenApiParameter("site", OpenApiTypes.STR, description="code")],
    )
    def get(self, request: Request) -> Response:
        given = only(request, "unit", "site")
        operation = operation_of(request)
        rows = queries.listed(user_of(request), operation, **given)
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(_shown(operation, page))

    @extend_schema(request=InspectSerializer, responses={201: InspectionSerializer}, parameters=[KEY])
    @keyed
    def post(self, request: Request) -> Response:
        form = InspectSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        code, path = given.pop("site"), given.pop("unit")
        if bool(code) == bool(path):
            raise ValidationError({"site": _("Give a site or a unit.")})
        of: dict[str, Any] = (
            {"site": sites.found(user_of(request), code)} if code else {"unit": unit_of(request, path)}
        )
        operation = operation_of(request)
        row = actions.inspect(by=user_of(request), operation=operation, **of, **given)
        return Response(_shown(operation, [row])[0], status=201)


def _shown(operation: Operation, rows: Iterable[Inspection]) -> Any:
    rows = list(rows)
    owns = queries.owns(operation, rows)
    told = {
        row.pk: queries.contradicted(row.answers, owns.get((row.site_id, row.unit_id), {})) for row in rows
    }
    return InspectionSerializer(rows, many=True, context={"contradicts": told}).data
