"""Which door sets the addresses at which a post is called?"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from journal.keys import KeyReused
from subcommittees import pages
from subcommittees.desks import actions
from subcommittees.doors import once, operation_of, user_of


@require_POST
def address(request: HttpRequest, username: str) -> HttpResponse:
    """Set an address of one's own or of an officer one administers, or try it with one message (`act=try`)."""
    by = user_of(request)
    own = username == by.username
    user = by if own else pages.found(request, username)
    channel, said = request.POST.get("channel", ""), request.POST.get("address", "")
    trying = request.POST.get("act") == "try"
    given: dict[str, Any] = {
        "by": by,
        "operation": operation_of(request),
        "user": user,
        "channel": channel,
    }

    def act() -> str:
        if trying:
            return str(actions.try_address(**given).uid)
        actions.set_address(**given, address=said)
        return channel

    try:
        once(request, act)
    except KeyReused:
        error = _("This form was already sent with other content.")
    except ValidationError as refusal:
        error = " ".join(refusal.messages)
    else:
        done = _("A message is on its way: look whether it arrives.") if trying else _("The address is kept.")
        messages.success(request, done)
        return redirect("account") if own else redirect("person", username=username)
    refused = {channel: {"error": error} if trying else {"error": error, "address": said[:200]}}
    if own:
        return pages.own(request, addresses=refused, status=400)
    return pages.shown(request, user, status=400, addresses=refused)
