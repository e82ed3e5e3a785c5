"""How does a province ask for more than the table, without code?"""

import datetime as dt
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from journal import clock
from journal.log import Subject, record
from sites import checklist, states
from sites.local_items import queries
from sites.readiness.models import LocalItem
from subcommittees.models import Operation, Unit, User
from subcommittees.scope import require
from subcommittees.typed import tidied, unseen
from subcommittees.vietnamese import fold

TOPIC = "sites"
NAME_AT_MOST = 200


@transaction.atomic(savepoint=False)
def add_item(
    *,
    by: User,
    operation: Operation,
    province: Unit,
    name_vi: str,
    name_en: str = "",
    phase: str,
    serves: str,
    critical: bool = False,
    kind: str = "",
) -> LocalItem:
    """Ask the sites of one province, in one operation, for one thing more, from the next report on.

    Raises ValidationError by field; what was reported before keeps the list that it answered.
    """
    post = require(by, "checklist.add", province.path, TOPIC)
    name_vi, name_en = map(tidied, (name_vi, name_en))
    errors = _wrong_name("name_vi", name_vi) | (_wrong_name("name_en", name_en) if name_en else {})
    if province.kind != Unit.Kind.PROVINCE:
        errors["province"] = _("Choose a province.")
    for name, value, allowed in (
        ("phase", phase, checklist.PHASES),
        ("serves", serves, checklist.PILLARS),
        ("kind", kind, {"": "", **states.KINDS}),
    ):
        if value not in allowed:
            errors[name] = _("Unknown value.")
    if errors:
        raise ValidationError(errors)
    Unit.objects.select_for_update(no_key=True, of=("self",)).get(pk=province.pk)  # two who add the same wait
    known = queries.standing(operation, province)
    if len(known) >= queries.MOST:
        raise ValidationError(
            {"name_vi": _("At most %(most)s items of one province.") % {"most": queries.MOST}}
        )
    alike = [row.name_vi for row in known if row.phase == phase]
    alike += [str(item.name.vi) for item in checklist.ITEMS.values() if item.phase == phase]
    if fold(name_vi) in map(fold, alike):
        raise ValidationError({"name_vi": _("This is asked already.")})
    at = clock.now()
    row = LocalItem.objects.create(
        operation=operation, province=province, path=province.path, name_vi=name_vi, name_en=name_en, phase=phase,
        serves=serves, critical=critical, kind=kind, added_at=at,
    )  # fmt: skip
    _tell("checklist.added", row, by=by, post=post, at=at)
    return row


@transaction.atomic(savepoint=False)
def retire_item(*, by: User, operation: Operation, item: LocalItem) -> LocalItem:
    """Ask it no longer, from the next report on; a second time changes nothing."""
    post = require(by, "checklist.retire", item.path, TOPIC)
    rows = LocalItem.objects.select_for_update(of=("self",)).select_related("operation", "province")
    row = rows.get(pk=item.pk, operation=operation)
    if row.retired_at is None:
        row.retired_at = clock.now()
        row.save(update_fields=["retired_at"])
        _tell("checklist.retired", row, by=by, post=post, at=row.retired_at)
    return row


def _wrong_name(field: str, name: str) -> dict[str, Any]:
    if unseen(name):
        return {field: _("Give the name.")}
    if any(unicodedata.category(letter) == "Cc" for letter in name):
        return {field: _("One line of text.")}
    if len(name) > NAME_AT_MOST:
        return {field: _("At most %(most)s characters.") % {"most": NAME_AT_MOST}}
    return {}


def _tell(verb: str, row: LocalItem, *, by: User, post: str, at: dt.datetime) -> None:
    line = {
        "text": row.name_vi,
        "by": post,
        "item": row.item.code,
        "phase": row.phase,
        "critical": row.critical,
        "kind": row.kind,
    }
    record(
        verb,
        at=at,
        operation=row.operation.slug,
        unit=row.province.place,
        subject=Subject("item", row.item.code, row.name_vi[:60]),
        topic=TOPIC,
        actor=by.username,
        post=post,
        line=line,
        after=None,
    )
