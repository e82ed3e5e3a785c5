"""Which doors of the API lead to units, people and appointments?"""

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from journal import clock
from subcommittees import actions, queries
from subcommittees.doors import keyed, only, operation_of, user_of
from subcommittees.models import Appointment, Operation, Unit, User
from subcommittees.scope import reach
from subcommittees.serializers import (
    AccountSerializer,
    AppointmentSerializer,
    GrantSerializer,
    Moment,
    NothingSerializer,
    OperationSerializer,
    UnitSerializer,
    UserSerializer,
)

KEY = OpenApiParameter("Idempotency-Key", OpenApiTypes.STR, OpenApiParameter.HEADER)


class Units(GenericAPIView[Unit]):
    """The units in reach."""

    serializer_class = UnitSerializer
    queryset = Unit.objects.none()

    @extend_schema(
        responses=UnitSerializer(many=True),
        parameters=[
            OpenApiParameter("parent", OpenApiTypes.STR, description="path of the unit directly above"),
            OpenApiParameter("q", OpenApiTypes.STR, description="words, without accents"),
        ],
    )
    def get(self, request: Request) -> Response:
        given = only(request, "parent", "q")
        page = self.paginate_queryset(queries.units(user_of(request), **given)) or []
        return self.get_paginated_response(UnitSerializer(page, many=True).data)


class Operations(APIView):
    """The operations: the current one is served without prefix, any other under /op/<slug>/."""

    @extend_schema(responses=OperationSerializer(many=True))
    def get(self, request: Request) -> Response:
        only(request)
        return Response(OperationSerializer(Operation.objects.order_by("pk"), many=True).data)


class Me(APIView):
    """Who am I here, and what is in my reach?"""

    @extend_schema(
        responses=inline_serializer(
            "Me",
            {
                "user": UserSerializer(),
                "operation": OperationSerializer(),
                "reach": serializers.ListField(child=serializers.DictField()),
            },
        )
    )
    def get(self, request: Request) -> Response:
        only(request)
        user = user_of(request)
        held = [{"unit": one.path, "role": one.role, "verbs": sorted(one.can.verbs)} for one in reach(user)]
        operation = OperationSerializer(operation_of(request)).data
        return Response({"user": UserSerializer(user).data, "operation": operation, "reach": held})


class Appointments(GenericAPIView[Appointment]):
    """The appointments in reach, and a new one."""

    serializer_class = AppointmentSerializer
    queryset = Appointment.objects.none()

    @extend_schema(
        responses=AppointmentSerializer(many=True), parameters=[OpenApiParameter("q", OpenApiTypes.STR)]
    )
    def get(self, request: Request) -> Response:
        given = only(request, "q")
        page = self.paginate_queryset(queries.appointments(user_of(request), given["q"])) or []
        return self.get_paginated_response(AppointmentSerializer(page, many=True).data)

    @extend_schema(request=GrantSerializer, responses={201: AppointmentSerializer}, parameters=[KEY])
    @keyed
    def post(self, request: Request) -> Response:
        form = GrantSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given: dict[str, Any] = dict(form.validated_data)
        by = user_of(request)
        unit = queries.found_unit(by, given.pop("unit"))
        user = queries.found_user(by, given.pop("user"))
        made = actions.grant(by=by, operation=operation_of(request), user=user, unit=unit, **given)
        return Response(AppointmentSerializer(made).data, status=201)


class Relieve(APIView):
    @extend_schema(request=NothingSerializer, responses=AppointmentSerializer, parameters=[KEY])
    @keyed
    def post(self, request: Request, appointment: int) -> Response:
        by = user_of(request)
        row = queries.appointments(by, live=False).filter(pk=appointment).first()
        if row is None:
            raise Http404
        ended = actions.relieve(by=by, operation=operation_of(request), appointment=row)
        return Response(AppointmentSerializer(ended).data)


NEW_ACCOUNT = inline_serializer(
    "NewAccount",
    {
        "user": UserSerializer(),
        "password": serializers.CharField(allow_null=True),
        "valid_until": Moment(allow_null=True),
    },
)


class Accounts(APIView):
    """A new account; its one-time password is in the first answer and nowhere else.

    A repeat with the same Idempotency-Key says `"password": null`: where the first answer was lost, ask for a new
    card at accounts/<account>/reset/.
    """

    @extend_schema(
        request=AccountSerializer,
        responses={201: NEW_ACCOUNT},
        parameters=[KEY],
    )
    @keyed
    def post(self, request: Request) -> Response:
        form = AccountSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given: dict[str, Any] = dict(form.validated_data)
        by = user_of(request)
        unit = queries.found_unit(by, given.pop("unit"))
        user, password = actions.create_account(by=by, operation=operation_of(request), unit=unit, **given)
        return _card(user, password, 201)


class Reset(APIView):
    """A new card for a forgotten password; the one-time password is in the first answer and nowhere else."""

    @extend_schema(request=NothingSerializer, responses={200: NEW_ACCOUNT}, parameters=[KEY])
    @keyed
    def post(self, request: Request, username: str) -> Response:
        by = user_of(request)
        user = queries.found_user(by, username)
        return _card(*actions.reset_account(by=by, operation=operation_of(request), user=user), 200)


def _card(user: User, password: str, status: int) -> Response:
    """The answer that tells a one-time password; what is kept for repeats does not."""
    said = {"user": UserSerializer(user).data, "valid_until": clock.wire(user.card_until)}
    response = Response({**said, "password": password}, status)
    response.kept = {**said, "password": None}  # type: ignore[attr-defined]
    return response


class Switch(APIView):
    """Shut an account or open it again."""

    @extend_schema(request=NothingSerializer, responses=UserSerializer, parameters=[KEY])
    @keyed
    def post(self, request: Request, username: str, verb: str) -> Response:
        by = user_of(request)
        user: User = queries.found_user(by, username)
        switch = {"disable": actions.disable_account, "enable": actions.enable_account}[verb]
        return Response(UserSerializer(switch(by=by, operation=operation_of(request), user=user)).data)
