"""What stands in each row of a desk or list?"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from command_center import phrases
from command_center.mould import draw, link, mould
from command_center.templatetags import wording as say
from command_center.templatetags.standing import stand
from incidents.queries import Row as Incident

register = template.Library()

NOWHERE = "00000000-0000-0000-0000-000000000000"
TOLD = (
    "id",
    "subject",
    "verb",
    "at",
    "time",
    "day",
    "sev",
    "href",
    "what",
    "did",
    "state",
    "ref",
    "place",
    "by",
    "text",
    "calls",
)
Row = dict[str, object]


@register.simple_tag(takes_context=True)
def feed_rows(context: template.Context, events: Iterable[Mapping[str, Any]] | None = None) -> SafeString:
    """Rows from frames of the socket's shape; without any, the blank that feed.js fills in."""
    button = _button(context, "button-small")
    return draw("parts/feed_row.html", _told(events, button))


@register.simple_tag
def timeline_rows(events: Iterable[Mapping[str, Any]] | None = None) -> SafeString:
    return draw("parts/timeline_row.html", _told(events, lambda _incident: ""))


def _told(events: Iterable[Mapping[str, Any]] | None, button: Callable[[str], str]) -> Iterable[Row]:
    incident = link("incident", NOWHERE)
    if events is None:
        yield {**dict.fromkeys(TOLD, ""), "sev": say.sev(None), "acknowledge": button(NOWHERE)}
        return
    for event in events:
        line, subject = event["line"], event["subject"]
        waits = line.get("state") == "reported" and event.get("last", True)
        yield {
            "id": event["id"],
            "subject": subject["id"],
            "verb": event["verb"],
            "at": event["at"],
            "time": say.clock(event["at"]),
            "day": say.day(event["at"]),
            "sev": say.sev(line.get("severity")),
            "href": incident(subject["id"]) if subject["kind"] == "incident" else "",
            "what": say.category(line["category"]) if line.get("category") else subject.get("ref", ""),
            "did": phrases.event(event["verb"]),
            "state": say.state(line["state"]) if line.get("state") else "",
            "ref": subject.get("ref", ""),
            "place": ", ".join(filter(None, [line.get("site"), event["unit"]["name"]])),
            "by": line.get("by", ""),
            "text": line.get("text") or line.get("title") or "",
            "calls": calls(event.get("calls")),
            "acknowledge": button(subject["id"]) if waits else "",
        }


@register.simple_tag
def calls(called: Iterable[Mapping[str, Any]] | None = None) -> SafeString:
    """Who was called outside the house about an event, over which channel, with which result."""
    if not called:
        return SafeString("")
    rows = format_html_join(
        "",
        '<li data-call="{}">{}</li>',
        (
            (
                one["state"],
                _dotted(
                    *(one[name] for name in ("post", "channel", "address", "result")), say.clock(one["at"])
                ),
            )
            for one in called
        ),
    )
    return format_html(
        '<ul class="calls small muted" aria-label="{}">{}</ul>', _("Called outside the system"), rows
    )


def _button(context: template.Context, look: str) -> Callable[[object], str]:
    """What draws the button to acknowledge an incident: nothing, where this officer may not."""
    if not context.get("may_acknowledge"):
        return lambda _incident: ""
    address, token = link("incident-act", NOWHERE, "acknowledge"), str(context.get("csrf_token"))
    form = mould("parts/acknowledge.html", "address", "token", "look")
    return lambda incident: form({"address": address(incident), "token": token, "look": look})


@register.simple_tag(takes_context=True)
def waiting_rows(context: template.Context, incidents: Iterable[Incident] | None = None) -> SafeString:
    """Incidents nobody has acknowledged; without any, the blank that feed.js fills in."""
    button = _button(context, "button-small button-primary")
    incident, countdown = link("incident", NOWHERE), _countdown()
    if incidents is None:
        blank = {
            **dict.fromkeys(("id", "answer_by", "what", "place"), ""),
            "sev": say.sev(None),
            "href": incident(NOWHERE),
            "countdown": countdown("", ""),
            "acknowledge": button(NOWHERE),
        }
        return draw("parts/waiting_row.html", [blank])
    return draw(
        "parts/waiting_row.html",
        (
            {
                "id": one.pk,
                "answer_by": say.wire(one.answer_by),
                "what": say.category(one.category),
                "place": one.place,
                "sev": say.sev(one.severity),
                "href": incident(one.pk),
                "countdown": countdown(
                    say.wire(one.answer_by), _("answer by %(time)s") % {"time": say.clock(one.answer_by)}
                ),
                "acknowledge": button(one.pk),
            }
            for one in incidents
        ),
    )


def _countdown() -> Callable[[str, str], SafeString]:
    """What draws the time left: until when, as the browser reads it and as it is said."""
    form = mould("parts/countdown.html", "answer_by", "said")
    return lambda answer_by, said: form({"answer_by": answer_by, "said": said})


@register.simple_tag
def tile_rows(tiles: Iterable[Mapping[str, Any]], judged: object = None) -> SafeString:
    desk = link("desk", "vn/")
    return draw(
        "parts/tile.html",
        (
            {
                "column": tile["column"],
                "row": tile["row"],
                "name": tile["name"],
                "path": tile["path"],
                "href": desk(tile["path"]),
                **_counts(tile["incidents"]),
                "sev": say.sev(say.worst(tile["incidents"]["by_severity"]), short=True),
                "stand": stand(tile["readiness"], tile["path"], judged),
            }
            for tile in tiles
        ),
    )


@register.simple_tag
def commune_rows(communes: Iterable[Mapping[str, Any]], judged: object = None) -> SafeString:
    desk = link("desk", "vn/")
    return draw(
        "parts/commune_row.html",
        (
            {
                "name": row["unit"]["name"],
                "path": row["unit"]["path"],
                "href": desk(row["unit"]["path"]),
                **_counts(row["incidents"]),
                "sev": say.sev(say.worst(row["incidents"]["by_severity"])),
                "stand": stand(row["readiness"], row["unit"]["path"], judged),
            }
            for row in communes
        ),
    )


def _counts(counts: Mapping[str, Any]) -> Row:
    """Each count as the browser reads it and as it is said."""
    names = ("open", "unacknowledged", "overdue")
    said: Row = {f"{name}_said": say.number(counts[name]) for name in names}
    return {**said, **{name: counts[name] for name in names}, "worst": say.worst(counts["by_severity"])}


@register.simple_tag
def incident_rows(incidents: Iterable[Incident]) -> SafeString:
    """The rows of the list of incidents."""
    incident, countdown = link("incident", NOWHERE), _countdown()
    return draw(
        "incidents/row.html",
        (
            {
                "href": incident(one.pk),
                "ref": one.ref,
                "sev": say.sev(one.severity),
                "what": say.category(one.category),
                "place": one.place,
                "state": say.state(one.state),
                "reported": say.moment(one.reported_at),
                "answer": countdown(say.wire(one.answer_by), say.moment(one.answer_by))
                if one.state == "reported"
                else one.acknowledged_post or "–",
            }
            for one in incidents
        ),
    )


@register.simple_tag
def open_incident_rows(incidents: Iterable[Incident]) -> SafeString:
    """What is open in one commune."""
    incident = link("incident", NOWHERE)
    return draw(
        "parts/open_incident.html",
        (
            {
                "href": incident(one.pk),
                "sev": say.sev(one.severity),
                "what": say.category(one.category),
                "where": f"{one.site} · {one.ref}",
                "state": say.state(one.state),
            }
            for one in incidents
        ),
    )


@register.simple_tag
def site_rows(rows: Iterable[Mapping[str, Any]]) -> SafeString:
    """The rows of the list of polling sites."""
    site = link("site", "00-00000-000")
    return draw(
        "sites/row.html",
        (
            {
                "href": site(row["site"].code),
                "name": row["site"].name,
                "code": row["site"].code,
                "unit": row["site"].unit.full_name,
                "kind": _dotted(say.site_kind(row["site"].kind), row["site"].early and _("votes early")),
                "state": say.state(row["state"]),
            }
            for row in rows
        ),
    )


@register.simple_tag
def own_site_rows(rows: Iterable[Mapping[str, Any]]) -> SafeString:
    """The polling sites of one commune, each with how much is open there."""
    site = link("site", "00-00000-000")
    return draw(
        "parts/own_site.html",
        (
            {
                "href": site(row["site"].code),
                "name": row["site"].name,
                "detail": _dotted(
                    row["site"].code,
                    row["site"].kind != "regular" and say.site_kind(row["site"].kind),
                    row["site"].early and _("votes early"),
                ),
                "open": _how_many(row["open"]),
                "state": say.state(row["state"]),
            }
            for row in rows
        ),
    )


def _how_many(incidents: int) -> str:
    if not incidents:
        return ""
    return format_html(
        "<b>{}</b>", ngettext("%(n)s incident", "%(n)s incidents", incidents) % {"n": incidents}
    )


def _dotted(*parts: str | bool) -> str:
    return " · ".join(str(part) for part in parts if part)
