"""What can a higher level do after it has looked itself?"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from journal import clock
from journal.log import Place, Subject, record
from sites import checklist
from sites.inspections import queries
from sites.inspections.queries import Line, Target
from sites.models import Site
from sites.readiness import escalation
from sites.readiness import queries as readiness
from sites.readiness.models import Finding, Inspection
from subcommittees.models import Operation, Unit, User
from subcommittees.scope import require
from subcommittees.typed import tidied

TOPIC = "sites"
NOTE_AT_MOST = 1000
CLOCK_SKEW = dt.timedelta(minutes=2)
OLDEST = dt.timedelta(days=30)


@transaction.atomic(savepoint=False)
def inspect(
    *,
    by: User,
    operation: Operation,
    site: Site | None = None,
    unit: Unit | None = None,
    answers: Mapping[str, str],
    note: str = "",
    looked_at: dt.datetime | None = None,
) -> Inspection:
    """Write down what was found at a site or a unit, from a level above; it stands beside what is said there.

    What is not in order opens a finding, which ends by a later look that finds it in order, or by hand. Raises
    ValidationError by item.
    """
    target = Target(site=site, unit=unit)
    post = require(by, "readiness.inspect", target.path if site else target.above, TOPIC)
    at = clock.now()
    looked_at = looked_at or at
    note = tidied(note)
    known = queries.lines(operation, target)
    if unit is not None and unit.kind not in readiness.OWES:
        raise ValidationError({"unit": _("This unit reports on nothing of its own.")})
    errors = _faults(known, answers, note, looked_at, at)
    if errors:
        raise ValidationError(errors)
    _hold(target)
    row = Inspection(
        operation=operation, path=target.path, answers=dict(answers), note=note, looked_at=min(looked_at, at), at=at,
        by=by, post=post, **target.key,
    )  # fmt: skip
    found = _find(operation, target, row, known)
    row.save(force_insert=True)
    wrong = [code for code, answer in answers.items() if answer == "no"]
    told = readiness.officers(target.path) if wrong else []
    line = {
        "text": note,
        "by": post,
        "site": site.name if site else "",
        "site_code": site.code if site else "",
        "inspection": str(row.pk),
        "looked_at": clock.wire(row.looked_at),
        "items": len(answers),
        "wrong": wrong,
        "contradicts": queries.contradicted(answers, queries.own(operation, target)),
    }
    record(
        "readiness.inspected",
        at=at,
        operation=operation.slug,
        unit=_place(target),
        subject=_subject(target),
        topic=TOPIC,
        actor=by.username,
        post=post,
        line=line,
        after=None,
        also={finding.key: finding.counted for finding in found},
        notify=[person for person in told if person != by.pk],
    )
    return row


def _faults(
    known: Mapping[str, Line],
    answers: Mapping[str, str],
    note: str,
    looked_at: dt.datetime,
    at: dt.datetime,
) -> dict[str, Any]:
    errors: dict[str, Any] = {}
    for code, answer in answers.items():
        if code not in known:
            errors[code[:20]] = _("There is no such item here.")
        elif answer not in checklist.ANSWERS:
            errors[code] = _("Answer ok, no or na.")
        elif answer == "na" and known[code].critical:
            errors[code] = _("A critical item is either in order or not.")
    if not answers:
        errors["answers"] = _("Give at least one answer.")
    if len(note) > NOTE_AT_MOST:
        errors["note"] = _("At most %(most)s characters.") % {"most": NOTE_AT_MOST}
    if looked_at > at + CLOCK_SKEW:
        errors["looked_at"] = _("The time lies in the future.")
    elif looked_at < at - OLDEST:
        errors["looked_at"] = _("More than 30 days ago.")
    return errors


def _hold(target: Target) -> None:
    """Whoever else writes about the same place waits."""
    if target.site is not None:
        Site.objects.select_for_update(no_key=True, of=("self",)).get(pk=target.site.pk)
    elif target.unit is not None:
        Unit.objects.select_for_update(no_key=True, of=("self",)).get(pk=target.unit.pk)


def _find(operation: Operation, target: Target, row: Inspection, known: Mapping[str, Line]) -> list[Finding]:
    """Open one for each item found wrong; close what an earlier look had found and this one finds in order."""
    track = readiness.track_of(target.site) if target.site else "regular"
    slot = readiness.asked_now(operation, track)
    open_ = queries.standing(operation, target)
    since = queries.mended_since(operation, target, row.looked_at)
    closed, opened = [], []
    for code, answer in row.answers.items():
        standing = open_.get(code)
        if answer == "no" and standing is None and code not in since:
            line, phase = known[code], slot.phase if slot else known[code].phase
            climbs = escalation.climbs_at("item", phase, 0, row.at) if line.critical else None
            opened.append(
                Finding(
                    operation=operation, path=target.path, kind="inspection", item=code, critical=line.critical,
                    slot=slot, opened_at=row.looked_at, escalate_at=climbs, **target.key,
                )
            )  # fmt: skip
        elif answer != "no" and standing is not None and row.looked_at > standing.opened_at:
            standing.closed_at, standing.closed_post = row.at, row.post
            closed.append(standing)
    Finding.objects.bulk_create(opened)
    if closed:
        Finding.objects.filter(pk__in=[one.pk for one in closed]).update(
            closed_at=row.at, closed_post=row.post
        )
    return [*closed, *opened]


def _place(target: Target) -> Place:
    unit = target.site.unit if target.site else target.unit
    return unit.place if unit else Place(target.path, target.path)


def _subject(target: Target) -> Subject:
    if target.site is not None:
        return Subject("site", target.site.code, target.site.code)
    place = _place(target)
    return Subject("unit", place.path, place.name)
