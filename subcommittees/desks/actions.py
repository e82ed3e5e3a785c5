"""What can be done about the addresses at which a post is called outside the house?"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import EmailValidator, MaxLengthValidator, RegexValidator
from django.db import transaction
from django.utils.translation import gettext as _

from journal import clock, delivery
from journal.log import Subject, record
from journal.models import Address, Channel, Delivery
from subcommittees import actions
from subcommittees.models import Appointment, Operation, Unit, User
from subcommittees.scope import home, looking, require

VERB = "account.address"
AGAIN_WITHIN = dt.timedelta(minutes=1)
TRIED = "Tin nhắn thử: địa chỉ này nhận thông báo của trực ban bảo vệ bầu cử."
VALID: dict[Channel, Callable[[Any], None]] = {
    Channel.EMAIL: EmailValidator(),
    Channel.SMS: RegexValidator(r"^\+?[0-9]{8,15}\Z"),
}


@transaction.atomic(savepoint=False)
def set_address(*, by: User, operation: Operation, user: User, channel: str, address: str) -> Address | None:
    """Call `user` at this address of the desk over `channel`, at none if it is empty. The same again changes nothing.

    Everybody for their own account; for others who may at every unit where the account holds a post.
    """
    post, unit = _allowed(by, user)
    said = _checked(channel, address)
    # One at a time, or two would both find no address and the second would fail.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    row = Address.objects.filter(person=user.pk, channel=channel).first()
    if (row.address if row else "") == said:
        return row
    delivery.withdraw(user.pk, channel)
    if not said:
        Address.objects.filter(person=user.pk, channel=channel).delete()
        row = None
    else:
        row, _made = Address.objects.update_or_create(
            person=user.pk, channel=channel, defaults={"address": said}
        )
    shown = delivery.masked(channel, said) if said else ""
    _record("account.addressed", by, post, operation, unit, user, channel, shown)
    return row


@transaction.atomic(savepoint=False)
def try_address(*, by: User, operation: Operation, user: User, channel: str) -> Delivery:
    """Send one message to the address, so that the desk sees that it arrives; once a minute at most."""
    post, unit = _allowed(by, user)
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    row = Address.objects.filter(person=user.pk, channel=channel).first()
    if row is None:
        raise ValidationError({"channel": _("There is no address for this channel.")})
    at = clock.now()
    if Delivery.objects.filter(
        address=row.address, text__endswith=TRIED, created_at__gt=at - AGAIN_WITHIN
    ).exists():
        raise ValidationError({"channel": _("A message was tried a moment ago: wait a minute.")})
    made = delivery.queue(
        row, operation.slug, at=at, text=delivery.framed([TRIED], exercise=operation.exercise)
    )
    _record(
        "account.address_tried",
        by,
        post,
        operation,
        unit,
        user,
        channel,
        delivery.masked(channel, row.address),
    )
    return made


def _checked(channel: str, address: str) -> str:
    if channel not in Channel.values:
        raise ValidationError({"channel": _("Unknown value.")})
    said = address.strip()
    if channel == Channel.SMS:
        said = said.translate(str.maketrans("", "", " .-()"))
    if said:
        try:
            MaxLengthValidator(200)(said)
            VALID[Channel(channel)](said)
        except ValidationError as error:
            words = (
                _("An e-mail address of the desk.")
                if channel == Channel.EMAIL
                else _("8 to 15 digits, + first.")
            )
            raise ValidationError({"address": words}) from error
    return said


def _allowed(by: User, user: User) -> tuple[str, Unit]:
    """The post that allows it, and the unit where it is told."""
    if by.pk != user.pk:
        held = (
            Appointment.objects.filter(user=user, tidied_at=None)
            .select_related("unit__parent")
            .order_by("pk")
        )
        units = [one.unit for one in held]
        posts = [require(by, VERB, unit.path, actions.TOPIC) for unit in units]
        if not units:
            raise PermissionDenied(_("Your post does not allow this action here."))
        return posts[0], units[0]
    if looking(by):
        raise PermissionDenied(_("You are only looking: nothing is done in another officer's name."))
    unit = Unit.objects.select_related("parent").filter(path=home(by) or "").first()
    if unit is None:
        raise PermissionDenied(_("Only a post that is held now is called."))
    return by.title, unit


def _record(
    verb: str, by: User, post: str, operation: Operation, unit: Unit, user: User, channel: str, address: str
) -> None:
    """An event keeps the address masked: it can never be taken out of the journal again."""
    record(
        verb,
        at=clock.now(),
        operation=operation.slug,
        unit=unit.place,
        subject=Subject("account", str(user.pk), user.username),
        topic=actions.TOPIC,
        actor=by.username,
        post=post,
        line={
            "text": address,
            "account": user.username,
            "channel": channel,
            "address": address,
            "title": user.title,
            "by": post,
        },
        after=None,
    )
