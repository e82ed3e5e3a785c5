"""What does a unit say of itself? Numbers that fit its size, and here and there something that is missing."""

from collections.abc import Sequence

from command_center.demo.chance import chance
from sites.checklist import UNIT_ITEMS, judge_unit
from subcommittees.models import Unit

POOR, SHORT = 0.02, 0.015  # of the units: no equipment yet; fewer present than planned
SIZES = {
    Unit.Kind.COMMUNE: (8, 0, 2, 6),
    Unit.Kind.PROVINCE: (900, 180, 60, 400),
    Unit.Kind.COMMAND: (2400, 1200, 210, 900),
}
Said = tuple[dict[str, str], dict[str, int], str]  # answers, numbers, verdict


def of(unit: Unit, sites: int, slots: int) -> Sequence[Said]:
    """The same unit at so many slots, one after the other: what is missing is missing until the last but one."""
    dice = chance(f"forces of {unit.code}")
    least, reserve, vehicles, radios = SIZES[Unit.Kind(unit.kind)]
    planned = least + (sites * 3 if unit.kind == Unit.Kind.COMMUNE else dice.randrange(least // 4))
    plans = dice.randrange(2, 7)
    poor, short = dice.random() < POOR, dice.random() < SHORT
    found = []
    for slot in range(slots):
        wrong = poor and slot < slots - 1
        answers = {item.code: "ok" for item in UNIT_ITEMS.values() if not item.number}
        answers |= {"funding": "no"} if wrong else {}
        numbers = {
            "strength_planned": planned,
            "strength": planned - (dice.randrange(1, 4) if short else 0),
            "reserve": reserve + dice.randrange(5),
            "vehicles": vehicles + dice.randrange(3),
            "radios": radios + dice.randrange(6),
            "plans_made": plans,
            "plans_approved": plans,
            "plans_rehearsed": dice.randrange(plans + 1),
            "own_vote": planned,
        }
        found.append((answers, numbers, judge_unit(answers, numbers)))
    return found
