"""How many polling sites of which kind does each commune have?"""

from collections import Counter
from itertools import groupby
from operator import attrgetter

from command_center.demo import places
from command_center.demo.chance import Random, chance
from command_center.demo.nation import Commune

TOTAL = 72_195
BORDER_SITES = 6


def counts(communes: list[Commune]) -> dict[str, int]:
    """Sites by commune: TOTAL in all, published numbers where there are any, the rest by weight."""
    dice = chance("how many")
    size = Counter(one.province for one in communes)
    weight = {
        one.code: (places.PEOPLE[one.province] * 21 / size[one.province] + 17.8)
        * (1.2 if one.ward else 1.0)
        * dice.lognormvariate(0, 0.3)
        for one in communes
    }
    found = dict(places.FIXED)
    for province, total in places.PUBLISHED.items():
        own = [one.code for one in communes if one.province == province]
        free = {code: weight[code] for code in own if code not in found}
        found |= apportion(total - sum(found.get(code, 0) for code in own), free)
    free = {code: share for code, share in weight.items() if code not in found}
    return found | apportion(TOTAL - sum(found.values()), free)


def apportion(total: int, weights: dict[str, float]) -> dict[str, int]:
    """Whole numbers in proportion to `weights` that sum up to `total` (largest remainder)."""
    scale = total / sum(weights.values())
    exact = {code: weight * scale for code, weight in weights.items()}
    found = {code: int(share) for code, share in exact.items()}
    by_remainder = sorted(exact, key=lambda code: (found[code] - exact[code], code))
    for code in by_remainder[: total - sum(found.values())]:
        found[code] += 1
    return found


def kinds(communes: list[Commune], how_many: dict[str, int]) -> dict[str, list[str]]:
    """The kind of every site of each commune, in the order of their numbers: regular ones first."""
    dice = chance("kinds")
    found = {one.code: _kinds(one, how_many[one.code], dice) for one in communes}
    for _province, group in groupby(communes, attrgetter("province")):
        inland = [one.code for one in group if not (one.island or one.border) and one.code != places.TO_HIEU]
        for code in dice.sample(inland, 2):
            found[code][-1] = "detention"
    return found


def _kinds(one: Commune, total: int, dice: Random) -> list[str]:
    if one.island:
        return ["island"] * total
    hospital = dice.random() < (0.16 if one.ward else 0.03)
    barracks = dice.choice((1, 1, 2)) if dice.random() < (0.20 if one.ward else 0.09) else 0
    border = BORDER_SITES if one.border else 0
    others = ["hospital"] * hospital + ["barracks"] * barracks + ["border"] * border
    return ["regular"] * (total - len(others)) + others


def early(communes: list[Commune]) -> dict[str, int]:
    """How many sites of each commune vote before election day: the ones with the highest numbers."""
    found = dict(places.EARLY_ON_ISLANDS)
    for province, total in places.EARLY_AT_THE_BORDER.items():
        border = {one.code: 1.0 for one in communes if one.province == province and one.border}
        found |= apportion(total, border)
    return found
