"""What can be done about many units or accounts at once?"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.dateparse import parse_datetime

from journal import clock
from journal.log import Subject, record
from subcommittees import actions as chain
from subcommittees import queries
from subcommittees.imports.kinds import Outcome
from subcommittees.models import Operation, Unit, User
from subcommittees.scope import require

TOPIC = "units"
Given = Sequence[tuple[int, Mapping[str, Any]]]
FACTS = ("name", "lat", "lon")


@transaction.atomic(savepoint=False)
def import_units(*, by: User, operation: Operation, place: str, rows: Given) -> Outcome:
    """Bring in provinces directly below the unit at `place`, or its communes: `{code, path, name, kind, lat, lon}`.

    What a row does not say stays as it is; one event if anything below `place` changed.
    """
    post = require(by, "unit.import", place, TOPIC)
    above = Unit.objects.select_for_update(no_key=True).get(path=place)
    known = {unit.code: unit for unit in Unit.objects.filter(code__in=[given["code"] for _n, given in rows])}
    became: dict[int, str] = {}
    late: dict[int, list[str]] = {}
    for number, given in rows:
        unit = known.get(given["code"])
        if unit is not None and (unit.path != given["path"] or unit.kind != given["kind"]):
            late[number] = ["code", "not_free", ""]
            continue
        became[number] = _written(unit, given, above)
    changes = {word: list(became.values()).count(word) for word in ("created", "changed")}
    if any(changes.values()):
        text = f"+{changes['created']}, ~{changes['changed']}"
        record(
            "unit.imported",
            at=clock.now(),
            operation=operation.slug,
            unit=above.place,
            subject=Subject("unit", above.path, above.code),
            topic=TOPIC,
            actor=by.username,
            post=post,
            line={**changes, "text": text, "by": post},
            after=None,
        )
    return Outcome(became, late)


def _written(unit: Unit | None, given: Mapping[str, Any], above: Unit) -> str:
    said = {name: given[name] for name in FACTS if given.get(name) is not None}
    if unit is None:
        Unit.objects.create(path=given["path"], code=given["code"], kind=given["kind"], parent=above, **said)
        return "created"
    if all(getattr(unit, name) == value for name, value in said.items()):
        return "unchanged"
    for name, value in said.items():
        setattr(unit, name, value)
    unit.save()
    return "changed"


@transaction.atomic(savepoint=False)
def import_accounts(*, by: User, operation: Operation, place: str, rows: Given) -> Outcome:
    """Open accounts and appoint them: `{username, title, path, role, starts_at, ends_at}`, all below `place`.

    An account that exists keeps its name, post and password and gets the role that it lacks. A new one has no
    password: its first sign-in card gives one. Each act has the event that it has by hand.
    """
    require(by, "account.create", place, chain.TOPIC)
    units = {unit.path: unit for unit in Unit.objects.filter(path__in={given["path"] for _n, given in rows})}
    names = [given["username"] for _n, given in rows]
    list(User.objects.select_for_update(no_key=True).filter(username__in=names).order_by("pk"))
    became: dict[int, str] = {}
    late: dict[int, list[str]] = {}
    for number, given in rows:
        try:
            with transaction.atomic():
                became[number] = _account(by, operation, given, units[given["path"]])
        except PermissionDenied:
            late[number] = ["role", "not_allowed", ""]
        except ValidationError as error:
            late[number] = ["", "late", " ".join(error.messages)[:100]]
    return Outcome(became, late)


def _account(by: User, operation: Operation, given: Mapping[str, Any], unit: Unit) -> str:
    user = User.objects.filter(username=given["username"]).first()
    opened = user is None
    if user is None:
        post = require(by, "account.create", unit.path, chain.TOPIC)
        user = User(username=given["username"], title=given["title"])
        user.set_unusable_password()
        user.full_clean(exclude=["password"])
        user.save()
        record(
            "account.created",
            at=clock.now(),
            operation=operation.slug,
            unit=unit.place,
            subject=Subject("account", str(user.pk), user.username),
            topic=chain.TOPIC,
            actor=by.username,
            post=post,
            line={"account": user.username, "title": user.title, "by": post},
            after=None,
        )
    elif not queries.people(by).filter(pk=user.pk).exists():
        raise PermissionDenied
    if not given.get("role"):
        return "created" if opened else "unchanged"
    live = queries.live_appointments().filter(user=user, unit=unit, role=given["role"])
    if not opened and live.exists():
        return "unchanged"
    chain.grant(
        by=by,
        operation=operation,
        user=user,
        unit=unit,
        role=given["role"],
        starts_at=parse_datetime(given["starts_at"]) if given.get("starts_at") else None,
        ends_at=parse_datetime(given["ends_at"]) if given.get("ends_at") else None,
    )
    return "created" if opened else "changed"
