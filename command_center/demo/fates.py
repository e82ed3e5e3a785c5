"""What does each polling site say of itself at the slots that are told? Mostly: all is well."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from command_center.demo import places
from command_center.demo.chance import Random, chance
from command_center.demo.days import BEFORE, LAST, NOW, OLDER
from sites import checklist
from sites.models import Site

Wrong = frozenset[str]  # the items that are not in order
FINE: Wrong = frozenset()

# What is not in order, by phase: conditions, and what keeps a site from being ready.
CONDITIONS = {
    "before": ("14", "14", "18", "11", "24", "17", "6", "22", "30", "19", "13", "25", "32"),
    "day": ("36", "35", "37"),
    "after": (),
}
CRITICAL = {"before": ("10", "16", "4", "9", "28", "2", "31"), "day": ("33", "38"), "after": ("40",)}
NOTES = {
    "2": "Bảng phân công trực đang điều chỉnh do thay đổi nhân sự.",
    "4": "Thiếu hai dân quân trực đêm, đang điều bổ sung.",
    "9": "Chưa có biên bản kiểm tra PCCC lần hai.",
    "10": "Hai bình chữa cháy hết hạn kiểm định, đang đổi.",
    "14": "Máy phát dự phòng hỏng, đang chờ thiết bị thay.",
    "16": "Mất sóng di động, đang nối lại bộ đàm.",
    "18": "Camera cổng mất tín hiệu.",
    "20": "Mưa lớn, đang gia cố mái che, theo dõi mực nước.",
    "21": "Sạt lở trên đường vào, dùng đường vòng.",
    "28": "Biên bản giao nhận phiếu còn thiếu chữ ký.",
    "33": "Một thành viên đến muộn, đang bố trí người thay.",
    "38": "Thiếu người phân luồng ở cổng phụ.",
    "40": "Đường về xã còn ngập, phiếu niêm phong tại chỗ, có người canh giữ.",
}

# Shares of sites: a condition, not ready, silent by itself; of communes: wholly silent. Worse by so many times in some
# provinces.
CONDITIONAL, NOT_READY, SILENT, SILENT_COMMUNE = 0.048, 0.009, 0.003, 0.008
WORSE = {"04": 2.2, "12": 2.6, "42": 1.8, "96": 2.0, "01": 0.6, "48": 0.5, "92": 0.6}
STAYS, MENDED, FRESH = 0.85, 0.25, 0.004

# Sơn La, from 98 to 91 of a hundred between two slots: heavy rain in its border communes.
SON_LA, FROM, TO = "14", 0.019, 0.088
RAIN = {
    "before": (("20",), ("20", "21"), ("14", "20"), ("16", "20", "21")),
    "day": (("35",), ("36",), ("33",)),
    "after": (("40",),),
}


@dataclass
class Fate:
    """What one site says at the slots that are told, OLDER to NOW; None is silence."""

    site: Site
    said: list[Wrong | None]


def _fate(site: Site, phases: Sequence[str], dice: Random, quiet: Sequence[bool], times: float) -> Fate:
    drawn, pick = dice.random(), dice.random()
    said: list[Wrong | None] = [None, FINE, FINE, FINE]
    if drawn < SILENT * times:
        said[LAST] = None
        said[BEFORE] = None if pick < 0.3 else FINE
    elif drawn < (SILENT + FRESH) * times:
        said[NOW] = _trouble(phases[NOW], pick, 0.15)
    elif drawn < (SILENT + FRESH + CONDITIONAL + NOT_READY) * times:
        trouble = [_trouble(phase, pick, NOT_READY / (NOT_READY + CONDITIONAL)) for phase in phases]
        was, stays = dice.random() < STAYS, dice.random() < STAYS
        said[BEFORE] = trouble[BEFORE] if was else FINE
        said[LAST] = trouble[LAST] if stays or not was else FINE
        said[NOW] = trouble[NOW] if said[LAST] and dice.random() > MENDED else FINE
    return _ended(Fate(site, [None if silent else one for silent, one in zip(quiet, said, strict=True)]))


def _ended(fate: Fate) -> Fate:
    """Who was silent twice did report once."""
    fate.said[OLDER] = FINE if fate.said[BEFORE] is None and fate.said[LAST] is None else None
    return fate


def _trouble(phase: str, pick: float, critical: float) -> Wrong:
    """The same draw is the same trouble in every slot of a phase."""
    table = (
        CRITICAL[phase] if pick < critical or (not CONDITIONS[phase] and pick < 0.1) else CONDITIONS[phase]
    )
    return frozenset({table[int(pick * 9973) % len(table)]}) if table else FINE


def of_commune(name: str, sites: Sequence[Site], phases: Sequence[str]) -> tuple[list[Fate], list[bool]]:
    """What its sites say, and at which of the slots nobody there says anything, of the commune either."""
    dice = chance(f"readiness of {name}")
    province, code = sites[0].path.split("/")[1:3]
    quiet = [False] * 4
    if code == places.TO_HIEU:
        quiet[NOW] = True
    if province == SON_LA:
        return [Fate(site, [None, FINE, FINE, None if quiet[NOW] else FINE]) for site in sites], quiet
    times = WORSE.get(province, 1.0)
    if dice.random() < SILENT_COMMUNE * times:
        quiet = [False, dice.random() < 0.2, True, dice.random() < 0.6]
    return [_fate(site, phases, dice, quiet, times) for site in sites], quiet


def rain(fates: Sequence[Fate], phases: Sequence[str], border: set[str]) -> None:
    """Sơn La: a few that were not in order before, and then the rain, to the very number."""
    dice = chance("rain in Sơn La")
    here = [fate for fate in fates if places.TO_HIEU not in fate.site.path]
    few = dice.sample(here, round(len(fates) * FROM))
    for count, fate in enumerate(few):
        fate.said = [None, *(_bad(phase, count, 9) for phase in phases[BEFORE:])]
        if count % 5 == 0:
            fate.said[BEFORE] = fate.said[LAST] = None
        _ended(fate)
    hit = [fate for fate in here if fate.site.path in border and fate not in few]
    for count, fate in enumerate(hit[: round(len(fates) * TO) - len(few)]):
        for slot in (LAST, NOW):
            items = RAIN[phases[slot]]
            fate.said[slot] = frozenset(items[count % len(items)])


def _bad(phase: str, count: int, every: int) -> Wrong:
    """A condition, every so often something critical; where a phase knows no conditions, always."""
    table = CRITICAL[phase] if count % every == 0 or not CONDITIONS[phase] else CONDITIONS[phase]
    return frozenset({table[count % len(table)]})


@lru_cache(maxsize=4000)
def answered(kind: str, phase: str, wrong: Wrong, mended: Wrong) -> tuple[str, str, str]:
    """The packed answers of a site, the verdict and the note that go with them."""
    asked = checklist.asked(kind, phase)
    said = dict.fromkeys((item.code for item in asked), "ok") | dict.fromkeys(mended, "ok")
    said |= dict.fromkeys(wrong, "no")
    items = {item.code: item for item in asked} | {code: checklist.ITEMS[code] for code in wrong}
    note = " ".join(NOTES[code] for code in sorted(wrong) if code in NOTES)
    return checklist.packed(said), checklist.judge(items.values(), said), note
