"""What can be done about posts and accounts?"""

import datetime as dt
import secrets
from collections.abc import Iterable
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from guardian.shortcuts import assign_perm, remove_perm
from rest_framework.authtoken.models import Token

from journal import clock
from journal.log import Place, Subject, record
from subcommittees import cards
from subcommittees.models import Appointment, Operation, Unit, User, Viewing
from subcommittees.roles import ACCOUNTS, ROLES, Level
from subcommittees.scope import Actor, System, covers_whole, home, looking, reach, require

TOPIC = "people"
VIEW_WITHIN = dt.timedelta(minutes=30)


@transaction.atomic(savepoint=False)
def create_account(
    *, by: User, operation: Operation, unit: Unit, username: str, title: str, secret: str = ""
) -> tuple[User, str]:
    """Open an account for a post at `unit`; the one-time password of its card is in the answer and nowhere else.

    With a `secret` that only the asker holds, asking again can tell the same password (subcommittees/cards.py).
    """
    post = require(by, "account.create", unit.path, TOPIC)
    user = User(username=username.strip(), title=title.strip())
    password = _new_card(user, secret)
    user.full_clean(exclude=["password"])
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:  # somebody has taken the name since it was looked for
        user.validate_unique()
        raise
    _record("account.created", by, post, operation, unit.place, user, {"account": user.username})
    return user, password


@transaction.atomic(savepoint=False)
def grant(
    *,
    by: User,
    operation: Operation,
    user: User,
    unit: Unit,
    role: str,
    starts_at: dt.datetime | None = None,
    ends_at: dt.datetime | None = None,
) -> Appointment:
    """Appoint `user` to `role` at `unit` from `starts_at` (now) until `ends_at` (open)."""
    post = require(by, "appointment.grant", unit.path, TOPIC)
    appointment = _appoint(by, user, unit, role, starts_at, ends_at)
    _record("appointment.granted", by, post, operation, unit.place, user, _line(appointment))
    return appointment


@transaction.atomic(savepoint=False)
def relieve(*, by: User, operation: Operation, appointment: Appointment, reason: str = "") -> Appointment:
    """End an appointment now; a repeat changes nothing. What it allowed ends everywhere within 2 seconds."""
    post = require(by, "appointment.relieve", appointment.path, TOPIC)
    row = _locked(appointment)
    if _end(by, row):
        line = {**_line(row), "text": reason}
        _record("appointment.relieved", by, post, operation, row.unit.place, row.user, line)
    return row


@transaction.atomic(savepoint=False)
def transfer(
    *, by: User, operation: Operation, appointment: Appointment, unit: Unit, role: str, reason: str = ""
) -> Appointment:
    """Relieve here and appoint there in one act, so that nobody is left without a post, or with both, in between."""
    left = require(by, "appointment.relieve", appointment.path, TOPIC)
    post = require(by, "appointment.grant", unit.path, TOPIC)
    row = _locked(appointment)
    if (row.path, row.role) == (unit.path, role):
        raise ValidationError(_("The officer holds this post already."))
    if not _end(by, row):
        raise ValidationError(_("This appointment has already ended."))
    line = {**_line(row), "text": reason}
    _record("appointment.relieved", by, left, operation, row.unit.place, row.user, line)
    made = _appoint(by, row.user, unit, role, None, None)
    line = {**_line(made), "text": reason}
    _record("appointment.granted", by, post, operation, unit.place, row.user, line)
    return made


def _appoint(
    by: User,
    user: User,
    unit: Unit,
    role: str,
    starts_at: dt.datetime | None,
    ends_at: dt.datetime | None,
) -> Appointment:
    if user.pk == by.pk:
        raise ValidationError(_("Nobody appoints themselves."))
    at = clock.now()
    _check_grant(by, unit, role, starts_at or at, ends_at)
    if not _alone(user).is_active:
        raise ValidationError(_("This account is disabled: enable it before it is given a role."))
    appointment = Appointment.objects.create(
        user=user,
        unit=unit,
        path=unit.path,
        role=role,
        starts_at=starts_at or at,
        ends_at=ends_at,
        granted_by=by,
    )
    assign_perm(role, user, unit)
    return appointment


def _end(by: User, row: Appointment) -> bool:
    """End the appointment of a locked row now; False where it has ended before."""
    at = clock.now()
    if row.ends_at is not None and row.ends_at <= at:
        return False
    if row.user_id == by.pk:
        raise ValidationError(_("You cannot end your own role."))
    _check_staffing(by, row.unit, row.role)
    row.ends_at = max(at, row.starts_at)
    row.save(update_fields=["ends_at"])
    _drop_key(row)
    return True


@transaction.atomic(savepoint=False)
def disable_account(*, by: User, operation: Operation, user: User, reason: str = "") -> User:
    """Shut an account, its sessions and tokens; its appointments stand but count for nothing."""
    return _switch(user, by=by, operation=operation, verb="account.disable", active=False, reason=reason)


@transaction.atomic(savepoint=False)
def enable_account(*, by: User, operation: Operation, user: User, reason: str = "") -> User:
    return _switch(user, by=by, operation=operation, verb="account.enable", active=True, reason=reason)


@transaction.atomic(savepoint=False)
def reset_account(
    *, by: User, operation: Operation, user: User, reason: str = "", secret: str = ""
) -> tuple[User, str]:
    """Give a new card for a forgotten password: what opened the account before opens it no more.

    Its sessions and tokens end within 2 seconds; its holder is told by a notice.
    """
    places = _places(by, "account.reset", user)
    posts = [require(by, "account.reset", unit.path, TOPIC) for unit in places]
    row = User.objects.select_for_update().get(pk=user.pk)
    if row.pk == by.pk:
        raise ValidationError(_("You change your own password on your own page."))
    if not row.is_active:
        raise ValidationError(_("This account is disabled."))
    password = _new_card(row, secret)
    row.save(update_fields=["password", "card_until", "card_used_at"])
    _end_access(row)
    line = {"account": row.username, "text": reason}
    _record("account.reset", by, posts[0], operation, places[0].place, row, line, notify=[row.pk])
    return row, password


@transaction.atomic(savepoint=False)
def spend_card(*, by: User) -> bool:
    """Let the card of `by` open the account this once; whether it still may."""
    fresh = User.objects.filter(pk=by.pk, card_used_at=None, card_until__gt=clock.Now())
    return fresh.update(card_used_at=clock.Now()) == 1


@transaction.atomic(savepoint=False)
def start_view(*, by: User, operation: Operation, user: User) -> Viewing:
    """Let `by` look through the eyes of `user`, read only, for VIEW_WITHIN; `user` is told by a notice.

    Nobody sees more than by their own right: the whole reach of `user` must lie within that of `by`.
    """
    unit = Unit.objects.filter(path=home(user) or "").first()
    if unit is None:
        raise ValidationError(_("This account sees nothing now."))
    post = require(by, "account.view_as", unit.path, TOPIC)
    if by.pk == user.pk or not covers_whole(reach(by), reach(user)):
        raise PermissionDenied(
            _("You look through the eyes of those only whose whole reach is within yours.")
        )
    ends_at = clock.now() + VIEW_WITHIN
    row = Viewing.objects.create(by=by, user=user, unit=unit, operation=operation, ends_at=ends_at)
    line = {"account": user.username, "ends_at": clock.wire(ends_at)}
    _record("account.view_started", by, post, operation, unit.place, user, line, notify=[user.pk])
    return row


@transaction.atomic(savepoint=False)
def end_view(*, by: Actor, viewing_id: int) -> bool:
    """End a look through another's eyes: by who looks, or by the clock; False where it has ended before."""
    rows = Viewing.objects.select_for_update(of=("self",)).select_related("by", "user", "unit", "operation")
    row = rows.filter(pk=viewing_id, ended_at=None).first()
    if row is None:
        return False
    post = row.by.title if row.by_id == by.pk else require(by, "account.end_view", row.unit.path)
    row.ended_at = clock.now()
    row.save(update_fields=["ended_at"])
    line = {"account": row.user.username, "viewer": row.by.username}
    _record("account.view_ended", by, post, row.operation, row.unit.place, row.user, line)
    return True


@transaction.atomic(savepoint=False)
def tidy(*, by: System, appointment_id: int) -> bool:
    """Take the key of an appointment that ran out; reach already ended by itself at `ends_at`."""
    row = (
        Appointment.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("unit__parent", "user")
        .filter(pk=appointment_id, tidied_at=None, ends_at__lte=clock.Now())
        .first()
    )
    if row is None:
        return False
    require(by, "appointment.tidy", row.path)
    _drop_key(row)
    return True


@transaction.atomic(savepoint=False)
def renew_token(*, by: User) -> str:
    """Give `by` a new API token; the old one is void. There is none before the card's password is changed."""
    _not_looking(by)
    if _alone(by).card_until is not None:
        raise PermissionDenied(_("Choose your own password first."))
    Token.objects.filter(user=by).delete()
    return Token.objects.create(user=by).key


@transaction.atomic(savepoint=False)
def withdraw_token(*, by: User) -> None:
    """Void the API token of `by`; whatever holds it is signed out within 2 seconds."""
    _not_looking(by)
    Token.objects.filter(user=by).delete()


@transaction.atomic(savepoint=False)
def change_own_password(*, by: User, password: str) -> User:
    """Set a new password; every other session of the account ends within 2 seconds."""
    _not_looking(by)
    validate_password(password, by)
    if _alone(by).password != by.password:
        raise ValidationError(_("The password of this account has just been changed."))
    if by.card_until is not None and by.check_password(password):
        raise ValidationError(_("Choose another password than the one on the card."))
    by.set_password(password)
    by.card_until = by.card_used_at = None
    by.save(update_fields=["password", "card_until", "card_used_at"])
    return by


def _not_looking(by: User) -> None:
    """What everybody may do with their own account, nobody does who only looks through its eyes."""
    if looking(by):
        raise PermissionDenied(_("You are only looking: nothing is done in another officer's name."))


def _new_card(user: User, secret: str) -> str:
    password = cards.password(secret or secrets.token_urlsafe(24), user.username)
    user.set_password(password)
    user.card_until, user.card_used_at = clock.now() + cards.VALID, None
    return password


def _alone(user: User) -> User:
    """Let nobody else change what this account holds until the end of the transaction.

    Or one would take the key that another is just handing out again, and an appointment stood without its key.
    Whoever locks an appointment too locks it first.
    """
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _locked(appointment: Appointment) -> Appointment:
    rows = Appointment.objects.select_for_update(of=("self",)).select_related("unit__parent", "user")
    return rows.get(pk=appointment.pk)


def _drop_key(row: Appointment) -> None:
    """Remove the guardian row, unless another appointment to the same role and unit still stands."""
    _alone(row.user)
    row.tidied_at = clock.now()
    row.save(update_fields=["tidied_at"])
    others = Appointment.objects.filter(user=row.user, unit=row.unit, role=row.role, tidied_at=None)
    if not others.exists():
        remove_perm(row.role, row.user, row.unit)


def _check_grant(
    by: User, unit: Unit, role: str, starts_at: dt.datetime, ends_at: dt.datetime | None
) -> None:
    wanted = ROLES.get(role)
    if wanted is None or Level(unit.kind) not in wanted.levels:
        raise ValidationError({"role": _("This role is not held at this kind of unit.")})
    if ends_at is not None and ends_at <= starts_at:
        raise ValidationError({"ends_at": _("The end lies before the beginning.")})
    _check_staffing(by, unit, role)


def _check_staffing(by: User, unit: Unit, role: str) -> None:
    """Who staffs without being an account administrator neither gives nor takes a post that staffs itself."""
    verbs = ROLES[role].verbs if role in ROLES else frozenset()
    own = [one for one in reach(by) if one.covers(unit.path, TOPIC) and "appointment.grant" in one.can.verbs]
    administrator = any("account.create" in one.can.verbs for one in own)
    if not administrator and verbs & ACCOUNTS:
        raise PermissionDenied(_("Only an account administrator gives or takes this role."))


def _switch(user: User, *, by: User, operation: Operation, verb: str, active: bool, reason: str) -> User:
    places = _places(by, verb, user)
    posts = [require(by, verb, unit.path, TOPIC) for unit in places]
    row = User.objects.select_for_update().get(pk=user.pk)
    if row.pk == by.pk:
        raise ValidationError(_("You cannot disable your own account."))
    if row.is_active == active:
        return row
    row.is_active = active
    row.save(update_fields=["is_active"])
    if not active:
        _end_access(row)
    event = "account.enabled" if active else "account.disabled"
    _record(event, by, posts[0], operation, places[0].place, row, {"account": row.username, "text": reason})
    return row


def _places(by: User, verb: str, user: User) -> list[Unit]:
    """The units at every one of which `verb` is required over this account: where it holds a post, or anywhere."""
    return [one.unit for one in _standing(user)] or [_own_unit(by, verb)]


def _end_access(user: User) -> None:
    """A session that only slept while its account was shut would come back to life with it."""
    Token.objects.filter(user=user).delete()
    for session in Session.objects.iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            session.delete()


def _standing(user: User) -> list[Appointment]:
    """The appointments that have not run out, also of an account that is shut."""
    return list(
        Appointment.objects.filter(user=user, tidied_at=None).select_related("unit__parent").order_by("pk")
    )


def _own_unit(by: User, verb: str) -> Unit:
    for one in reach(by):
        if verb in one.can.verbs:
            return Unit.objects.select_related("parent").get(path=one.path)
    raise PermissionDenied(_("Your post does not allow this action here."))


def _line(appointment: Appointment) -> dict[str, Any]:
    return {
        "account": appointment.user.username,
        "role": appointment.role,
        "starts_at": clock.wire(appointment.starts_at),
        "ends_at": clock.wire(appointment.ends_at),
    }


def _record(
    verb: str,
    by: Actor,
    post: str,
    operation: Operation,
    place: Place,
    user: User,
    line: dict[str, Any],
    notify: Iterable[int] = (),
) -> None:
    record(
        verb,
        at=clock.now(),
        operation=operation.slug,
        unit=place,
        subject=Subject("account", str(user.pk), user.username),
        topic=TOPIC,
        actor=by.username,
        post=post,
        line={**line, "title": user.title, "by": post},
        after=None,
        notify=notify,
    )
