"""What can be done about a polling site on its day?"""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _

from journal import clock
from journal.log import Subject, record
from sites import states
from sites.models import Site, SiteStatus
from sites.readiness import queries
from subcommittees.models import Operation, User
from subcommittees.scope import require
from subcommittees.typed import tidied, unseen

TOPIC = "sites"
TEXT_AT_MOST = 1000
# A zone stands for the poll, not for a season.
LONGEST_ZONE = dt.timedelta(days=7)


class Elsewhere(Exception):
    """The state no longer allows the move."""

    def __init__(self, status: SiteStatus) -> None:
        self.state, self.by, self.at = status.state, status.moved_post, status.since
        super().__init__(
            _("This is no longer possible: the site is now “%(state)s”.")
            % {"state": states.STATES[self.state]}
        )


def survey(*, by: User, operation: Operation, site: Site, text: str = "") -> SiteStatus:
    return _move("survey", by=by, operation=operation, site=site, text=text)


def open_poll(*, by: User, operation: Operation, site: Site, text: str = "") -> SiteStatus:
    """Begin the vote: on the day of the site, not before five; where the site is not ready, with the reason."""
    return _move("open", by=by, operation=operation, site=site, text=text)


def interrupt(*, by: User, operation: Operation, site: Site, reason: str, sealed: bool) -> SiteStatus:
    """The poll stops; Điều 71.3: box and documents have been sealed (`sealed`), and it is reported at once."""
    return _move("interrupt", by=by, operation=operation, site=site, text=reason, sealed=sealed)


def resume(*, by: User, operation: Operation, site: Site, text: str = "") -> SiteStatus:
    return _move("resume", by=by, operation=operation, site=site, text=text)


def close(*, by: User, operation: Operation, site: Site, text: str = "") -> SiteStatus:
    """Close the box at its hour: never before, also where everybody has voted."""
    return _move("close", by=by, operation=operation, site=site, text=text)


def count(*, by: User, operation: Operation, site: Site, text: str = "") -> SiteStatus:
    return _move("count", by=by, operation=operation, site=site, text=text)


def hand_over(*, by: User, operation: Operation, site: Site, text: str = "") -> SiteStatus:
    return _move("hand_over", by=by, operation=operation, site=site, text=text)


def finish(*, by: User, operation: Operation, site: Site, text: str = "") -> SiteStatus:
    return _move("finish", by=by, operation=operation, site=site, text=text)


def reopen(*, by: User, operation: Operation, site: Site, reason: str) -> SiteStatus:
    """One step back, where a state was entered by mistake."""
    return _move("reopen", by=by, operation=operation, site=site, text=reason)


def relocate(*, by: User, operation: Operation, site: Site, venue: str, reason: str) -> SiteStatus:
    """Vote at the backup venue from now on."""
    return _move("relocate", by=by, operation=operation, site=site, text=reason, venue=venue)


def protect(
    *,
    by: User,
    operation: Operation,
    site: Site,
    zone_from: dt.datetime | None,
    zone_until: dt.datetime | None,
    text: str = "",
) -> SiteStatus:
    """A temporary protected zone around the site, from one moment to another."""
    return _move(
        "protect",
        by=by,
        operation=operation,
        site=site,
        text=text,
        zone_from=zone_from,
        zone_until=zone_until,
    )


def extend(
    *, by: User, operation: Operation, site: Site, closes_at: dt.datetime | None, reason: str
) -> SiteStatus:
    """Let the poll end later than at nineteen o'clock, at twenty-one at the latest."""
    return _move("extend", by=by, operation=operation, site=site, text=reason, closes_at=closes_at)


VERBS = {
    "survey": survey, "open": open_poll, "interrupt": interrupt, "resume": resume, "close": close, "count": count,
    "hand_over": hand_over, "finish": finish, "reopen": reopen, "relocate": relocate, "protect": protect,
    "extend": extend,
}  # fmt: skip
TAKES = {
    "interrupt": ("sealed",),
    "relocate": ("venue",),
    "protect": ("zone_from", "zone_until"),
    "extend": ("closes_at",),
}


def act(
    verb: str, *, by: User, operation: Operation, site: Site, text: str = "", reason: str = "", **more: Any
) -> SiteStatus:
    """Do `verb` of MOVES with what a door was given."""
    said = {"reason": reason or text} if states.MOVES[verb].reason else {"text": text or reason}
    taken = {name: more.get(name) for name in TAKES.get(verb, ())}
    done: Any = VERBS[verb]
    found: SiteStatus = done(by=by, operation=operation, site=site, **said, **taken)
    return found


@transaction.atomic(savepoint=False)
def _move(
    verb: str, *, by: User, operation: Operation, site: Site, text: str = "", **more: Any
) -> SiteStatus:
    """The one mover: lock the row, look the move up in MOVES, change, record."""
    move = states.MOVES[verb]
    post = require(by, f"site.{verb}", site.path, TOPIC)
    row = _locked(operation, site)
    at = clock.now()
    if row.state not in move.sources:
        raise Elsewhere(row)
    text = tidied(text)
    if unseen(text):
        text = ""  # a reason that nobody can see is none
    errors: dict[str, Any] = {}
    if move.reason and not text:
        errors["reason"] = _("Give the reason.")
    if len(text) > TEXT_AT_MOST:
        errors["reason" if move.reason else "text"] = _("At most %(most)s characters.") % {
            "most": TEXT_AT_MOST
        }
    errors |= _wrong(verb, row, operation, site, at, text, more)
    if errors:
        raise ValidationError(errors)
    for name in ("venue", "zone_from", "zone_until", "closes_at"):
        if name in more:
            setattr(row, name, more[name].strip() if name == "venue" else more[name])
    target = states.STEP_BACK[row.state] if verb == "reopen" else move.target
    if target:
        row.state, row.since, row.moved_post = target, at, post
    row.save()
    line = {
        "text": text,
        "by": post,
        "state": row.state,
        "site": site.name,
        "site_code": site.code,
        "venue": row.venue,
        "zone_from": clock.wire(row.zone_from),
        "zone_until": clock.wire(row.zone_until),
        "closes_at": clock.wire(row.closes_at),
    }
    record(
        move.event,
        at=at,
        operation=operation.slug,
        unit=site.unit.place,
        subject=Subject("site", site.code, site.code),
        topic=TOPIC,
        actor=by.username,
        post=post,
        line=line,
        after=row.counted,
        notify=queries.told_of_interruption(site.path) - {by.pk} if verb in {"interrupt", "relocate"} else (),
    )
    return row


def _locked(operation: Operation, site: Site) -> SiteStatus:
    SiteStatus.objects.bulk_create(
        [SiteStatus(operation=operation, site=site, path=site.path, since=clock.Now())],
        ignore_conflicts=True,
    )
    return SiteStatus.objects.select_for_update(no_key=True).get(operation=operation, site=site)


def _wrong(
    verb: str,
    row: SiteStatus,
    operation: Operation,
    site: Site,
    at: dt.datetime,
    text: str,
    more: dict[str, Any],
) -> dict[str, Any]:
    """What the law or plain sense forbids, by field."""
    first, end, last = queries.poll_hours(operation, site)
    day = f"{first.astimezone(get_default_timezone()):%d/%m/%Y}"
    if verb == "open" and not first <= at < last:
        return {
            "text": _("The poll of this site is on %(day)s, from 05:00 to 21:00 (article 71).") % {"day": day}
        }
    if verb == "open" and row.state != "ready" and not text:
        return {"text": _("This site is not ready: say why it opens all the same.")}
    if verb == "interrupt" and not more["sealed"]:
        return {"sealed": _("Confirm that box and documents are sealed (article 71).")}
    if verb == "close" and at < (row.closes_at or end):
        hour = f"{(row.closes_at or end).astimezone(get_default_timezone()):%H:%M %d/%m/%Y}"
        return {
            "text": _("Not before %(hour)s, also where everybody has voted (article 71).") % {"hour": hour}
        }
    if verb == "relocate" and not 0 < len((more["venue"] or "").strip()) <= 200:
        return {"venue": _("Name the venue, in at most 200 characters.")}
    if verb == "extend" and (more["closes_at"] is None or not end < more["closes_at"] <= last):
        return {
            "closes_at": _("Later than 19:00, at 21:00 at the latest, on %(day)s (article 71).")
            % {"day": day}
        }
    if verb == "protect":
        return _wrong_zone(more["zone_from"], more["zone_until"])
    return {}


def _wrong_zone(begin: dt.datetime | None, until: dt.datetime | None) -> dict[str, Any]:
    if begin is None or until is None:
        return {"zone_from" if begin is None else "zone_until": _("Give both ends of the time.")}
    if not begin < until <= begin + LONGEST_ZONE:
        return {"zone_until": _("It ends after it begins, within seven days.")}
    return {}
