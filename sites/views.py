"""Which doors of the API lead to polling sites?"""

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sites import queries, states
from sites.models import Site
from sites.serializers import SiteSerializer
from subcommittees.doors import chosen, only, operation_of, user_of


class Sites(GenericAPIView[Site]):
    """The polling sites in reach."""

    serializer_class = SiteSerializer
    queryset = Site.objects.none()

    @extend_schema(
        responses=SiteSerializer(many=True),
        parameters=[
            OpenApiParameter("q", OpenApiTypes.STR, description="words, without accents"),
            OpenApiParameter("unit", OpenApiTypes.STR, description="path of a unit: it and all below"),
            OpenApiParameter("state", OpenApiTypes.STR),
            OpenApiParameter("kind", OpenApiTypes.STR),
        ],
    )
    def get(self, request: Request) -> Response:
        given = only(request, "q", "unit", "state", "kind")
        chosen("state", given["state"], states.STATES)
        chosen("kind", given["kind"], states.KINDS)
        rows = queries.listed(user_of(request), operation_of(request), **given)
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(SiteSerializer(page, many=True).data)


class OneSite(APIView):
    @extend_schema(responses=SiteSerializer)
    def get(self, request: Request, code: str) -> Response:
        only(request)
        rows = queries.listed(user_of(request), operation_of(request)).filter(code=code)
        site = rows.first()
        if site is None:
            raise Http404
        return Response(SiteSerializer(site).data)
