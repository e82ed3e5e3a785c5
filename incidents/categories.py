"""What kinds of incident are there, and how soon must each be answered?"""

import datetime as dt
from dataclasses import dataclass

from subcommittees.words import Words


@dataclass(frozen=True)
class Category:
    """`topic` is the group that a liaison's reach is cut by; `secrecy` 0 open … 3 tuyệt mật."""

    code: str
    name: Words
    topic: str
    answer_within: dt.timedelta
    secrecy: int = 0


def _row(code: str, vi: str, en: str, topic: str, minutes: int, secrecy: int = 0) -> tuple[str, Category]:
    return code, Category(code, Words(vi, en), topic, dt.timedelta(minutes=minutes), secrecy)


# Types with their sources: the field's published plans and reports of 2016-2026; the minutes are a convention.
CATEGORIES = dict((
    _row("FIRE", "Cháy, nổ", "Fire, explosion", "fire", 5),
    _row("POWER", "Mất điện", "Power cut", "infrastructure", 10),
    _row("COMMS", "Mất liên lạc", "Communications lost", "infrastructure", 5),
    _row("WEATHER", "Mưa lũ, dông lốc, sạt lở", "Storm, flood, landslide", "disaster", 10),
    _row("CUTOFF", "Địa bàn bị chia cắt", "Area cut off", "disaster", 10),
    _row("MED", "Cấp cứu, ngộ độc", "Medical emergency", "health", 5),
    _row("EPI", "Ca nghi nhiễm, ổ dịch", "Suspected case, outbreak", "health", 10),
    _row("DISORDER", "Gây rối tại điểm bỏ phiếu", "Disorder at the site", "order", 5),
    _row("CROWD", "Tụ tập đông người, khiếu kiện", "Large gathering, complaint", "order", 5),
    _row("WEAPON", "Vũ khí, vật nổ, vật lạ", "Weapon, suspicious object", "order", 3),
    _row("LEAFLET", "Tài liệu, băng rôn xấu; phá niêm yết", "Leaflets, damaged postings", "order", 10),
    _row("TRAFFIC", "Ùn tắc, tai nạn giao thông", "Traffic jam, accident", "traffic", 10),
    _row("UAV", "Thiết bị bay trái phép", "Unauthorised drone", "order", 5),
    _row("CYBER", "Tấn công mạng", "Cyber attack", "cyber", 5),
    _row("FAKE", "Tin giả, xuyên tạc", "False information", "cyber", 15),
    _row("BOX", "Hòm phiếu hỏng, mất niêm phong", "Box or seal damaged", "voting", 3),
    _row("BALLOT", "Phiếu sai, thiếu, thừa", "Ballots misprinted, short, surplus", "voting", 5),
    _row("FRAUD", "Bầu hộ, gom thẻ, gian lận", "Proxy voting, collected cards, fraud", "voting", 10),
    _row("INTERRUPT", "Gián đoạn bỏ phiếu", "Poll interrupted", "voting", 3),
    _row("TRANSPORT", "Sự cố vận chuyển phiếu, tài liệu", "Ballot transport", "voting", 5),
    _row("VIP", "Đoàn lãnh đạo đến kiểm tra", "Official delegation", "protection", 10, secrecy=1),
    _row("TARGET", "Sự cố mục tiêu trọng điểm", "Key-target incident", "protection", 3),
    _row("BORDER", "Tình huống biên giới", "Border situation", "border", 5),
    _row("SEA", "Tình huống biển, đảo", "Situation at sea", "border", 5),
    _row("STAFF", "Thiếu quân số, tai nạn cán bộ", "Staff short, officer injured", "force", 10),
))  # fmt: skip

TOPICS = {
    "fire": Words("Cháy, nổ", "Fire"),
    "infrastructure": Words("Điện, liên lạc", "Power and communications"),
    "disaster": Words("Thiên tai", "Disaster"),
    "health": Words("Y tế, dịch bệnh", "Health"),
    "order": Words("Trật tự", "Order"),
    "traffic": Words("Giao thông", "Traffic"),
    "cyber": Words("An ninh mạng", "Cyber security"),
    "voting": Words("Bỏ phiếu, hòm phiếu", "Voting"),
    "protection": Words("Bảo vệ mục tiêu", "Protection"),
    "border": Words("Biên giới, biển đảo", "Border and sea"),
    "force": Words("Lực lượng", "Own force"),
}

# By exceeded capacity, in the manner of Nghị định 200/2025/NĐ-CP; a convention of this system, said so on screen.
SEVERITIES = {
    1: Words("Thông thường", "Ordinary"),
    2: Words("Đáng chú ý", "Notable"),
    3: Words("Nghiêm trọng", "Serious"),
    4: Words("Đặc biệt nghiêm trọng", "Extremely serious"),
}
CAPACITY = {
    1: Words("Xử lý được tại điểm", "The site can handle it"),
    2: Words("Cần Công an xã", "Needs the commune police"),
    3: Words("Vượt khả năng cấp xã, cần cấp tỉnh", "Exceeds the commune, needs the province"),
    4: Words("Vượt khả năng cấp tỉnh hoặc ảnh hưởng bỏ phiếu, cần Bộ", "Exceeds the province or stops voting, needs the ministry"),
}  # fmt: skip


def choices() -> list[tuple[str, Words]]:
    return [(category.code, category.name) for category in CATEGORIES.values()]
