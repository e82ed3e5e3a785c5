"""How is a value said on screen: a moment, a number, a severity, a state, an event?"""

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django import template
from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext, pgettext

from command_center import phrases
from incidents import categories
from incidents import states as incident_states
from sites import states as site_states

register = template.Library()

Moment = dt.datetime | str | None


def _local(value: Moment) -> dt.datetime | None:
    if isinstance(value, str):
        value = parse_datetime(value)
    return timezone.localtime(value) if value else None


@register.filter
def moment(value: Moment) -> str:
    """`05/03/2026 14:07`, in Vietnamese time, whatever the language."""
    at = _local(value)
    return at.strftime("%d/%m/%Y %H:%M") if at else ""


@register.filter
def day(value: dt.date | Moment) -> str:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value.strftime("%d/%m/%Y")
    at = _local(value)
    return at.strftime("%d/%m/%Y") if at else ""


@register.filter
def clock(value: Moment) -> str:
    at = _local(value)
    return at.strftime("%H:%M:%S") if at else ""


@register.filter
def wire(value: Moment) -> str:
    """The machine's form for `datetime=` attributes: UTC with Z."""
    at = _local(value)
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else ""


@register.filter
def number(value: float | str | None) -> str:
    """`72.195` in Vietnamese, `72,195` in English."""
    return "" if value in (None, "") else formats.number_format(value, force_grouping=True)


@register.filter
def percent(value: float | None) -> str:
    """`98,6 %` of a number that is already out of a hundred."""
    if value is None:
        return ""
    return f"{formats.number_format(round(value, 1), 0 if value == int(value) else 1)}\u00a0%"


@register.filter
def d_day(days: int) -> str:
    """Days to election day as officials say it: `D-1`, `D`, `D+2`."""
    letter = pgettext("election day", "D")
    return letter if days == 0 else f"{letter}{-days:+d}"


def ago(then: dt.datetime, now: dt.datetime) -> str:
    seconds = max(0, int((now - then).total_seconds()))
    for size, words in (
        (86_400, lambda n: ngettext("%(n)d day ago", "%(n)d days ago", n)),
        (3_600, lambda n: ngettext("%(n)d hour ago", "%(n)d hours ago", n)),
        (60, lambda n: ngettext("%(n)d minute ago", "%(n)d minutes ago", n)),
    ):
        if seconds >= size:
            return words(seconds // size) % {"n": seconds // size}
    return ngettext("%(n)d second ago", "%(n)d seconds ago", seconds) % {"n": seconds}


@register.simple_tag(takes_context=True)
def age(context: template.Context, then: Moment, words: str = "{age}") -> SafeString:
    """How old this is, kept true by countdown.js; `words` says it: `updated {age}`."""
    at = _local(then)
    if at is None:
        return SafeString("")
    bar = context.get("bar") or {}
    now = bar.get("now") or timezone.now()
    return format_html(
        '<time class="age" datetime="{}" data-age="{}">{}</time>',
        wire(at),
        words,
        words.replace("{age}", ago(at, now)),
    )


@register.simple_tag
def sev(level: int | str | None, *, short: bool = False, count: int | None = None) -> SafeString:
    """Severity: colour, shape and word, always together; level 0 or none draws nothing."""
    return _sev(int(level or 0), short, count, get_language())


@lru_cache(maxsize=256)
def _sev(level: int, short: bool, count: int | None, language: str) -> SafeString:
    word = ""
    if level in categories.SEVERITIES:
        word = gettext("Level %(level)d") % {"level": level} if short else str(categories.SEVERITIES[level])
    if count is not None:
        word = f"{word} × {number(count)}"
    return format_html('<span class="sev" data-level="{}">{}</span>', level or "", word)


@register.simple_tag
def state(code: str | None) -> SafeString:
    return _state(code or "", get_language())


@lru_cache(maxsize=256)
def _state(code: str, language: str) -> SafeString:
    words = incident_states.STATES.get(code) or site_states.STATES.get(code) or ""
    return format_html('<span class="state" data-state="{}">{}</span>', code, words)


@register.filter
def category(code: str | None) -> str:
    row = categories.CATEGORIES.get(code or "")
    return str(row.name) if row else code or ""


@register.filter
def severity(level: int | None) -> str:
    return str(categories.SEVERITIES.get(level or 0, ""))


@register.filter
def capacity(level: int | None) -> str:
    return str(categories.CAPACITY.get(level or 0, ""))


@register.filter
def site_kind(code: str | None) -> str:
    return str(site_states.KINDS.get(code or "", code or ""))


@register.filter
def event_phrase(verb: str) -> str:
    return phrases.event(verb)


@register.filter
def about(subject: Mapping[str, str]) -> str:
    return phrases.about(subject)


@register.filter
def worst(by_severity: Mapping[str, int] | None) -> int:
    """The gravest level with an open incident, 0 when there is none."""
    return max((int(level) for level, count in (by_severity or {}).items() if count), default=0)


@register.filter
def at_level(by_severity: Mapping[str, int] | None, level: int) -> int:
    return (by_severity or {}).get(str(level), 0)


@register.simple_tag
def words() -> dict[str, Any]:
    """The domain's words for rows that the browser draws: `{% words as w %}{{ w|json_script:"words" }}`."""
    return {
        "severities": {str(level): str(name) for level, name in categories.SEVERITIES.items()},
        "levels": {str(n): gettext("Level %(level)d") % {"level": n} for n in categories.SEVERITIES},
        "categories": {code: str(row.name) for code, row in categories.CATEGORIES.items()},
        "states": {code: str(name) for code, name in incident_states.STATES.items()},
        "verbs": {verb: str(words) for verb, words in phrases.EVENTS.items()},
    }
