"""Which doors of the API lead to incidents?"""

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import actions, categories, queries, states
from incidents.models import Incident
from incidents.serializers import ActSerializer, IncidentSerializer, ReportSerializer, shown
from sites import queries as sites
from subcommittees.doors import chosen, keyed, only, operation_of, user_of

KEY = OpenApiParameter("Idempotency-Key", OpenApiTypes.STR, OpenApiParameter.HEADER)


class Incidents(GenericAPIView[Incident]):
    """The incidents in reach, and the report of a new one."""

    serializer_class = IncidentSerializer
    queryset = Incident.objects.none()

    @extend_schema(
        responses=IncidentSerializer(many=True),
        parameters=[
            OpenApiParameter("state", OpenApiTypes.STR, description="states, comma-separated; `open`"),
            OpenApiParameter("severity", OpenApiTypes.STR, description="1–4, comma-separated"),
            OpenApiParameter("category", OpenApiTypes.STR, description="codes, comma-separated"),
            OpenApiParameter("unit", OpenApiTypes.STR, description="path of a unit: it and all below"),
            OpenApiParameter("q", OpenApiTypes.STR, description="words, without accents"),
        ],
    )
    def get(self, request: Request) -> Response:
        given = only(request, "state", "severity", "category", "unit", "q")
        rows = queries.listed(
            user_of(request),
            operation_of(request),
            state=chosen("state", given["state"], {*states.STATES, "open"}),
            severity=[int(one) for one in chosen("severity", given["severity"], {"1", "2", "3", "4"})],
            category=chosen("category", given["category"], categories.CATEGORIES),
            unit=given["unit"],
            q=given["q"],
        )
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(IncidentSerializer(page, many=True).data)

    @extend_schema(request=ReportSerializer, responses={201: IncidentSerializer}, parameters=[KEY])
    @keyed
    def post(self, request: Request) -> Response:
        form = ReportSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given: dict[str, Any] = dict(form.validated_data)
        site = sites.found(user_of(request), given.pop("site"))
        incident = actions.report(by=user_of(request), operation=operation_of(request), site=site, **given)
        return Response(shown(incident), status=201)


class OneIncident(APIView):
    @extend_schema(responses=IncidentSerializer)
    def get(self, request: Request, incident: UUID) -> Response:
        only(request)
        found = queries.found(user_of(request), operation_of(request), incident)
        return Response(shown(found))


class Timeline(serializers.Serializer[Any]):
    id = serializers.CharField()
    at = serializers.DateTimeField()
    verb = serializers.CharField()
    line = serializers.DictField()


class IncidentTimeline(APIView):
    @extend_schema(responses=Timeline(many=True))
    def get(self, request: Request, incident: UUID) -> Response:
        only(request)
        found = queries.found(user_of(request), operation_of(request), incident)
        return Response(
            [
                {name: event.said[name] for name in ("id", "at", "verb", "line")}
                for event in queries.timeline(found)
            ]
        )


class Act(APIView):
    """One verb on one incident; what the state no longer allows is 409 with the state, by whom and when."""

    @extend_schema(
        operation_id="incidents_act", request=ActSerializer, responses=IncidentSerializer, parameters=[KEY]
    )
    @keyed
    def post(self, request: Request, incident: UUID, verb: str) -> Response:
        given = ActSerializer(data=request.data).validated()
        found = queries.found(user_of(request), operation_of(request), incident)
        moved = actions.act(verb, by=user_of(request), incident=found, **given)
        return Response(shown(moved))
