"""Which doors of the API hand a list out as a file?"""

from typing import Any

from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from command_center import taking
from command_center.exports import LISTINGS
from reports.models import Export
from subcommittees.doors import only, operation_of, user_of

FILE = (200, "application/octet-stream")
FileSerializer = inline_serializer(
    "ExportedFile",
    {
        "id": serializers.CharField(),
        "list": serializers.CharField(),
        "state": serializers.CharField(help_text="waiting, making, ready, withdrawn or failed"),
        "message": serializers.CharField(),
        "done": serializers.IntegerField(),
        "total": serializers.IntegerField(),
        "ends_at": serializers.DateTimeField(help_text="until then it can be taken, by the caller alone"),
        "url": serializers.CharField(help_text="where to ask how far it is"),
        "file": serializers.CharField(allow_null=True, help_text="where to take it, once it is ready"),
    },
)


class Refusals(BaseContentNegotiation):
    """`format` names the file here; what is not a file is JSON whatever is accepted."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return next(iter(parsers), None)


class Exports(APIView):
    """The list as filtered, as CSV or as a workbook; 202 where a worker makes it: ask at `url` until it is ready.

    The filters are those of the list's page; the columns are in the language of Accept-Language. A second question
    while the file is being made gets the same file. That a list was taken stands in the journal.
    """

    content_negotiation_class = Refusals

    @extend_schema(
        parameters=[
            OpenApiParameter("listing", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(LISTINGS)),
            OpenApiParameter("format", OpenApiTypes.STR, enum=list(taking.TYPES), description="csv"),
            *(
                OpenApiParameter(
                    name,
                    OpenApiTypes.STR,
                    description=", ".join(code for code, one in LISTINGS.items() if name in one.filters),
                )
                for name in sorted({name for one in LISTINGS.values() for name in one.filters})
            ),
        ],
        responses={FILE: OpenApiTypes.BINARY, 202: FileSerializer},
    )
    def get(self, request: Request, listing: str) -> HttpResponseBase:
        given = only(request, *LISTINGS[listing].filters)
        form = request.query_params.get("format", "csv")
        wanted = taking.wish(user_of(request), operation_of(request), listing, given, form)
        if not wanted.large:
            return taking.at_once(wanted)
        said = _said(taking.beside(wanted))
        return Response(said, 202, headers={"Location": said["url"]})


class OneExport(APIView):
    """How far a workbook is that a worker makes for the caller."""

    @extend_schema(operation_id="exports_one", responses=FileSerializer)
    def get(self, request: Request, token: str) -> Response:
        only(request)
        return Response(_said(taking.mine(user_of(request), operation_of(request), token)))


class ExportDownload(APIView):
    """The workbook; 404 until it is ready."""

    content_negotiation_class = Refusals

    @extend_schema(responses={FILE: OpenApiTypes.BINARY})
    def get(self, request: Request, token: str) -> HttpResponseBase:
        only(request)
        return taking.download(taking.mine(user_of(request), operation_of(request), token))


def _said(made: Export) -> dict[str, Any]:
    ready = made.state == "ready"
    return {
        "id": made.token,
        "list": made.listing,
        "state": made.state,
        "message": str(made.state_name),
        "done": made.done,
        "total": made.total,
        "ends_at": made.ends_at,
        "url": reverse("api-export-file", args=[made.token]),
        "file": reverse("api-export-download", args=[made.token]) if ready else None,
    }
