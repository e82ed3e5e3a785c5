"""Which doors of the API lead to findings?"""

from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sites.checks import actions, queries
from sites.checks.serializers import FindingSerializer, ReasonSerializer, UrgedSerializer, UrgeSerializer
from sites.models import Finding
from sites.readiness.models import KINDS, LEVELS
from subcommittees.doors import chosen, keyed, only, operation_of, user_of
from subcommittees.queries import found_unit

KEY = OpenApiParameter("Idempotency-Key", OpenApiTypes.STR, OpenApiParameter.HEADER)
FLAGS = {"true": True, "1": True, "false": False, "0": False}


def flag(name: str, given: str) -> bool | None:
    chosen(name, given, FLAGS)
    return FLAGS.get(given)


class Findings(GenericAPIView[Finding]):
    """What is missing or not in order, in reach: what climbed highest first, then the critical, then the oldest."""

    serializer_class = FindingSerializer
    queryset = Finding.objects.none()

    @extend_schema(
        responses=FindingSerializer(many=True),
        parameters=[
            OpenApiParameter("unit", OpenApiTypes.STR, description="path of a unit: it and all below"),
            OpenApiParameter("open", OpenApiTypes.BOOL, description="without: open and closed ones"),
            OpenApiParameter(
                "kind", OpenApiTypes.STR, description="silent, item, inspection; comma-separated"
            ),
            OpenApiParameter("critical", OpenApiTypes.BOOL),
            OpenApiParameter("level", OpenApiTypes.STR, description="0 commune, 1 province, 2 ministry"),
        ],
    )
    def get(self, request: Request) -> Response:
        given = only(request, "unit", "open", "kind", "critical", "level")
        rows = queries.listed(
            user_of(request),
            operation_of(request),
            unit=given["unit"],
            still=flag("open", given["open"]),
            kind=chosen("kind", given["kind"], KINDS),
            critical=flag("critical", given["critical"]),
            level=[int(one) for one in chosen("level", given["level"], {str(one) for one in LEVELS})],
        )
        page = self.paginate_queryset(rows) or []
        context = {"names": queries.item_names(page)}
        return self.get_paginated_response(FindingSerializer(page, many=True, context=context).data)


class Urge(APIView):
    """Remind by hand whoever at or below a unit is silent; nobody twice within ten minutes."""

    @extend_schema(request=UrgeSerializer, responses=UrgedSerializer, parameters=[KEY])
    @keyed
    def post(self, request: Request) -> Response:
        form = UrgeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = user_of(request)
        unit = found_unit(user, form.validated_data["unit"])
        return Response({"units": actions.urge(by=user, operation=operation_of(request), unit=unit)})


class Close(APIView):
    """End a finding by hand, with the reason; one that is closed already is 409 with by whom and when."""

    @extend_schema(
        operation_id="findings_close",
        request=ReasonSerializer,
        responses=FindingSerializer,
        parameters=[KEY],
    )
    @keyed
    def post(self, request: Request, finding: UUID) -> Response:
        given = ReasonSerializer(data=request.data).validated()
        found = queries.found(user_of(request), operation_of(request), finding)
        closed = actions.close_finding(by=user_of(request), finding=found, **given)
        return Response(FindingSerializer(closed, context={"names": queries.item_names([closed])}).data)
