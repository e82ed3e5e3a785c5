"""What does the page of a grid show?"""

import json
from typing import Any

from django.utils.translation import pgettext

from sites import checklist
from sites.checklist import Item
from sites.grid import cells, queries
from sites.grid.queries import Grid, Row
from subcommittees.models import User


def table(grid: Grid, user: User) -> dict[str, Any]:
    """What the table and its legend are drawn from."""
    shown = queries.wire(grid, user)["rows"]
    return {
        "rows": [_row(grid, row, shown[row.site.code]) for row in grid.rows],
        "answers": [(one, checklist.ANSWERS[checklist.UNPACKED[one]], _letter(one)) for one in "ona"],
        "short_r": _letter("r"),
        "words_json": json.dumps(cells.WORDS),
    }


def _row(grid: Grid, row: Row, shown: dict[str, Any]) -> dict[str, Any]:
    """A row as the template draws it."""
    before = cells.packed(grid.items, row.before, row.asked)
    drawn = [(letter, _letter(letter)) for letter in shown["now"]]
    reasons = json.dumps(row.reasons, ensure_ascii=False)
    return {"site": row.site, **shown, "reasons_json": reasons, "before": before, "cells": drawn}


def _letter(letter: str) -> str:
    """What stands in a cell: the first letter of the word, in the reader's language."""
    return {
        "o": pgettext("cell", "O"),
        "n": pgettext("cell", "N"),
        "a": pgettext("cell", "A"),
        "r": pgettext("cell", "R"),
    }.get(letter, "")


def one_site(grid: Grid, one: Row) -> list[dict[str, Any]]:
    """The items of one site for the form of a phone, in groups of who serves what."""
    return [
        {
            "item": item,
            "pillar": checklist.PILLARS[item.serves],
            "letter": one.shown.get(item.code, ""),
            "asked": item.code in one.asked,
            "reason": one.reasons.get(item.code, ""),
        }
        for item in grid.items
    ]


def confirming(grid: Grid) -> dict[str, Any]:
    """What the officer is asked to look at before handing in: only the exceptions and what is missing."""
    names: dict[str, Item] = {one.code: one for one in grid.items}
    wrong, missing, silent = [], [], []
    packed = {}
    for row in grid.rows:
        answers = cells.answers(row.shown)
        if not answers:
            silent.append(row.site)
            continue
        wrong += [(row.site, names[code]) for code in row.asked if answers.get(code) == "no"]
        missing += [(row.site, names[code]) for code in row.asked if code not in answers]
        packed[row.site.code] = {
            "rev": row.revision,
            "now": cells.packed(grid.items, row.shown, row.asked),
            "note": row.note,
        }
    return {
        "wrong": wrong,
        "missing": missing,
        "silent": silent,
        "packed": json.dumps(packed, ensure_ascii=False),
    }
