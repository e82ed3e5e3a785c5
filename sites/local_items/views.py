"""Which doors of the API change what a province asks?"""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sites.local_items import actions, queries
from sites.local_items.serializers import AddItemSerializer, LocalItemSerializer
from sites.readiness.views import KEY, Checklist
from subcommittees import queries as chain
from subcommittees.doors import keyed, operation_of, user_of
from subcommittees.serializers import NothingSerializer


class LocalChecklist(Checklist):
    """The checklist, and an item that a province asks besides."""

    @extend_schema(request=AddItemSerializer, responses={201: LocalItemSerializer}, parameters=[KEY])
    @keyed
    def post(self, request: Request) -> Response:
        form = AddItemSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        province = chain.found_unit(user_of(request), given.pop("province"))
        row = actions.add_item(
            by=user_of(request), operation=operation_of(request), province=province, **given
        )
        return Response(LocalItemSerializer(row).data, status=201)


class RetireItem(APIView):
    """Ask an item of a province no longer."""

    @extend_schema(request=NothingSerializer, responses=LocalItemSerializer, parameters=[KEY])
    @keyed
    def post(self, request: Request, item: int) -> Response:
        NothingSerializer(data=request.data).is_valid(raise_exception=True)
        user, operation = user_of(request), operation_of(request)
        row = queries.seen(user, operation).filter(pk=item).first()
        if row is None:
            raise Http404
        return Response(LocalItemSerializer(actions.retire_item(by=user, operation=operation, item=row)).data)
