"""What may a unit say of itself, and what follows from it?"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from sites import checklist
from sites.checklist import UNIT_ITEMS, UnitItem
from sites.readiness.models import UnitReport
from subcommittees import typed

GREATEST = 999_999
NOTE_AT_MOST = 1000
REASON_AT_MOST = 500


def asked() -> list[UnitItem]:
    return [item for item in UNIT_ITEMS.values() if not item.retired]


def faults(answers: Mapping[str, str], numbers: Mapping[str, int], note: str) -> dict[str, Any]:
    """What is wrong, by item."""
    told = [(code, _wrong_answer(code, answer)) for code, answer in answers.items()]
    told += [(code, _wrong_number(code, number)) for code, number in numbers.items()]
    errors: dict[str, Any] = {code[:20]: words for code, words in told if words}
    if not answers and not numbers:
        errors["answers"] = _("Give at least one answer.")
    if len(note) > NOTE_AT_MOST:
        errors["note"] = _("At most %(most)s characters.") % {"most": NOTE_AT_MOST}
    return errors or _too_many(numbers)


def _wrong_answer(code: str, answer: str) -> str:
    item = UNIT_ITEMS.get(code)
    if item is None or item.retired or item.number:
        return _("This item is not asked of a unit.")
    if answer not in checklist.ANSWERS:
        return _("Answer ok, no or na.")
    return _("A critical item is either in order or not.") if answer == "na" and item.critical else ""


def _wrong_number(code: str, number: int) -> str:
    item = UNIT_ITEMS.get(code)
    if item is None or item.retired or not item.number:
        return _("This item is not asked of a unit.")
    if type(number) is not int or not 0 <= number <= GREATEST:
        return _("Give a whole number from 0 to %(most)s.") % {"most": GREATEST}
    return ""


def _too_many(numbers: Mapping[str, int]) -> dict[str, str]:
    """Of the plans that were made only so many can have been approved or rehearsed."""
    made = numbers.get("plans_made", GREATEST)
    told = ("plans_approved", "plans_rehearsed")
    return {code: _("More than were made.") for code in told if numbers.get(code, 0) > made}


def reason(text: str) -> str:
    return typed.reason(text, REASON_AT_MOST)


def revised(
    last: UnitReport | None, answers: Mapping[str, str], numbers: Mapping[str, int], note: str
) -> UnitReport:
    """The next revision. What was sent back stays so, with its reason, until it is answered."""
    back = {} if last is None else last.reasons or {}
    open_ = {code: why for code, why in back.items() if code not in answers and code not in numbers}
    states = {code: "returned" for code in open_ if not UNIT_ITEMS[code].number}
    return _judged(last, {**states, **answers}, dict(numbers), open_, note)


def sent_back(last: UnitReport, items: Iterable[str], why: str) -> UnitReport:
    """The next revision, in which these items are to be answered again; a number that is doubted counts no more."""
    items = list(items)
    states = {code: "returned" for code in items if not UNIT_ITEMS[code].number}
    numbers = {code: number for code, number in last.numbers.items() if code not in items}
    reasons = (last.reasons or {}) | dict.fromkeys(items, why)
    made = _judged(last, {**last.answers, **states}, numbers, reasons, last.note)
    made.late, made.source = last.late, "returned"
    return made


def _judged(
    last: UnitReport | None,
    answers: dict[str, str],
    numbers: dict[str, int],
    reasons: dict[str, str],
    note: str,
) -> UnitReport:
    return UnitReport(
        revision=last.revision + 1 if last else 1,
        answers=answers,
        numbers=numbers,
        reasons=reasons or None,
        note=note,
        verdict=checklist.judge_unit(answers, numbers),
    )


def same(last: UnitReport, made: UnitReport) -> bool:
    told = ("answers", "numbers", "note", "verdict")
    return all(getattr(last, name) == getattr(made, name) for name in told) and (last.reasons or {}) == (
        made.reasons or {}
    )


def missing(report: UnitReport) -> list[UnitItem]:
    """What must be mended: said to be wrong, sent back, or not answered; as the scheduled check has it."""
    return [item for item in asked() if not item.number and report.answers.get(item.code) not in {"ok", "na"}]
