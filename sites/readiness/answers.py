"""What may be said of a site for a slot, and how is it judged?"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from sites import checklist
from sites.checklist import Item
from sites.models import Site
from sites.readiness import queries
from sites.readiness.models import SiteReport, Slot
from subcommittees import typed

NOTE_AT_MOST = 1000
REASON_AT_MOST = 500
TOLD_AT_MOST = 100  # faults of one batch
ORDER = list(checklist.PHASES)
Local = Mapping[str, Item]  # what the province asks besides the table, by code


@dataclass(frozen=True)
class Given:
    """What is said of one site; `revision` is the one that the writer had seen (None: does not say)."""

    site: Site
    answers: Mapping[str, str]
    note: str = ""
    revision: int | None = None


def tidied(given: Iterable[Given]) -> list[Given]:
    """In the order in which their sites are locked, with notes as they are kept."""
    rows = [replace(one, note=typed.tidied(one.note)) for one in given]
    return sorted(rows, key=lambda one: one.site.pk)


def line(code: str, site: Site, local: Local) -> Item | None:
    """The item of that code, if it is asked of such a site in any phase."""
    item = checklist.ITEMS.get(code) or local.get(code)
    return item if item and not item.retired and item.kind in {"", site.kind} else None


def asked(site: Site, phase: str, local: Local) -> list[Item]:
    """What is asked of this site in this phase: the table's items, then the province's."""
    own = [item for item in local.values() if item.phase == phase and item.kind in {"", site.kind}]
    return checklist.asked(site.kind, phase) + own


def said(report: SiteReport | None) -> dict[str, str]:
    """Every answer of a report, by item."""
    return {**checklist.unpacked(report.answers), **(report.local or {})} if report else {}


def faults(slot: Slot, path: str, given: Sequence[Given], local: Local) -> dict[str, Any]:
    """What cannot be: by `<site>`, `<site>.<item>` or `<site>.note`."""
    errors: dict[str, Any] = {} if given else {"reports": _("Give at least one report.")}
    twice = [code for code, times in Counter(one.site.code for one in given).items() if times > 1]
    errors.update(dict.fromkeys(twice, _("The same site twice.")))
    for one in given:
        if one.site.path != path:
            errors[one.site.code] = _("This site belongs to another commune.")
        elif queries.track_of(one.site) != slot.track:
            errors[one.site.code] = _("This site votes on another day: its slots are others.")
        if len(one.note) > NOTE_AT_MOST:
            errors[f"{one.site.code}.note"] = _("At most %(most)s characters.") % {"most": NOTE_AT_MOST}
        for code, answer in one.answers.items():
            wrong = _wrong(line(code, one.site, local), answer, slot.phase)
            if wrong:
                errors[f"{one.site.code}.{code}"] = wrong
    return dict(islice(errors.items(), TOLD_AT_MOST))


def faults_of_return(slot: Slot, site: Site, items: Sequence[str], local: Local) -> dict[str, Any]:
    if not items:
        return {"items": _("Choose at least one item.")}
    lines = [line(code, site, local) for code in items]
    late = [item is None or ORDER.index(item.phase) > ORDER.index(slot.phase) for item in lines]
    return {"items": _("This item is not asked of this site.")} if any(late) else {}


def reason(text: str) -> str:
    return typed.reason(text, REASON_AT_MOST)


def _wrong(item: Item | None, answer: str, phase: str) -> str:
    """An item of an earlier phase may be answered: what was in order can break, and what was not can be mended."""
    if item is None or ORDER.index(item.phase) > ORDER.index(phase):
        return _("This item is not asked of this site.")
    if answer not in checklist.ANSWERS:
        return _("Answer ok, no or na.")
    return _("A critical item is either in order or not.") if answer == "na" and item.critical else ""


def report(
    slot: Slot, one: Given, local: Local, last: SiteReport | None, standing: Iterable[str]
) -> SiteReport:
    """The next revision. What was sent back stays so, with its reason, until it is answered."""
    back = {code: "returned" for code, answer in said(last).items() if answer == "returned"}
    made = _revision(slot, one.site, local, last, standing, {**back, **one.answers})
    made.note = one.note
    return made


def sent_back(
    last: SiteReport,
    slot: Slot,
    site: Site,
    local: Local,
    standing: Iterable[str],
    items: Iterable[str],
    reason: str,
) -> SiteReport:
    """The next revision, in which these items are to be answered again."""
    made = _revision(slot, site, local, last, standing, said(last) | dict.fromkeys(items, "returned"))
    made.reasons = (made.reasons or {}) | dict.fromkeys(items, reason)
    made.note, made.late, made.level, made.source = last.note, last.late, last.level, "returned"
    return made


def _revision(
    slot: Slot,
    site: Site,
    local: Local,
    last: SiteReport | None,
    standing: Iterable[str],
    answers: Mapping[str, str],
) -> SiteReport:
    """Judged by what is asked now, what is still open from earlier, and whatever else is said."""
    items = {item.code: item for item in asked(site, slot.phase, local)}
    for code in (*standing, *answers):
        item = line(code, site, local)
        if item:
            items.setdefault(code, item)
    reasons = (last.reasons or {}) if last else {}
    return SiteReport(
        slot=slot,
        site=site,
        path=site.path,
        revision=last.revision + 1 if last else 1,
        answers=checklist.packed(answers),
        local={code: answer for code, answer in answers.items() if code not in checklist.ITEMS} or None,
        reasons={code: why for code, why in reasons.items() if answers.get(code) == "returned"} or None,
        verdict=checklist.judge(items.values(), answers),
    )


def same(last: SiteReport, made: SiteReport) -> bool:
    """Whether nothing new is said: items that have joined the table since are no difference."""
    return (
        said(last) == said(made)
        and last.note == made.note
        and last.verdict == made.verdict
        and (last.reasons or {}) == (made.reasons or {})
    )


def missing(site: Site, phase: str, local: Local, answers: Mapping[str, str]) -> list[Item]:
    """What is not in order and has to be mended: asked now, or said of an earlier phase."""
    said = [item for code in answers if (item := line(code, site, local))]
    items = {item.code: item for item in (*asked(site, phase, local), *said)}
    return [item for code, item in items.items() if answers.get(code) not in {"ok", "na"}]
