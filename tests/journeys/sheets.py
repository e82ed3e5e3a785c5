"""Which workbook does a province send that nobody has told how?"""

from pathlib import Path
from typing import Any

import openpyxl

HEADER = ["Ký hiệu", "Tên điểm", "Mã xã", "Số", "Vĩ độ", "Kinh độ", "Người lập bảng"]
MAPPING = {
    "code": "Ký hiệu", "name": "Tên điểm", "unit": "Mã xã", "number": "Số", "lat": "Vĩ độ", "lon": "Kinh độ",
}  # fmt: skip
GOOD = 40


def messy(path: Path, good: int = GOOD) -> Path:
    """As a province sends it: a title in merged cells, a header of its own, and the faults of a long evening."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(["DANH SÁCH ĐIỂM BẦU CỬ TỈNH SƠN LA"])
    sheet.merge_cells("A1:G1")
    sheet.append([])
    sheet.append(HEADER)
    for n in range(good):
        commune = ("03646", "03664")[n % 2]
        row = [f"14-{commune}-{n + 100}", f"  Nhà văn hóa tổ {n + 1} ", commune, n + 100]
        sheet.append([*row, f"21,{3000 + n}", "103,9", "Văn thư"])
    sheet.append(["14-03646-900", "Điểm đảo kinh vĩ", "03646", 900, 103.9, 21.3, ""])
    sheet.append(["14-03646-901", "Điểm không có xã", "99999", 901, 21.3, 103.9, ""])
    sheet.append(["14-03646-902", "", "03646", 902, 21.3, 103.9, ""])
    book.save(path)
    return path
