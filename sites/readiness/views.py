"""Which doors of the API lead to readiness: reports, slots, the checklist?"""

from itertools import groupby
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from sites import checklist
from sites.models import Site
from sites.readiness import actions, answers, queries
from sites.readiness import serializers as shapes
from sites.readiness.actions import Given
from sites.readiness.models import SiteReport, Slot
from subcommittees.doors import chosen, keyed, only, operation_of, user_of
from subcommittees.models import Operation, Unit
from subcommittees.scope import Viewer, sees, visible

KEY = OpenApiParameter("Idempotency-Key", OpenApiTypes.STR, OpenApiParameter.HEADER)
UNIT = OpenApiParameter("unit", OpenApiTypes.STR, description="path of a unit: it and all below")


def slot_of(user: Viewer, operation: Operation, pk: int) -> Slot:
    """The slot of this operation; of no other, and for nobody who does not see sites."""
    found = Slot.objects.filter(operation=operation, pk=pk).first() if sees(user, actions.TOPIC) else None
    if found is None:
        raise Http404
    return found


def valid(shape: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    form = shape(data=request.data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


class Readiness(GenericAPIView[Site]):
    """How the sites in reach stand, and what is reported of them."""

    serializer_class = shapes.StandingSerializer
    queryset = Site.objects.none()

    @extend_schema(
        responses=shapes.StandingSerializer(many=True),
        parameters=[
            UNIT,
            OpenApiParameter("verdict", OpenApiTypes.STR, description="verdicts, comma-separated; `silent`"),
            OpenApiParameter(
                "slot", OpenApiTypes.INT, description="by the last report for this slot, not as of now"
            ),
        ],
    )
    def get(self, request: Request) -> Response:
        given = only(request, "unit", "verdict", "slot")
        user, operation = user_of(request), operation_of(request)
        slot = None
        if given["slot"]:
            slot = slot_of(user, operation, number(given["slot"], "slot"))
        verdicts = chosen("verdict", given["verdict"], checklist.VERDICTS)
        rows = queries.how_sites_stand(user, operation, unit=given["unit"], verdicts=verdicts, slot=slot)
        page: Any = self.paginate_queryset(rows) or []
        said = queries.reports(one.said for one in page)
        return self.get_paginated_response([shapes.standing_shape(one, said) for one in page])

    @extend_schema(
        request=shapes.FileSerializer,
        responses={201: shapes.BatchSerializer, 200: shapes.BatchSerializer},
        parameters=[KEY],
        description=(
            "File reports of sites of one or several communes: all or nothing. A report is whole: it takes the place"
            " of the site's earlier one for the slot. 200 where all had said the same before. `revision`: the one that"
            " the writer saw (0: none); 409 `stale` where another stands by now. `said_at`: when it was said, where it"
            " comes in later; nothing changes that was reported after that. 409 `slot_closed` outside the slot's hours."
        ),
    )
    @keyed
    def post(self, request: Request) -> Response:
        given = valid(shapes.FileSerializer, request)
        user, operation = user_of(request), operation_of(request)
        slot = slot_of(user, operation, given["slot"])
        codes = {one["site"] for one in given["reports"]}
        rows = visible(Site.objects.select_related("unit__parent"), user).filter(code__in=codes)
        sites = {site.code: site for site in rows}
        if len(sites) < len(codes):
            raise Http404
        batch = [Given(**{**one, "site": sites[one["site"]]}) for one in given["reports"]]
        batch.sort(key=lambda one: one.site.path)
        reports: dict[int, SiteReport] = {}
        filed = 0
        with transaction.atomic(savepoint=False):
            for _path, part in groupby(batch, key=lambda one: one.site.path):
                of_one = list(part)
                done = actions.file(
                    by=user, operation=operation, slot=slot, unit=of_one[0].site.unit, given=of_one,
                    said_at=given["said_at"],
                )  # fmt: skip
                filed += len(done.reports)
                reports |= {report.site_id: report for report in (*done.reports, *done.same)}
        body = {
            "slot": slot.pk,
            "filed": filed,
            "unchanged": len(batch) - filed,
            "reports": [
                shapes.filed_shape(reports[sites[one["site"]].pk], one["site"]) for one in given["reports"]
            ],
        }
        return Response(body, status=201 if filed else 200)


class Verify(APIView):
    """Confirm what a commune's sites stand by for a slot; from above the level that reported."""

    @extend_schema(request=shapes.VerifySerializer, responses=shapes.VerifiedSerializer, parameters=[KEY])
    @keyed
    def post(self, request: Request) -> Response:
        given = valid(shapes.VerifySerializer, request)
        user, operation = user_of(request), operation_of(request)
        unit, slot = commune_of(user, given["unit"]), slot_of(user, operation, given["slot"])
        confirmed = actions.verify(
            by=user, operation=operation, slot=slot, unit=unit, seen_at=given["seen_at"]
        )
        told = [shapes.filed_shape(one, one.site.code) for one in confirmed]
        return Response({"slot": slot.pk, "unit": unit.path, "verified": len(told), "reports": told})


class SendBack(APIView):
    """Ask a site to answer items again; from above the level that reported."""

    @extend_schema(
        request=shapes.ReturnSerializer,
        responses={201: shapes.FiledSerializer, 200: shapes.FiledSerializer},
        parameters=[KEY],
        description="201 with the new revision; 200 where the same had been sent back before. 409 `stale` where another"
        " report stands by now.",
    )
    @keyed
    def post(self, request: Request) -> Response:
        given = valid(shapes.ReturnSerializer, request)
        user, operation = user_of(request), operation_of(request)
        slot = slot_of(user, operation, given.pop("slot"))
        code = given.pop("site")
        site = visible(Site.objects.select_related("unit__parent"), user).filter(code=code).first()
        if site is None:
            raise Http404
        before = queries.latest(slot, [site.pk]).get(site.pk)
        report = actions.send_back(by=user, operation=operation, slot=slot, site=site, **given)
        new = before is None or report.pk != before.pk
        return Response(shapes.filed_shape(report, site.code), status=201 if new else 200)


class Checklist(APIView):
    """What is asked of a site: the table, and what its province asks besides."""

    @extend_schema(
        responses=shapes.ItemSerializer(many=True),
        parameters=[
            OpenApiParameter("site", OpenApiTypes.STR, description="code: what is asked of this site"),
            OpenApiParameter("phase", OpenApiTypes.STR, enum=list(checklist.PHASES)),
        ],
    )
    def get(self, request: Request) -> Response:
        given = only(request, "site", "phase")
        chosen("phase", given["phase"], checklist.PHASES)
        phases = given["phase"].split(",") if given["phase"] else list(checklist.PHASES)
        items = [item for item in checklist.ITEMS.values() if item.phase in phases and not item.retired]
        if given["site"]:
            site = visible(Site.objects.all(), user_of(request)).filter(code=given["site"]).first()
            if site is None:
                raise Http404
            local = {row.item.code: row.item for row in queries.local_items(operation_of(request), site.path)}
            items = [item for phase in phases for item in answers.asked(site, phase, local)]
        return Response([shapes.item_shape(item) for item in items])


def number(text: str, name: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise ValidationError({name: _("Give a whole number.")})
    return int(text)


def commune_of(user: Viewer, path: str) -> Unit:
    unit = visible(Unit.objects.select_related("parent"), user).filter(path=path).first()
    if unit is None:
        raise Http404
    if unit.kind != Unit.Kind.COMMUNE:
        raise ValidationError({"unit": _("Choose a commune.")})
    return unit
