"""Where does each province stand on the tile grid that resembles the country?

For ever. (column, row), counted from the north-west.
"""

from typing import Any

from subcommittees.models import Unit

COLUMNS = 6
ROWS = 14

TILES = {
    "12": (1, 1),  # Lai Châu
    "15": (2, 1),  # Lào Cai
    "08": (3, 1),  # Tuyên Quang
    "04": (4, 1),  # Cao Bằng
    "11": (1, 2),  # Điện Biên
    "14": (2, 2),  # Sơn La
    "25": (3, 2),  # Phú Thọ
    "19": (4, 2),  # Thái Nguyên
    "20": (5, 2),  # Lạng Sơn
    "01": (3, 3),  # Hà Nội
    "24": (4, 3),  # Bắc Ninh
    "22": (5, 3),  # Quảng Ninh
    "37": (3, 4),  # Ninh Bình
    "33": (4, 4),  # Hưng Yên
    "31": (5, 4),  # Hải Phòng
    "38": (3, 5),  # Thanh Hóa
    "40": (3, 6),  # Nghệ An
    "42": (4, 6),  # Hà Tĩnh
    "44": (4, 7),  # Quảng Trị
    "46": (4, 8),  # Huế
    "48": (5, 8),  # Đà Nẵng
    "51": (5, 9),  # Quảng Ngãi
    "52": (5, 10),  # Gia Lai
    "66": (5, 11),  # Đắk Lắk
    "80": (2, 12),  # Tây Ninh
    "75": (3, 12),  # Đồng Nai
    "68": (4, 12),  # Lâm Đồng
    "56": (5, 12),  # Khánh Hòa
    "91": (1, 13),  # An Giang
    "82": (2, 13),  # Đồng Tháp
    "79": (3, 13),  # Hồ Chí Minh
    "96": (1, 14),  # Cà Mau
    "92": (2, 14),  # Cần Thơ
    "86": (3, 14),  # Vĩnh Long
}

# Marks, not units of the chain: each archipelago belongs to the province named.
HOANG_SA = (6, 8)
TRUONG_SA = (6, 13)
MARKS = {"Hoàng Sa": (HOANG_SA, "48"), "Trường Sa": (TRUONG_SA, "56")}


def placed(children: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The provinces of a picture in their fixed places, and the marks of the archipelagos."""
    known = {child["unit"]["code"]: child for child in children}
    names = {code: Unit(name=child["unit"]["name"]).short for code, child in known.items()}
    found = [
        {
            **known[code],
            "name": names[code],
            "path": known[code]["unit"]["path"],
            "column": column,
            "row": row,
        }
        for code, (column, row) in TILES.items()
        if code in known
    ]
    marks = [
        {"name": name, "column": column, "row": row, "of": names.get(code, "")}
        for name, ((column, row), code) in MARKS.items()
    ]
    return {"tiles": found, "marks": marks}
