"""What can the state of a polling site be in an operation?"""

from subcommittees.words import Words

STATES = {
    "unsurveyed": Words("Chưa khảo sát", "Not surveyed"),
    "preparing": Words("Đang chuẩn bị", "Preparing"),
    "conditional": Words("Sẵn sàng có điều kiện", "Ready with conditions"),
    "ready": Words("Sẵn sàng", "Ready"),
    "voting": Words("Đang bỏ phiếu", "Voting"),
    "interrupted": Words("Gián đoạn", "Interrupted"),
    "box_closed": Words("Đã đóng hòm phiếu", "Box closed"),
    "counting": Words("Đang kiểm phiếu", "Counting"),
    "handed_over": Words("Đã bàn giao", "Handed over"),
    "finished": Words("Kết thúc", "Finished"),
}

KINDS = {
    "regular": Words("Thông thường", "Regular"),
    "hospital": Words("Bệnh viện", "Hospital"),
    "barracks": Words("Đơn vị vũ trang", "Armed-forces unit"),
    "detention": Words("Cơ sở giam giữ", "Detention facility"),
    "border": Words("Biên giới", "Border"),
    "island": Words("Biển, đảo", "Sea and islands"),
    "quarantine": Words("Khu cách ly", "Quarantine area"),
}


def state_choices() -> list[tuple[str, Words]]:
    return list(STATES.items())


def kind_choices() -> list[tuple[str, Words]]:
    return list(KINDS.items())
