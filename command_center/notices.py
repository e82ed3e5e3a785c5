"""How are one officer's notices listed: many of a kind as one, each leading to where it is answered?"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from command_center.templatetags import wording as say
from journal.models import Notice
from journal.queries import frame_of

Row = dict[str, Any]
NAMED = 3  # places of a group
COMMUNE = 3  # steps of its path


def rows(notices: Iterable[Notice]) -> list[Row]:
    """One row for each notice, or for several that follow one another and are answered at the same place or kind."""
    found: list[Row] = []
    for one in notices:
        row = _row(one)
        last = found[-1] if found else None
        if last and last["alike"] is not None and last["alike"] == row["alike"]:
            last["count"] += 1
            last["places"].append(row["event"]["unit"]["name"])
            last["detail"] = ""
            if last["due"] != row["due"]:
                last["due"] = ""
            if last["href"] != row["href"]:
                last["href"] = row["several"]
        else:
            found.append(row)
    for row in found:
        names = list(dict.fromkeys(row["places"]))
        row["place"] = "; ".join(names[:NAMED]) + ("; …" if len(names) > NAMED else "")
        row["detail"] = " · ".join(filter(None, [row["due"], row["detail"]]))
    return found


def _row(notice: Notice) -> Row:
    event = frame_of(notice.event.said)
    verb, unread = event["verb"], notice.seen_at is None
    grouped = event["subject"]["kind"] in {"unit", "finding"}
    return {
        "notice": {"pk": notice.pk, "read_at": notice.seen_at},
        "event": event,
        "count": 1,
        "places": [event["unit"]["name"]],
        "due": _due(event),
        "detail": _detail(event),
        "alike": (verb, unread) if grouped else None,
        "href": _href(event),
        "several": reverse("findings") if verb.startswith("finding.") else reverse("readiness"),
    }


def _href(event: Row) -> str:
    kind, path, line = event["subject"]["kind"], event["unit"]["path"], event["line"]
    if kind == "incident":
        return reverse("incident", args=[event["subject"]["id"]])
    if kind == "site":
        return reverse("site", args=[event["subject"]["id"]])
    if kind == "finding" or event["verb"].startswith("finding."):
        return f"{reverse('findings')}?{urlencode({'unit': path})}"
    if kind == "unit" and event["verb"].startswith("readiness."):
        of_unit = event["verb"] == "readiness.returned" and not line.get("site")
        if of_unit or line.get("sites") == 0:
            return reverse("readiness-own", args=[path])
        if path.count("/") == COMMUNE and line.get("slot"):
            return f"{reverse('readiness-grid', args=[path])}?{urlencode({'slot': line['slot']})}"
        return reverse("readiness-board", args=[path])
    return reverse("account")


def _due(event: Row) -> str:
    due = event["line"].get("due") if event["verb"].startswith("readiness.") else None
    return _("due %(time)s") % {"time": say.moment(due)} if due else ""


def _detail(event: Row) -> str:
    """What the words of the event leave open: how many, what, why."""
    line = event["line"]
    said = []
    if event["verb"] in {"readiness.reminded", "readiness.silent"} and line.get("sites"):
        n = line["sites"]
        said.append(ngettext("%(n)s site", "%(n)s sites", n) % {"n": say.number(n)})
    if line.get("findings"):
        n = line["findings"]
        said.append(ngettext("%(n)s finding", "%(n)s findings", n) % {"n": say.number(n)})
    if line.get("site") and event["subject"]["kind"] == "unit":
        said.append(line["site"])
    if line.get("text") and event["subject"]["kind"] != "incident":
        said.append(Truncator(line["text"]).chars(120))
    return " · ".join(said)
