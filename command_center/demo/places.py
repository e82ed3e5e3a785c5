"""What makes the places of the demo differ from each other? Tables, by official code or by name."""
# ruff: noqa: E501

# Inhabitants in hundred thousands, rounded, around the merger of 2025: only the spread of sites comes from it.
PEOPLE = {
    "01": 88, "04": 6, "08": 19, "11": 7, "12": 5, "14": 14, "15": 18, "19": 18, "20": 9, "22": 15, "24": 36,
    "25": 40, "31": 47, "33": 36, "37": 44, "38": 43, "40": 38, "42": 16, "44": 19, "46": 14, "48": 31, "51": 22,
    "52": 36, "56": 22, "66": 33, "68": 39, "75": 45, "79": 140, "80": 33, "82": 44, "86": 43, "91": 50, "92": 42,
    "96": 26,
}  # fmt: skip

# Polling areas as published for 15/03/2026; everything else is spread by weight.
PUBLISHED = {"01": 4_097, "40": 3_123, "42": 1_100}

TO_HIEU, TRUONG_SA, HOANG_SA = "03646", "22736", "20333"
FIXED = {
    TO_HIEU: 22, TRUONG_SA: 21, HOANG_SA: 0,
    "06994": 38, "07192": 7, "11914": 41, "11948": 1, "19742": 1, "21548": 14, "23272": 16, "26732": 6,
    "31078": 84, "31105": 2, "31108": 15,
}  # fmt: skip

# 218 sites vote early, asked for by 11 provinces: islands by commune, then the border communes of a province.
EARLY_ON_ISLANDS = {
    TRUONG_SA: 21, "26732": 4, "06994": 9, "07192": 7, "11914": 9, "11948": 1, "19742": 1, "21548": 10,
    "23272": 10, "31078": 8, "31105": 2, "31108": 12,
}  # fmt: skip
EARLY_AT_THE_BORDER = {"12": 31, "40": 55, "44": 22, "48": 16}

_BORDER = """
04 Cốc Pàng, Cô Ba, Khánh Xuân, Lũng Nặm, Trường Hà, Tổng Cọt, Trà Lĩnh, Đình Phong, Đàm Thủy, Lý Quốc, Quang Long
08 Pà Vầy Sủ, Bản Máy, Thàng Tín, Lao Chải, Thanh Thủy, Minh Tân, Tùng Vài, Nghĩa Thuận, Bạch Đích, Lũng Cú, Sơn Vĩ
11 Sín Thầu, Mường Nhé, Nậm Kè, Nà Bủng, Nà Hỳ, Si Pa Phìn, Mường Pồn, Sam Mứn, Núa Ngam, Mường Nhà
12 Thu Lũm, Mù Cả, Pa Ủ, Hua Bum, Pa Tần, Phong Thổ, Sì Lở Lầu, Dào San
14 Mường Lèo, Sốp Cộp, Mường Lạn, Mường Hung, Chiềng Khương, Phiêng Pằn, Phiêng Khoài, Lóng Phiêng, Lóng Sập, Chiềng Sơn, Xuân Nha
15 Y Tý, A Mú Sung, Trịnh Tường, Bát Xát, Bản Lầu, Mường Khương, Pha Long, Si Ma Cai
20 Quốc Khánh, Thụy Hùng, Hoàng Văn Thụ, Đồng Đăng, Cao Lộc, Ba Sơn, Mẫu Sơn, Khuất Xá, Kiên Mộc
22 Hoành Mô, Bình Liêu, Lục Hồn, Quảng Đức, Hải Sơn
38 Quang Chiểu, Mường Chanh, Tam Chung, Pù Nhi, Na Mèo, Mường Mìn, Sơn Thủy, Tam Lư, Tam Thanh, Yên Khương, Bát Mọt
40 Keng Đu, Mỹ Lý, Bắc Lý, Nậm Cắn, Mường Típ, Na Ngoi, Nhôn Mai, Tam Quang, Châu Khê, Môn Sơn, Tri Lễ, Thông Thụ
42 Sơn Kim 1, Sơn Kim 2, Sơn Hồng, Vũ Quang
44 Dân Hóa, Thượng Trạch, Trường Sơn, Kim Ngân, Hướng Lập, Hướng Phùng, Lao Bảo, Lìa, A Dơi, La Lay
46 A Lưới 1, A Lưới 2, A Lưới 3, A Lưới 4
48 Hùng Sơn, Tây Giang, La Êê, La Dêê, Đắc Pring
51 Đăk Plô, Đăk Long, Dục Nông, Bờ Y, Sa Loong, Rờ Kơi, Mô Rai, Ia Đal
52 Ia O, Ia Chia, Ia Dom, Ia Nan, Ia Pnôn, Ia Púch, Ia Mơ
66 Ia Rvê, Ia Lốp, Ea Bung, Buôn Đôn
68 Quảng Trực, Tuy Đức, Thuận Hạnh, Thuận An, Đắk Wil
75 Bù Gia Mập, Đăk Ơ, Hưng Phước, Thiện Hưng, Lộc Thạnh, Lộc Tấn, Lộc Thành
80 Tân Đông, Tân Lập, Phước Vinh, Hòa Hội, Ninh Điền, Long Chữ, Long Thuận, Phước Chỉ, Mỹ Quý, Bình Hiệp, Hưng Điền
82 Tân Hộ Cơ, Thường Phước
91 Vĩnh Xương, Nhơn Hội, Khánh Bình, Vĩnh Gia, Giang Thành
"""
BORDER = {line[:2]: frozenset(line[3:].split(", ")) for line in _BORDER.strip().splitlines()}

# Communes that lie on islands without being a special zone.
ISLANDS = {
    "22": {"Cái Chiên", "Vĩnh Thực"},
    "48": {"Tân Hiệp"},
    "52": {"Nhơn Châu"},
    "79": {"Thạnh An"},
    "91": {"Tiên Hải", "Sơn Hải", "Hòn Nghệ"},
}

# The islands of Trường Sa where is voted, as (name, latitude, longitude): hundreds of kilometres apart.
SPRATLY = (
    ("Song Tử Tây", 11.43, 114.33), ("Đá Nam", 11.39, 114.30), ("Sơn Ca", 10.38, 114.48), ("Nam Yết", 10.18, 114.37),
    ("Đá Lớn", 10.05, 113.86), ("Đá Thị", 10.41, 114.58), ("Sinh Tồn", 9.89, 114.33), ("Sinh Tồn Đông", 9.90, 114.56),
    ("Cô Lin", 9.77, 114.25), ("Len Đao", 9.78, 114.37), ("Phan Vinh", 8.97, 113.69), ("Tốc Tan", 8.81, 113.98),
    ("Núi Le", 8.71, 114.18), ("Tiên Nữ", 8.86, 114.65), ("Trường Sa", 8.65, 111.92), ("Trường Sa Đông", 8.93, 112.35),
    ("Đá Đông", 8.83, 112.59), ("Đá Tây", 8.85, 112.20), ("Đá Lát", 8.67, 111.67), ("An Bang", 7.88, 112.91),
    ("Thuyền Chài", 8.18, 113.32),
)  # fmt: skip

# What the smallest part of a commune is called there, in wards and elsewhere.
_QUARTERS = {
    "khu phố": "68 75 79 80",
    "khóm": "82 86 91 96",
    "khu vực": "92",
    "tổ": "01 04 11 12 14 15 46 48",
}
_HAMLETS = {"ấp": "79 80 82 86 91 92 96", "bản": "11 12 14", "xóm": "04 40", "buôn": "66", "làng": "52"}
QUARTER = {province: word for word, provinces in _QUARTERS.items() for province in provinces.split()}
HAMLET = {province: word for word, provinces in _HAMLETS.items() for province in provinces.split()}

MOUNTAIN_NAMES = (
    ("Nà", "Huổi", "Pá", "Bó", "Co", "Nong", "Phiêng", "Nậm", "Tà"),
    ("Mạt", "Luông", "Khoang", "Tông", "Sang", "Hin", "Hạ", "Ban", "Lốc"),
)
PLAIN_NAMES = (
    ("Đông", "Tây", "Nam", "Bắc", "Trung", "Thượng", "Hạ", "Phú", "An"),
    ("Sơn", "Thành", "Hòa", "Tiến", "Thịnh", "Lộc", "Bình", "Giang", "Cường"),
)
