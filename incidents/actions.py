"""What can be done about an incident?"""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from incidents import escalation
from incidents.categories import CATEGORIES, SEVERITIES
from incidents.models import Incident
from incidents.states import MOVES, STATES
from journal import clock
from journal.log import Subject, record
from journal.prepared import Prepared
from sites.models import Site
from subcommittees.models import Operation, User
from subcommittees.queries import on_duty
from subcommittees.roles import Level
from subcommittees.scope import Actor, System, require
from subcommittees.typed import tidied, unseen
from subcommittees.vietnamese import fold

TEXT_AT_MOST = 2000
CLOCK_SKEW = dt.timedelta(minutes=2)
_NUMBER = Prepared("incident_number", "SELECT journal_now(), incident_number($1, $2)")


class Moved(Exception):
    """The incident is in a state from which this move is not possible (409)."""

    def __init__(self, incident: Incident) -> None:
        self.state = incident.state
        self.by = incident.moved_post
        self.at = incident.moved_at
        super().__init__(
            _("This is no longer possible: the incident is now “%(state)s”.") % {"state": STATES[self.state]}
        )


@transaction.atomic(savepoint=False)
def report(
    *,
    by: User,
    operation: Operation,
    site: Site,
    category: str,
    severity: int,
    summary: str = "",
    happened_at: dt.datetime | None = None,
) -> Incident:
    """Report an incident at `site`; the duty officers who must answer are owed a notice.

    Raises ValidationError for a value outside the tables or a time in the future, PermissionDenied for a post
    that may not report there.
    """
    kind = CATEGORIES.get(category)
    post = require(by, "incident.report", site.path)
    errors = {}
    if kind is None:
        errors["category"] = _("Choose a category from the list.")
    if severity not in SEVERITIES:
        errors["severity"] = _("Choose a severity from 1 to 4.")
    summary = _text(summary, "summary", errors, needed=False)
    if errors or kind is None:
        raise ValidationError(errors)
    at, ref = _moment_and_reference(operation, site.path)
    if happened_at is not None and happened_at > at + CLOCK_SKEW:
        raise ValidationError({"happened_at": _("The time lies in the future.")})
    incident = Incident(
        operation=operation,
        ref=ref,
        site=site,
        unit=site.unit,
        path=site.path,
        category=category,
        topic=kind.topic,
        secrecy=kind.secrecy,
        severity=severity,
        summary=summary,
        happened_at=min(happened_at or at, at),
        reported_at=at,
        reported_by=by,
        reported_post=post,
        answer_by=at + escalation.answer_within(category, severity),
        moved_at=at,
        moved_by=by,
        moved_post=post,
    )
    number = incident.ref.rpartition("-")[2].lstrip("0")
    words = f"{incident.ref} {site.name} {site.unit.full_name} {kind.name.vi} {summary} {number}"
    incident.search_key = fold(words)
    incident.save(force_insert=True)
    _record("incident.reported", incident, by=by, post=post, at=at, text=summary, notify=_called(incident))
    return incident


def acknowledge(*, by: User, incident: Incident) -> Incident:
    """Take the incident: its clock stops and the taker owns it. A repeat by the owner changes nothing."""
    return _move("acknowledge", by=by, incident=incident)


def verify(*, by: User, incident: Incident, text: str = "") -> Incident:
    return _move("verify", by=by, incident=incident, text=text)


def respond(*, by: User, incident: Incident, text: str = "") -> Incident:
    return _move("respond", by=by, incident=incident, text=text)


def resolve(*, by: User, incident: Incident, text: str = "") -> Incident:
    return _move("resolve", by=by, incident=incident, text=text)


def note(*, by: User, incident: Incident, text: str) -> Incident:
    if unseen(text):
        raise ValidationError({"text": _("Write the note.")})
    return _move("note", by=by, incident=incident, text=text)


def close(*, by: User, incident: Incident, reason: str) -> Incident:
    return _move("close", by=by, incident=incident, text=reason)


def false_alarm(*, by: User, incident: Incident, reason: str) -> Incident:
    return _move("false_alarm", by=by, incident=incident, text=reason)


def reopen(*, by: User, incident: Incident, reason: str) -> Incident:
    """Somebody must answer again: the state goes back to reported and a new clock starts."""
    return _move("reopen", by=by, incident=incident, text=reason)


def raise_severity(*, by: User, incident: Incident, severity: int, text: str = "") -> Incident:
    """Set a higher severity; while nobody has answered, the clock can only become shorter."""
    return _move("raise", by=by, incident=incident, severity=severity, text=text)


def lower_severity(*, by: User, incident: Incident, severity: int, reason: str) -> Incident:
    return _move("lower", by=by, incident=incident, severity=severity, text=reason)


VERBS: dict[str, Callable[..., Incident]] = {
    "acknowledge": acknowledge,
    "verify": verify,
    "respond": respond,
    "resolve": resolve,
    "note": note,
    "close": close,
    "false_alarm": false_alarm,
    "reopen": reopen,
    "raise": raise_severity,
    "lower": lower_severity,
}


def act(
    verb: str, *, by: User, incident: Incident, text: str = "", reason: str = "", severity: int | None = None
) -> Incident:
    """Do `verb` of MOVES with what a door was given."""
    given: dict[str, dict[str, Any]] = {
        "acknowledge": {},
        "note": {"text": text or reason},
        "raise": {"severity": severity or 0, "text": text or reason},
        "lower": {"severity": severity or 0, "reason": reason or text},
    }
    more = given.get(verb, {"reason": reason or text} if MOVES[verb].reason else {"text": text or reason})
    return VERBS[verb](by=by, incident=incident, **more)


@transaction.atomic(savepoint=False)
def call_out(*, by: System, incident_id: Any) -> Incident | None:
    """Say once for each deadline that nobody answered in time; None where that is not (or no longer) so."""
    row = (
        Incident.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("site", "unit__parent", "operation")
        .filter(pk=incident_id, state="reported", unanswered_at=None, answer_by__lte=clock.Now())
        .first()
    )
    if row is None:
        return None
    require(by, "incident.call_out", row.path)
    at = clock.now()
    row.unanswered_at = at
    row.save(update_fields=["unanswered_at"])
    _record("incident.unanswered", row, by=by, post=by.title, at=at, text="", notify=_told_of_silence(row))
    return row


@transaction.atomic(savepoint=False)
def _move(
    verb: str, *, by: User, incident: Incident, text: str = "", severity: int | None = None
) -> Incident:
    """The one mover: lock the row, look the move up in MOVES, change, record."""
    move = MOVES[verb]
    post = require(by, f"incident.{verb}", incident.path, incident.topic, incident.secrecy)
    errors: dict[str, Any] = {}
    text = _text(text, "reason" if move.reason else "text", errors, needed=move.reason)
    row = (
        Incident.objects.select_for_update(of=("self",))
        .select_related("site", "unit__parent", "operation")
        .get(pk=incident.pk)
    )
    if row.state not in move.sources:
        if verb == "acknowledge" and row.acknowledged_by_id == by.pk and not row.ended:
            return row
        raise Moved(row)
    _check_severity(verb, row, severity, errors)
    if errors:
        raise ValidationError(errors)
    at = clock.now()
    if severity is not None:
        row.severity = severity
    if move.target:
        row.state = move.target
        row.moved_at, row.moved_by, row.moved_post = at, by, post
    if verb == "acknowledge":
        row.acknowledged_at, row.acknowledged_by, row.acknowledged_post = at, by, post
    if verb == "reopen":
        row.acknowledged_at, row.acknowledged_by, row.acknowledged_post = None, None, ""
        _restart_clock(row, at)
    if verb == "raise" and row.state == "reported":
        answer_by = min(row.answer_by, at + escalation.answer_within(row.category, row.severity))
        if answer_by < row.answer_by:
            row.answer_by, row.unanswered_at = answer_by, None
    row.save()
    _record(move.event, row, by=by, post=post, at=at, text=text, notify=_owed(verb, row, by))
    return row


def _restart_clock(row: Incident, at: dt.datetime) -> None:
    row.answer_by = at + escalation.answer_within(row.category, row.severity)
    row.unanswered_at = None


def _check_severity(verb: str, row: Incident, severity: int | None, errors: dict[str, Any]) -> None:
    if verb == "raise" and (severity not in SEVERITIES or severity <= row.severity):
        errors["severity"] = _("Choose a higher severity than now, at most 4.")
    if verb == "lower" and (severity not in SEVERITIES or severity >= row.severity):
        errors["severity"] = _("Choose a lower severity than now, at least 1.")


def _text(value: str, name: str, errors: dict[str, Any], *, needed: bool) -> str:
    text = tidied(value)
    if needed and unseen(text):
        errors[name] = _("Give the reason.")
    if len(text) > TEXT_AT_MOST:
        errors[name] = _("At most %(most)s characters.") % {"most": TEXT_AT_MOST}
    return text


def _moment_and_reference(operation: Operation, path: str) -> tuple[dt.datetime, str]:
    """Now, and `SC-14-000123`; an exercise's begins `DT-`. Gaps are allowed."""
    province = path.split("/")[1]
    [(at, number)] = _NUMBER.rows(operation.pk, province)
    return at, f"{'DT' if operation.exercise else 'SC'}-{province}-{number:06d}"


def _called(row: Incident) -> list[int]:
    return on_duty(row.path, escalation.CALLED[row.severity], topic=row.topic, secrecy=row.secrecy)


def _told_of_silence(row: Incident) -> list[int]:
    levels: set[Level] = set(escalation.TOLD_OF_SILENCE | escalation.CALLED[row.severity])
    return on_duty(row.path, levels, topic=row.topic, secrecy=row.secrecy, superiors=True)


def _owed(verb: str, row: Incident, by: User) -> Iterable[int]:
    """Who must know besides those who watch: a new clock calls again, a raised severity calls higher."""
    if verb in {"reopen", "raise"}:
        return set(_called(row)) - {by.pk}
    return ()


def _counted(row: Incident) -> dict[str, Any]:
    """Every column that any number of the product is counted from; what `after` says of an incident."""
    return {
        "path": row.path,
        "topic": row.topic,
        "secrecy": row.secrecy,
        "category": row.category,
        "severity": row.severity,
        "state": row.state,
        "answer_by": clock.wire(row.answer_by),
    }


def _record(
    verb: str, row: Incident, *, by: Actor, post: str, at: dt.datetime, text: str, notify: Iterable[int] = ()
) -> None:
    record(
        verb,
        at=at,
        operation=row.operation.slug,
        unit=row.unit.place,
        subject=Subject("incident", str(row.pk), row.ref),
        topic=row.topic,
        secrecy=row.secrecy,
        actor=by.username,
        post=post,
        line={
            "ref": row.ref,
            "category": row.category,
            "severity": row.severity,
            "state": row.state,
            "site": row.site.name,
            "site_code": row.site.code,
            "answer_by": clock.wire(row.answer_by) if row.state == "reported" else None,
            "text": text,
            "by": post,
        },
        after=_counted(row),
        notify=notify,
    )
