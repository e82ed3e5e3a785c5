"""Which door of the API moves a polling site through its day?"""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sites import queries
from sites.life import actions
from sites.life.serializers import StatusSerializer, StepSerializer
from subcommittees.doors import keyed, operation_of, user_of

KEY = OpenApiParameter("Idempotency-Key", OpenApiTypes.STR, OpenApiParameter.HEADER)


class Step(APIView):
    """One verb on one polling site; what the state no longer allows is 409 with the state, by whom and when."""

    @extend_schema(
        operation_id="sites_act", request=StepSerializer, responses=StatusSerializer, parameters=[KEY]
    )
    @keyed
    def post(self, request: Request, code: str, verb: str) -> Response:
        form = StepSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = user_of(request)
        found = queries.found(user, code)
        status = actions.act(
            verb, by=user, operation=operation_of(request), site=found, **form.validated_data
        )
        return Response(StatusSerializer(status).data)
