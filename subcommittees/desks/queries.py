"""At which addresses is a post called outside the house?"""

import uuid
from typing import Any

from journal.gateways import gateways
from journal.models import Address, Channel
from subcommittees.models import Appointment, User
from subcommittees.scope import home, looking, may, reach


def addresses(by: User, user: User, refused: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """One row for each channel that `by` may set for `user`; with what was wrong in a form that came back."""
    if not may_set(by, user):
        return []
    known = dict(Address.objects.filter(person=user.pk).values_list("channel", "address"))
    gates = gateways()
    refused = refused or {}
    return [
        {
            "channel": channel.value,
            "label": channel.label,
            "set": channel in known,
            "address": refused.get(channel, {}).get("address", known.get(channel, "")),
            "error": refused.get(channel, {}).get("error", ""),
            "gate": channel in gates,
            "key": uuid.uuid4().hex,
        }
        for channel in Channel
    ]


def may_set(by: User, user: User) -> bool:
    """Whether the action would allow it: on oneself while one holds a post, else where the account holds any."""
    if by.pk == user.pk:
        return home(by) is not None and not looking(by)
    if not any("account.address" in one.can.verbs for one in reach(by)):
        return False
    paths = list(Appointment.objects.filter(user=user, tidied_at=None).values_list("path", flat=True))
    return bool(paths) and all(may(by, "account.address", path, "people") for path in paths)
