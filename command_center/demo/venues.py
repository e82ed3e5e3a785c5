"""What are the places called where people vote?"""

from command_center.demo import places
from command_center.demo.chance import Random
from command_center.demo.nation import Commune

SPECIAL = {
    "hospital": "Bệnh viện đa khoa",
    "barracks": "Doanh trại đơn vị vũ trang",
    "detention": "Trại tạm giam",
}
SCHOOLS = ("Trường Tiểu học", "Trường Tiểu học", "Trường Trung học cơ sở", "Trường Mầm non")


class Venues:
    """Names for the places of one commune, as they are used in that part of the country."""

    def __init__(self, commune: Commune, total: int, dice: Random) -> None:
        self.commune, self.dice = commune, dice
        self.short = commune.short if not commune.short[0].isdigit() else commune.name
        self.word = self._word()
        self.numbers = dice.sample(range(1, 2 * total + 2), total) if total else []
        self.used: dict[str, int] = {}

    def of(self, kind: str, number: int) -> str:
        if self.commune.code == places.TRUONG_SA:
            return f"đảo {places.SPRATLY[number - 1][0]}"
        if kind in SPECIAL:
            return self._once(f"{SPECIAL[kind]} {self.short}")
        if number == 1:
            return f"Hội trường Ủy ban nhân dân {self.commune.name[0].lower()}{self.commune.name[1:]}"
        if self.dice.random() < 0.66:
            return self._hall(number)
        place = "Đồn Biên phòng" if kind == "border" else self.dice.choice(SCHOOLS)
        return self._once(f"{place} {self.short}")

    def _hall(self, number: int) -> str:
        kind = "Nhà sinh hoạt cộng đồng" if self.word in {"buôn", "làng"} else "Nhà văn hóa"
        return f"{kind} {self.word} {self._part(number)}"

    def _part(self, number: int) -> str:
        if self.commune.ward or self.dice.random() < 0.5:
            return str(self.numbers[number - 1])
        first, second = places.MOUNTAIN_NAMES if self.word == "bản" else places.PLAIN_NAMES
        return f"{self.dice.choice(first)} {self.dice.choice(second)}"

    def _word(self) -> str:
        if self.commune.ward:
            return places.QUARTER.get(self.commune.province, "tổ dân phố")
        if self.commune.island:
            return "khu dân cư"
        return places.HAMLET.get(self.commune.province, "thôn")

    def _once(self, name: str) -> str:
        self.used[name] = self.used.get(name, 0) + 1
        return name if self.used[name] == 1 else f"{name}, cơ sở {self.used[name]}"
