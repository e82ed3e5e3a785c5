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
    "slot.planned": _("Reporting slots planned"),
    "slot.edited": _("Reporting slot changed"),
    "readiness.filed": _("Readiness reported"),
    "readiness.unit_filed": _("Unit's readiness reported"),
    "readiness.verified": _("Readiness confirmed"),
    "readiness.returned": _("Answer sent back"),
    "readiness.inspected": _("Inspected"),
    "readiness.reminded": _("Reminded to report"),
    "readiness.silent": _("No report in time"),
    "readiness.checked": _("Scheduled check"),
    "finding.reconciled": _("Findings brought up to date"),
    "finding.escalated": _("Told to the next level"),
    "finding.closed": _("Finding closed"),
    "checklist.added": _("Item added to the checklist"),
    "checklist.retired": _("Item taken off the checklist"),
    "site.surveyed": _("Site surveyed"),
    "site.opened": _("Poll opened"),
    "site.interrupted": _("Poll interrupted"),
    "site.resumed": _("Poll resumed"),
    "site.closed": _("Ballot box closed"),
    "site.counting": _("Count started"),
    "site.handed_over": _("Ballots handed over"),
    "site.finished": _("Site finished"),
    "site.stepped_back": _("Taken one step back"),
    "site.relocated": _("Moved to the backup venue"),
    "site.protected": _("Temporary protected zone"),
    "site.extended": _("Poll extended"),
    "account.reset": _("New sign-in card"),
    "account.addressed": _("Address for notices changed"),
    "account.address_tried": _("Message tried at an address"),
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
    "account.address": _("set addresses for notices"),
    "account.view_as": _("look through the eyes of others"),
    "site.import": _("import polling sites"),
    "unit.import": _("import units"),
    "list.export": _("take lists as files"),
    "readiness.file": _("report the readiness of sites"),
    "readiness.file_for": _("report readiness for a unit below"),
    "readiness.file_unit": _("report the readiness of the unit"),
    "readiness.verify": _("confirm readiness"),
    "readiness.urge": _("urge those who are silent"),
    "readiness.send_back": _("send answers back"),
    "readiness.inspect": _("inspect"),
    "finding.close": _("close findings"),
    "site.survey": _("mark sites surveyed"),
    "site.open": _("open the poll"),
    "site.interrupt": _("interrupt the poll"),
    "site.resume": _("resume the poll"),
    "site.close": _("close the ballot box"),
    "site.count": _("start the count"),
    "site.hand_over": _("hand over the ballots"),
    "site.finish": _("finish a site"),
    "site.reopen": _("take a site one step back"),
    "site.relocate": _("move a site to its backup venue"),
    "site.protect": _("declare temporary protected zones"),
    "site.extend": _("extend the poll"),
    "slot.plan": _("plan the reporting slots"),
    "slot.edit": _("change reporting slots"),
    "checklist.add": _("add items to the checklist"),
    "checklist.retire": _("take items off the checklist"),
}

# The lists that can be had as files.
LISTS: dict[str, Promise] = {
    "incidents": _("Incidents"),
    "sites": _("Polling sites"),
    "units": _("Units"),
    "standing": _("How sites stand"),
    "readiness": _("Readiness"),
    "people": _("Officers"),
    "journal": _("Journal"),
    "findings": _("Findings"),
}


def about(subject: Mapping[str, str]) -> str:
    """What an event is about, as it is called outside."""
    return str(LISTS.get(subject["id"], subject["ref"]) if subject["kind"] == "list" else subject["ref"])


def event(verb: str) -> str:
    """The words for `verb`; a verb of a later release still reads as itself."""
    return str(EVENTS.get(verb, verb))
