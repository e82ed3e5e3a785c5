"""How ready is a unit, what is missing, and who has not answered?"""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Mapping
from itertools import dropwhile
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from command_center import tiles
from command_center.templatetags.standing import part, share
from journal import clock
from reports import picture
from sites import checklist
from sites.boards import queries as boards
from sites.models import Site
from sites.readiness.models import Slot
from sites.readiness.queries import OWES
from sites.trends import queries as trends
from sites.trends.queries import Calendar, Point
from subcommittees import lists, queries, scope
from subcommittees.doors import chosen, operation_of, user_of
from subcommittees.models import Operation, Unit, User
from subcommittees.pages import trail

TOPIC = "sites"
FILTERS = ("q", "unit", "verdict", "item", "unconfirmed")
SILENT = 20


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The board of the highest unit whose sites one sees."""
    held = scope.reach(user_of(request))
    shown = [one.path for one in held if one.can.topics is None or TOPIC in one.can.topics]
    return redirect("readiness-board", unit=min(shown, key=len)) if shown else redirect("home")


def seen(request: HttpRequest, path: str) -> Unit:
    """The unit, for who sees polling sites there."""
    user = user_of(request)
    found = queries.found_unit(user, path)
    if not scope.sees(user, TOPIC, path=found.path):
        raise PermissionDenied
    return found


@require_safe
def board(request: HttpRequest, unit: str) -> HttpResponse:
    user, operation = user_of(request), operation_of(request)
    found = seen(request, unit)
    counted = picture.count(found, scope.reach(user), operation)
    known = trends.calendars(operation, counted.as_of)
    regular = known["regular"]
    points, before, middle, areas = _history(user, found, regular)
    then = regular.yesterday if found.kind == Unit.Kind.PROVINCE else None
    communes, items = boards.missing(user, operation, found.path, known, then)
    commune = found.kind == Unit.Kind.COMMUNE
    own = {} if commune else boards.own_reports(user, operation, found)
    last = boards.last_reports(user, operation, known, found.path) if commune else []
    context = {
        "unit": found,
        "picture": counted.wire(),
        "live": {"unit": found.path, "cursor": counted.cursor},
        "trail": trail(user, found, "readiness-board"),
        "asked": regular.asked,
        "judged": regular.judged,
        "yesterday": regular.yesterday,
        "middle": middle,
        "points": points,
        "areas": areas,
        "children": _children(counted.children, communes, before, known),
        "items": [(checklist.ITEMS.get(code), number, code) for code, number in items.items()],
        "silent": _silent(communes, known) if found.kind == Unit.Kind.MINISTRY else [],
        "own": own.get(found.path),
        "unit_items": list(checklist.UNIT_ITEMS.values()),
        "forces": [
            (child["unit"], own[child["unit"]["path"]])
            for child in counted.children
            if child["unit"]["path"] in own
        ],
        "mute": [
            child["unit"]
            for child in counted.children
            if child["unit"]["path"] not in own and child["unit"]["kind"] in OWES
        ],
        "missing": communes.get(found.path),
        "may_urge": counted.judged["regular"] is not None
        and found.kind in OWES
        and scope.may(user, "readiness.urge", found.path, TOPIC),
        "urge_key": uuid.uuid4().hex,
        **_grid(user, found, last),
        "tiles": tiles.placed(counted.children) if found.kind == Unit.Kind.MINISTRY else None,
    }
    return render(request, "readiness/board.html", context)


def _grid(user: User, unit: Unit, last: list[boards.Answered]) -> dict[str, Any]:
    """The last reports of a commune, an item a row and a site a column; who may judge them picks cells."""
    asked = set().union(*(one.asked | {*one.said} for one in last))
    items = [item for item in checklist.ITEMS.values() if item.code in asked]
    rows = [
        {
            "item": item,
            "cells": [
                {"of": one.site, "answer": one.letter(item.code), "why": one.reasons.get(item.code, "")}
                for one in last
            ],
        }
        for item in items
    ]
    return {
        "last": last,
        "grid": rows,
        "said_for": sorted({one.site.slot for one in last if one.site.slot}),
        "may_judge": bool(last) and scope.may(user, "readiness.send_back", unit.path, TOPIC),
        "key": uuid.uuid4().hex,
    }


def _history(
    user: User, unit: Unit, calendar: Calendar
) -> tuple[list[Point], dict[str, float | None], float | None, int]:
    """The points of the trend, yesterday's shares by province, the nation's median, and how many areas a point has."""
    ran = calendar.ran_out[-trends.POINTS :]
    if not trends.whole(unit.path):
        # A commune's begins with its first answer; that it said nothing before is told where silence is told.
        told = trends.from_reports(user, unit.path, calendar, ran)
        return list(dropwhile(lambda one: one.counts["silent"] == one.total, told)), {}, None, 0
    checks, middle = trends.checked(user, unit.path, ran, calendar.judged)
    points = trends.points(ran, checks)
    before = {
        row.path: part(row.ready, row.ready + row.conditional + row.not_ready + row.silent)
        for row in checks
        if row.slot_id == (calendar.yesterday.pk if calendar.yesterday else None)
    }
    return points, before, middle, max((one.areas for one in points), default=0)


def _children(
    children: list[dict[str, Any]],
    communes: Mapping[str, boards.Missing],
    before: Mapping[str, float | None],
    known: Mapping[str, Calendar],
) -> list[dict[str, Any]]:
    """Those that have sites: by the share not ready or silent, then the conditional; else by name as they come."""
    rows = []
    for child in children:
        path = child["unit"]["path"]
        if not sum(child["readiness"].values()):
            continue
        below = [one for place, one in communes.items() if place.startswith(path)]
        was = before.get(path) if path in before else _before(below)
        silent = [one for one in below if one.silent]
        rows.append(
            {
                **child,
                "share": share(child["readiness"]),
                "was": was,
                "unconfirmed": sum(one.unconfirmed for one in below),
                "since": _since([one.answered for one in silent], known) if silent else None,
                "never": any(one.answered is None for one in silent),
            }
        )

    def badness(row: dict[str, Any]) -> tuple[float, float, int]:
        counts = row["readiness"]
        all_ = sum(counts.values())
        wrong = (counts["not_ready"] + counts["silent"]) / all_
        return -wrong, -counts["conditional"] / all_, -row["unconfirmed"]

    return sorted(rows, key=badness)


def _before(below: Iterable[boards.Missing]) -> float | None:
    rows = list(below)
    return part(sum(one.ready_before for one in rows), sum(one.before for one in rows))


def _since(answered: Iterable[dt.datetime | None], known: Mapping[str, Calendar]) -> dt.datetime | None:
    """Since when somebody is silent whose last answers were for these slots: the next one ran out then."""
    dues = list(answered)
    rows = known["regular"].ran_out
    if None in dues:
        return rows[0].silent_at if rows else None
    oldest = min(one for one in dues if one)
    return next((one.silent_at for one in rows if one.due_at > oldest), None)


def _silent(communes: Mapping[str, boards.Missing], known: Mapping[str, Calendar]) -> list[dict[str, Any]]:
    """The communes with the most silent sites."""
    worst = sorted(
        (one for one in communes.items() if one[1].silent), key=lambda one: (-one[1].silent, one[0])
    )
    return [
        {
            "path": path,
            "name": one.name,
            "silent": one.silent,
            "since": _since([one.answered], known),
            "never": one.answered is None,
        }
        for path, one in worst[:SILENT]
    ]


@require_safe
def why(request: HttpRequest, unit: str) -> HttpResponse:
    """What moved between two slots: the counts of their checks, and exactly which communes and sites changed."""
    user, operation = user_of(request), operation_of(request)
    found = seen(request, unit)
    known = trends.calendars(operation, clock.now())
    asked = lists.asked(request, "slot", "before")
    calendar, slot, before = _between(known, asked)
    points: dict[int, Point] = {}
    moves: dict[tuple[str, str, str], int] = {}
    sites: list[trends.Move] = []
    if slot and before:
        pair = [before, slot]
        if trends.whole(found.path):
            rows = trends.points(pair, trends.checked(user, found.path, pair)[0])
        else:
            rows = trends.from_reports(user, found.path, calendar, pair)
        points = {one.slot.pk: one for one in rows}
        moves = trends.moved(user, found.path, calendar, before, slot)
        sites = trends.moved_sites(user, found.path, calendar, before, slot)
    was, now = (points.get(one.pk) if one else None for one in (before, slot))
    context = {
        "unit": found,
        "trail": [*trail(user, found, "readiness-board"), (found.name, _address(found))],
        "slot": slot,
        "before": before,
        "earlier": calendar.before(before) if before else None,
        "later": calendar.after(slot) if slot else None,
        "was": was,
        "now": now,
        "verdicts": _differences(was, now, moves),
        "communes": _by_child(moves, found),
        "items": _items(was, now),
        "sites": sites,
        "all": sum(moves.values()),
    }
    return render(request, "readiness/why.html", context)


def _address(unit: Unit) -> str:
    return redirect("readiness-board", unit=unit.path).url


def _between(
    known: Mapping[str, Calendar], asked: Mapping[str, str]
) -> tuple[Calendar, Slot | None, Slot | None]:
    """The slots that the address names; without a name the last that ran out and the one before it."""
    slot = next((row for one in known.values() if (row := one.found(asked["slot"]))), None)
    calendar = known[slot.track] if slot else known["regular"]
    if asked["slot"] and slot not in calendar.ran_out:
        raise Http404
    slot = slot or calendar.judged
    before = calendar.found(asked["before"]) if asked["before"] else (calendar.before(slot) if slot else None)
    if asked["before"] and (before is None or slot is None or before.due_at >= slot.due_at):
        raise Http404
    return calendar, slot, before


def _differences(
    was: Point | None, now: Point | None, moves: Mapping[tuple[str, str, str], int]
) -> list[dict[str, Any]]:
    """By verdict: before, after, the difference, and how much of it the sites named below explain."""
    rows = []
    for verdict in trends.VERDICTS:
        came = sum(number for (_child, _was, to), number in moves.items() if to == verdict)
        went = sum(number for (_child, from_, _to), number in moves.items() if from_ == verdict)
        difference = now.counts[verdict] - was.counts[verdict] if was and now else came - went
        rows.append(
            {
                "verdict": verdict,
                "was": was.counts[verdict] if was else None,
                "now": now.counts[verdict] if now else None,
                "difference": difference,
                "came": came,
                "went": went,
                "rest": difference - (came - went),
            }
        )
    return rows


def _by_child(moves: Mapping[tuple[str, str, str], int], unit: Unit) -> list[dict[str, Any]]:
    """The units below in which sites changed, those that lost most ready ones first."""
    found: dict[str, dict[str, int]] = {}
    for (child, was, now), number in moves.items():
        row = found.setdefault(child, dict.fromkeys((*trends.VERDICTS, "all"), 0))
        row[was] -= number
        row[now] += number
        row["all"] += number
    paths = [f"{unit.path}{child}/" for child in found if child]
    names = {one.path: one for one in queries.at_paths(paths)}
    rows = [
        {"unit": names[f"{unit.path}{child}/"], **row}
        for child, row in found.items()
        if f"{unit.path}{child}/" in names
    ]
    return sorted(rows, key=lambda row: (row["ready"], -row["all"], row["unit"].sort_key))


def _items(was: Point | None, now: Point | None) -> list[dict[str, Any]]:
    """The items whose numbers differ, by how much more are not in order."""
    if not was or not now:
        return []
    codes = {*was.items, *now.items}
    rows = [
        {
            "item": checklist.ITEMS.get(code),
            "code": code,
            "was": was.items.get(code, 0),
            "now": now.items.get(code, 0),
            "difference": now.items.get(code, 0) - was.items.get(code, 0),
        }
        for code in codes
    ]
    return sorted(
        (row for row in rows if row["difference"]), key=lambda row: (-row["difference"], row["code"])
    )


def matching(user: User, operation: Operation, filters: Mapping[str, str]) -> QuerySet[Site]:
    """The sites in reach that the filters leave, each with how it stands now."""
    verdicts = chosen("verdict", filters["verdict"], checklist.VERDICTS)
    known = trends.calendars(operation, clock.now())
    return boards.standing(
        user,
        operation,
        known,
        q=filters["q"],
        unit=filters["unit"],
        verdict=verdicts,
        item=filters["item"][:20],
        unconfirmed=bool(filters["unconfirmed"]),
    )


class Rows(list[dict[str, Any]]):
    """The units of a picture as the rows of a file."""

    def count(self) -> int:  # type: ignore[override]
        return len(self)

    def iterator(self, chunk_size: int) -> Iterator[dict[str, Any]]:
        yield from self


def rows_of_board(user: User, operation: Operation, filters: Mapping[str, str]) -> Any:
    """What a board says of the units below: the numbers of the picture and nothing else."""
    path = filters["unit"] or scope.home(user) or ""
    if not scope.sees(user, TOPIC, path=path):
        return Rows()
    counted = picture.count(queries.found_unit(user, path), scope.reach(user), operation)
    rows = [{**child, "as_of": counted.as_of} for child in counted.children]
    return Rows(row for row in rows if sum(row["readiness"].values()))


@require_safe
def standing(request: HttpRequest) -> HttpResponse:
    """The list behind every number of a board: exactly which sites."""
    user = user_of(request)
    filters = lists.asked(request, *FILTERS)
    rows = matching(user, operation_of(request), filters)
    place = queries.found_unit(user, filters["unit"]) if filters["unit"] else None
    words = {
        "q": lists.quoted,
        "unit": lambda given: place.name if place else given,
        "verdict": lambda given: ", ".join(str(checklist.VERDICTS[one]) for one in given.split(",")),
        "item": lambda given: str(checklist.ITEMS[given].name) if given in checklist.ITEMS else given,
        "unconfirmed": lambda _given: _("Not confirmed"),
    }
    context = lists.cut(request, rows, filters, words)
    more = {
        "verdicts": list(checklist.VERDICTS.items()),
        "items": [(one.code, f"{one.code}. {one.name}") for one in checklist.ITEMS.values()],
        "hidden": [(name, filters[name]) for name in ("unit", "unconfirmed") if filters[name]],
        "trail": [*trail(user, place, "readiness-board"), (place.name, _address(place))] if place else [],
        "denied": not scope.sees(user, TOPIC),
    }
    return render(request, "readiness/standing.html", {**context, **more})
