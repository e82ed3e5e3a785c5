"""What must be in order at a polling site, and at a unit, before anybody may call it ready?

Answers are packed by place in these tables: a line is never taken out, moved or given another meaning. What is no
longer asked is `retired`; what is new stands at the end, and an older report simply did not answer it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from subcommittees.words import Words

PHASES = {
    "before": Words("Trước ngày bầu cử", "Before election day"),
    "day": Words("Ngày bầu cử", "Election day"),
    "after": Words("Sau giờ bỏ phiếu", "After the poll"),
}
# The "four on the spot" (4 tại chỗ).
PILLARS = {
    "command": Words("Chỉ huy tại chỗ", "Command on the spot"),
    "force": Words("Lực lượng tại chỗ", "Forces on the spot"),
    "means": Words("Phương tiện tại chỗ", "Means on the spot"),
    "logistics": Words("Hậu cần tại chỗ", "Logistics on the spot"),
}
ANSWERS = {
    "ok": Words("Đạt", "In order"),
    "no": Words("Chưa đạt", "Not in order"),
    "na": Words("Không áp dụng", "Not applicable"),
}
# What stands in a packed answer: also what a higher level sent back, and what was not answered.
PACKED = {"ok": "o", "no": "n", "na": "a", "returned": "r", "": "."}
UNPACKED = {letter: answer for answer, letter in PACKED.items()}
VERDICTS = {
    "ready": Words("Sẵn sàng", "Ready"),
    "conditional": Words("Sẵn sàng có điều kiện", "Ready with conditions"),
    "not_ready": Words("Chưa sẵn sàng", "Not ready"),
    "silent": Words("Chưa báo cáo", "Silent"),
}


@dataclass(frozen=True)
class Item:
    """One line of the checklist; `critical`: without it the site is not ready; `kind`: asked of such sites only."""

    code: str
    phase: str
    name: Words
    serves: str
    critical: bool = False
    kind: str = ""
    retired: bool = False


def _item(code: str, phase: str, serves: str, vi: str, en: str, **more: object) -> Item:
    return Item(code, phase, Words(vi, en), serves, **more)  # type: ignore[arg-type]


B, D, A = "before", "day", "after"
MUST = {"critical": True}

_TABLE = (
    _item("1", B, "command", "Có phương án bảo vệ riêng được duyệt cho điểm", "Approved protection plan of the site", **MUST),
    _item("2", B, "force", "Bảng phân công trực bảo vệ ngày, đêm", "Guard rota by day and night", **MUST),
    _item("3", B, "force", "Phân công cán bộ Công an phụ trách điểm (ít nhất 01 chính quy)", "Police officer in charge assigned (at least one regular)", **MUST),
    _item("4", B, "force", "Dân quân, lực lượng bảo vệ ANTT cơ sở đủ quân số", "Militia and grassroots force at strength", **MUST),
    _item("5", B, "command", "Sơ đồ điểm: cổng, lối vào, phòng bỏ phiếu, lối ra", "Site map: gate, entry, polling room, exit"),
    _item("6", B, "command", "Biển “Khu vực bảo vệ” và nội quy khu vực bảo vệ", "Protected-zone sign and rules"),
    _item("7", B, "command", "Nội quy phòng bỏ phiếu đã niêm yết", "Polling-room rules posted"),
    _item("8", B, "command", "Danh sách cử tri, ứng cử viên niêm yết nguyên vẹn", "Posted lists intact"),
    _item("9", B, "means", "Kiểm tra an toàn PCCC (nguồn lửa, điện)", "Fire-safety inspection", **MUST),
    _item("10", B, "means", "Bình chữa cháy, phương tiện PCCC tại chỗ", "Extinguishers on site", **MUST),
    _item("11", B, "command", "Phương án chữa cháy, thoát nạn đã thực tập", "Fire and evacuation plan drilled"),
    _item("12", B, "force", "Phân công người di chuyển hòm phiếu khi có sự cố", "Bearer of the ballot box in an evacuation assigned"),
    _item("13", B, "means", "Kiểm tra an toàn điện", "Electrical safety check"),
    _item("14", B, "means", "Nguồn điện dự phòng (máy phát, đèn) sẵn sàng", "Backup power"),
    _item("15", B, "command", "Đầu mối điện lực trực, số liên hệ", "Power company's contact"),
    _item("16", B, "means", "Liên lạc chính (điện thoại, bộ đàm) thử thông", "Primary communications tested", **MUST),
    _item("17", B, "means", "Liên lạc dự phòng (mạng thứ hai, bộ đàm, liên lạc viên)", "Backup communications"),
    _item("18", B, "means", "Camera giám sát (nếu có) hoạt động", "CCTV (if any) working"),
    _item("19", B, "logistics", "Địa điểm bỏ phiếu dự phòng", "Backup venue"),
    _item("20", B, "logistics", "Theo dõi thời tiết; bạt che; phương án mưa lũ", "Weather watch, shelter, flood plan"),
    _item("21", B, "command", "Tuyến đường tiếp cận, tuyến dự phòng, bãi xe", "Access and alternate route, parking"),
    _item("22", B, "logistics", "Lối ưu tiên người cao tuổi, khuyết tật, thai phụ", "Priority and accessible lane"),
    _item("23", B, "logistics", "Nhân viên y tế, túi thuốc sơ cấp cứu", "First-aid staff and kit"),
    _item("24", B, "command", "Phương án ca nghi nhiễm, vị trí cách ly tạm", "Plan for a suspected case of disease"),
    _item("25", B, "logistics", "Xe cứu thương, đường dây 115 gần nhất", "Ambulance and route"),
    _item("26", B, "logistics", "Hòm phiếu chính chắc chắn, có Quốc huy; băng niêm phong đủ", "Main ballot box and seals", **MUST),
    _item("27", B, "force", "Hòm phiếu phụ và người đi kèm được phân công", "Mobile box and escorts assigned"),
    _item("28", B, "logistics", "Nhận phiếu bầu, tài liệu: số lượng, biên bản, nơi bảo quản có khóa", "Ballots received, counted, locked away", **MUST),
    _item("29", B, "logistics", "Con dấu, thẻ cử tri bảo quản an toàn", "Stamp and cards secured", **MUST),
    _item("30", B, "logistics", "Phù hiệu cho người làm nhiệm vụ", "Duty badges"),
    _item("31", B, "force", "Kiểm tra, rà soát vật nổ, vật lạ tại điểm", "Sweep for explosives and suspicious objects", **MUST),
    _item("32", B, "force", "Tập huấn xử lý tình huống cho lực lượng tại điểm", "Team trained on situations"),
    _item("33", D, "force", "Quân số có mặt đầy đủ trước giờ mở cửa", "All present before opening", **MUST),
    _item("34", D, "command", "Khai mạc; kiểm tra hòm phiếu trước 02 cử tri; niêm phong", "Opening; box checked before two voters; sealed", **MUST),
    _item("35", D, "command", "Giờ mở, giờ đóng thực tế đúng quy định", "Actual opening and closing as laid down"),
    _item("36", D, "command", "Báo cáo tiến độ đúng giờ", "Progress reports on time"),
    _item("37", D, "force", "Theo dõi hòm phiếu phụ: giờ đi, tuyến, giờ về", "Mobile box: out, route, back"),
    _item("38", D, "force", "Kiểm soát người, phương tiện; phân luồng; không flycam", "People and vehicles controlled; no drones", **MUST),
    _item("39", A, "force", "Niêm phong phiếu chưa dùng; bảo vệ phòng kiểm phiếu; 02 cử tri chứng kiến", "Unused ballots sealed; count guarded and witnessed", **MUST),
    _item("40", A, "force", "Niêm phong, áp tải phiếu và biên bản về UBND xã; ký giao nhận", "Ballots and minutes sealed, escorted, handed over", **MUST),
    _item("41", B, "means", "Phương tiện thủy, phương án giao hòm phiếu sớm", "Boats; early hand-over of the box", kind="island", **MUST),
    _item("42", B, "force", "Hiệp đồng với Bộ đội Biên phòng", "Agreed with the border guard", kind="border", **MUST),
    _item("43", B, "force", "Phối hợp cơ sở giam giữ đưa hòm phiếu phụ vào", "Detention facility: mobile box agreed", kind="detention", **MUST),
    _item("44", B, "logistics", "Phối hợp bệnh viện: khu bỏ phiếu, người bệnh tại giường", "Hospital: polling area and bedside voting agreed", kind="hospital"),
    _item("45", B, "force", "Phạm vi kiểm soát riêng của đơn vị vũ trang", "Own control perimeter of the armed-forces unit", kind="barracks"),
    _item("46", B, "logistics", "Khu cách ly: trang bị bảo hộ, hòm phiếu phụ riêng", "Quarantine: protective gear, separate mobile box", kind="quarantine", **MUST),
)  # fmt: skip

ITEMS = {item.code: item for item in _TABLE}
PLACE = {item.code: place for place, item in enumerate(_TABLE)}


@dataclass(frozen=True)
class UnitItem:
    """One line of a unit's own checklist: a number, or in order or not. Numbers only, never persons."""

    code: str
    name: Words
    number: bool = False
    critical: bool = False
    retired: bool = False


def _unit(code: str, vi: str, en: str, *, number: bool = False, critical: bool = False) -> UnitItem:
    return UnitItem(code, Words(vi, en), number, critical)


_UNIT_TABLE = (
    _unit("post", "Sở chỉ huy sẵn sàng", "Command post ready", critical=True),
    _unit("comms", "Thông tin liên lạc thông suốt", "Communications working", critical=True),
    _unit("funding", "Kinh phí, trang bị kỹ thuật được cấp", "Funding and equipment provided"),
    _unit("plans", "Phương án, kế hoạch đã được duyệt", "Plans approved", critical=True),
    _unit("strength_planned", "Quân số theo kế hoạch", "Strength planned", number=True),
    _unit("strength", "Quân số có mặt", "Strength present", number=True),
    _unit("reserve", "Lực lượng dự bị", "Reserve force", number=True),
    _unit("vehicles", "Phương tiện sẵn sàng", "Vehicles ready", number=True),
    _unit("radios", "Máy bộ đàm sẵn sàng", "Radios ready", number=True),
    _unit("plans_made", "Số phương án đã lập", "Plans made", number=True),
    _unit("plans_approved", "Số phương án đã duyệt", "Plans approved (number)", number=True),
    _unit("plans_rehearsed", "Số phương án đã thực binh", "Plans rehearsed", number=True),
    _unit("own_vote", "Số cán bộ, chiến sĩ đã được bố trí bỏ phiếu", "Own officers with voting arranged", number=True),
)  # fmt: skip

UNIT_ITEMS = {item.code: item for item in _UNIT_TABLE}


def asked(kind: str, phase: str) -> list[Item]:
    """The items a site of this kind is asked for in this phase, in the order of the table."""
    return [item for item in _TABLE if item.phase == phase and item.kind in {"", kind} and not item.retired]


def packed(answers: Mapping[str, str]) -> str:
    """One letter an item of the table, in its order; `.` where nothing was said."""
    return "".join(PACKED[answers.get(item.code, "")] for item in _TABLE)


def unpacked(text: str) -> dict[str, str]:
    """What was said, by item: `ok`, `no`, `na` or `returned`."""
    return {item.code: UNPACKED[letter] for item, letter in zip(_TABLE, text, strict=False) if letter != "."}


def judge(items: Iterable[Item], answers: Mapping[str, str]) -> str:
    """`ready`, `conditional` or `not_ready`: what is critical must be in order, unanswered is not in order."""
    wrong = [item.critical for item in items if answers.get(item.code, "") not in {"ok", "na"}]
    return "not_ready" if any(wrong) else "conditional" if wrong else "ready"


def judge_unit(answers: Mapping[str, str], numbers: Mapping[str, int]) -> str:
    """As for a site; fewer present than planned is a condition."""
    states = [item for item in _UNIT_TABLE if not item.number and not item.retired]
    wrong = [item.critical for item in states if answers.get(item.code, "") not in {"ok", "na"}]
    short = numbers.get("strength", 0) < numbers.get("strength_planned", 0)
    return "not_ready" if any(wrong) else "conditional" if wrong or short else "ready"
