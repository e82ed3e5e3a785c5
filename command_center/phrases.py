"""What does the product say about an event, in a row of the feed or of a timeline?"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EVENTS: dict[str, Promise] = {
    "incident.reported": _("Incident reported"),
    "incident.acknowledged": _("Acknowledged"),
    "incident.verified": _("Verified"),
    "incident.responding": _("Response started"),
    "incident.resolved": _("Resolved"),
    "incident.noted": _("Note added"),
    "incident.raised": _("Severity raised"),
    "incident.lowered": _("Severity lowered"),
    "incident.closed": _("Closed"),
    "incident.false_alarm": _("False alarm"),
    "incident.reopened": _("Reopened"),
    "incident.unanswered": _("Not answered in time"),
    "appointment.granted": _("Role granted"),
    "appointment.relieved": _("Relieved of role"),
    "account.created": _("Account created"),
    "account.disabled": _("Account disabled"),
    "account.enabled": _("Account enabled"),
    "site.imported": _("Polling sites imported"),
    "unit.imported": _("Units imported"),
    "list.exported": _("List taken as a file"),
    "account.reset": _("New sign-in card"),
    "account.view_started": _("Looked at through another's eyes"),
    "account.view_ended": _("Look through another's eyes ended"),
}

# What a role may do, as the preview of an appointment says it.
VERBS: dict[str, Promise] = {
    "incident.report": _("report incidents"),
    "incident.note": _("add notes"),
    "incident.acknowledge": _("acknowledge incidents"),
    "incident.verify": _("verify incidents"),
    "incident.respond": _("start the response"),
    "incident.resolve": _("resolve incidents"),
    "incident.raise": _("raise the severity"),
    "incident.lower": _("lower the severity"),
    "incident.close": _("close incidents"),
    "incident.false_alarm": _("declare false alarms"),
    "incident.reopen": _("reopen incidents"),
    "appointment.grant": _("grant roles"),
    "appointment.relieve": _("relieve of roles"),
    "account.create": _("open accounts"),
    "account.disable": _("disable accounts"),
    "account.enable": _("enable accounts"),
    "account.reset": _("make sign-in cards"),
    "account.view_as": _("look through the eyes of others"),
    "site.import": _("import polling sites"),
    "unit.import": _("import units"),
    "list.export": _("take lists as files"),
}

# The lists that can be had as files.
LISTS: dict[str, Promise] = {
    "incidents": _("Incidents"),
    "sites": _("Polling sites"),
    "units": _("Units"),
    "people": _("Officers"),
    "journal": _("Journal"),
}


def about(subject: Mapping[str, str]) -> str:
    """What an event is about, as it is called outside."""
    return str(LISTS.get(subject["id"], subject["ref"]) if subject["kind"] == "list" else subject["ref"])


def event(verb: str) -> str:
    """The words for `verb`; a verb of a later release still reads as itself."""
    return str(EVENTS.get(verb, verb))
