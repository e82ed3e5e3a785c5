"""Which door of the API answers the palette?"""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from command_center import search
from command_center.api.paging import whole
from subcommittees.doors import only, operation_of, user_of


class FoundSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    detail = serializers.CharField()
    url = serializers.CharField()


class GroupSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    name = serializers.CharField()
    all = serializers.CharField()
    results = FoundSerializer(many=True)


class FoundGroups(serializers.Serializer[Any]):
    groups = GroupSerializer(many=True)


class Search(APIView):
    """Units, sites, incidents, people and pages in reach, the best of each kind first."""

    @extend_schema(
        parameters=[
            OpenApiParameter("q", OpenApiTypes.STR, description="words or their beginnings, without accents"),
            OpenApiParameter("limit", OpenApiTypes.INT, description=f"of each kind, at most {search.MOST}"),
        ],
        responses=FoundGroups,
    )
    def get(self, request: Request) -> Response:
        q = only(request, "q")["q"]
        most = min(whole(request, "limit", search.EACH, least=1), search.MOST)
        groups = search.search(user_of(request), operation_of(request), q, most)
        return Response(FoundGroups({"groups": groups}).data)
