"""Which doors of the API take a file and tell how far it has come?"""

import json
from collections.abc import Callable
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from subcommittees.doors import keyed, only, operation_of, user_of
from subcommittees.imports import faults, jobs, queries
from subcommittees.imports.kinds import Kind
from subcommittees.imports.models import Import, Row
from subcommittees.sheets.refusal import Refused

KEY = OpenApiParameter("Idempotency-Key", OpenApiTypes.STR, OpenApiParameter.HEADER)
FIELDS = {"file", "dry_run", "mode", "mapping"}
TRUTHS = {"": False, "0": False, "false": False, "1": True, "true": True}
MODES = {"": False, "all": False, "all_or_nothing": False, "good": True, "good_rows": True}


class TooHeavy(APIException):
    status_code = 413
    default_code = "too_large"


class ImportRequest(serializers.Serializer[Any]):
    file = serializers.FileField()
    dry_run = serializers.BooleanField(required=False)
    mode = serializers.ChoiceField(["all", "good"], required=False)
    mapping = serializers.CharField(required=False, help_text='{"code": "<header of the file>", …} as JSON')


ImportSerializer = inline_serializer(
    "Import",
    {
        "id": serializers.UUIDField(),
        "kind": serializers.CharField(),
        "state": serializers.CharField(),
        "file_name": serializers.CharField(),
        "dry_run": serializers.BooleanField(),
        "mode": serializers.CharField(),
        "progress": serializers.IntegerField(),
        "total": serializers.IntegerField(),
        "totals": serializers.DictField(child=serializers.IntegerField()),
        "mapping": serializers.DictField(child=serializers.CharField()),
        "headers": serializers.ListField(child=serializers.CharField()),
        "notes": serializers.ListField(child=serializers.CharField()),
        "message": serializers.CharField(),
        "errors": serializers.ListField(child=serializers.DictField()),
        "bad_rows": serializers.CharField(allow_null=True),
    },
)


class NewImport(APIView):
    """Bring in a CSV or XLSX file: 202 with the id under which its progress stands."""

    kind: ClassVar[Kind]
    parser_classes = [MultiPartParser]
    run: ClassVar[Callable[[str], None]]  # asks for a worker; the roof knows them

    @extend_schema(
        request={"multipart/form-data": ImportRequest},
        parameters=[KEY],
        responses={202: inline_serializer("ImportBegun", {"id": serializers.UUIDField()})},
    )
    @keyed
    def post(self, request: Request) -> Response:
        jobs.allowed(user_of(request), self.kind)
        file, given = _given(request)
        try:
            job = jobs.begin(
                by=user_of(request),
                operation=operation_of(request),
                kind=self.kind,
                file=file,
                file_name=str(file.name).replace("\0", ""),
                mapping=_mapping(given.get("mapping", ""), self.kind),
                good_rows=_one("mode", given, MODES),
                dry_run=_one("dry_run", given, TRUTHS),
            )
        except Refused as refused:
            raise refusal(refused) from refused
        number = str(job.pk)
        transaction.on_commit(lambda: type(self).run(number))
        return Response({"id": number}, status=202)


class OneImport(GenericAPIView[Row]):
    """How far a file has come, what became of its rows, and page by page what is wrong with them."""

    kind: ClassVar[Kind]
    queryset = Row.objects.none()
    pagination_class = GenericAPIView.pagination_class

    @extend_schema(responses=ImportSerializer)
    def get(self, request: Request, job: str) -> Response:
        only(request)
        found = _found(request, job, self.kind)
        rows = self.paginate_queryset(queries.bad_rows(found)) or []
        errors = [
            {"row": row.n, **{name: one[name] for name in ("column", "code", "message", "value")}}
            for row in rows
            for one in queries.told(row, self.kind)
        ]
        bad = bool(found.counts.get("bad"))
        link = reverse(f"api-{self.kind.code}-import-bad", args=[found.pk]) if bad else None
        return Response(
            {
                "id": str(found.pk),
                "kind": found.kind,
                "state": found.state,
                "file_name": found.file_name,
                "dry_run": found.dry_run,
                "mode": "good" if found.good_rows else "all",
                "progress": queries.progress(found),
                "total": found.total,
                "totals": found.counts,
                "mapping": found.mapping,
                "headers": found.headers,
                "notes": queries.notes_of(found),
                "message": queries.error_of(found, self.kind) or found.state_name,
                "errors": errors,
                "bad_rows": link,
            }
        )


class CancelImport(APIView):
    """Stop it; what is written stays and is told."""

    kind: ClassVar[Kind]

    @extend_schema(request=None, parameters=[KEY], responses={202: OpenApiTypes.OBJECT})
    @keyed
    def post(self, request: Request, job: str) -> Response:
        found = _found(request, job, self.kind)
        jobs.cancel(job=found)
        return Response({"id": str(found.pk)}, status=202)


class BadRows(APIView):
    """The rows that were not taken, as a file with the reasons in its last column."""

    kind: ClassVar[Kind]

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def get(self, request: Request, job: str) -> HttpResponse | StreamingHttpResponse:
        only(request)
        return bad_rows_file(_found(request, job, self.kind), self.kind)


def bad_rows_file(job: Import, kind: Kind) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(queries.returned(job, kind), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{kind.code}-{str(job.pk)[:8]}.csv"'
    return answer


def refusal(refused: Refused) -> APIException | ValidationError:
    words = faults.of_file({"code": refused.code, "given": refused.given})
    return TooHeavy(words) if refused.status == 413 else ValidationError({"file": words})


def _found(request: Request, job: str, kind: Kind) -> Import:
    found = queries.mine(user_of(request), operation_of(request)).filter(pk=job, kind=kind.code).first()
    if found is None:
        raise Http404
    return found


def _given(request: Request) -> tuple[Any, dict[str, str]]:
    data: Any = request.data
    unknown = [name for name in data if name not in FIELDS]
    if unknown:
        raise ValidationError({name[:60]: _("Unknown field.") for name in unknown[:20]})
    files = request.FILES.getlist("file")
    if len(files) != 1:
        raise ValidationError({"file": _("Send one file.")})
    texts = {name: data.get(name, "") for name in FIELDS - {"file"}}
    if any(not isinstance(text, str) or len(text) > 20_000 for text in texts.values()):
        raise ValidationError({"mapping": _("Too long.")})
    return files[0], texts


def _one(name: str, given: dict[str, str], table: dict[str, bool]) -> bool:
    text = given.get(name, "").strip().lower()
    if text not in table:
        raise ValidationError({name: _("Unknown value.")})
    return table[text]


def _mapping(text: str, kind: Kind) -> dict[str, str] | None:
    if not text.strip():
        return None
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValidationError({"mapping": _("The request is not proper JSON.")}) from error
    known = {column.name for column in kind.columns}
    sound = isinstance(said, dict) and all(
        name in known and isinstance(header, str) and len(header) <= 200 and "\0" not in header
        for name, header in said.items()
    )
    if not sound:
        raise ValidationError({"mapping": _("Give the header of your file for each of our columns.")})
    return said
