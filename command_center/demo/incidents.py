"""What happens on a calm day before an election? Small things, all of them answered."""
# ruff: noqa: E501

from dataclasses import dataclass


@dataclass(frozen=True)
class Story:
    """What is reported, what is noted on the way, and why it ends; `verb` is how it ends."""

    category: str
    severity: int
    summary: str
    note: str
    reason: str
    verb: str = "close"


STORIES = (
    Story("POWER", 1, "Mất điện cục bộ, đã chuyển sang máy phát dự phòng.", "Điện lực khu vực đã cử tổ sửa chữa đến nơi.", "Đã có điện lưới trở lại, điểm bầu cử hoạt động bình thường."),
    Story("LEAFLET", 1, "Bảng niêm yết danh sách cử tri bị gió thổi rách một góc.", "Đã chụp ảnh hiện trạng, tổ bầu cử in lại trang bị rách.", "Đã niêm yết lại danh sách, gia cố bảng."),
    Story("TRAFFIC", 1, "Xe tải chết máy chắn lối vào điểm bầu cử.", "Lực lượng cảnh sát giao thông đang kéo xe.", "Đã kéo xe khỏi lối vào, giao thông thông suốt."),
    Story("COMMS", 1, "Điện thoại cố định của điểm bầu cử mất tín hiệu, đang liên lạc bằng bộ đàm.", "Nhà mạng xác nhận đứt cáp nhánh, đang nối lại.", "Đã khôi phục đường dây, thử liên lạc tốt."),
    Story("WEATHER", 1, "Gió giật làm tốc một phần mái che khu vực chờ.", "Lực lượng tại chỗ đang lợp lại, không có người bị thương.", "Đã lợp lại mái che, kiểm tra an toàn."),
    Story("STAFF", 1, "Thiếu một cán bộ trực do ốm, đang bố trí người thay.", "Đã điều cán bộ từ điểm lân cận sang tạm thời.", "Đã có cán bộ thay, đủ quân số."),
    Story("FAKE", 1, "Tin sai về giờ bỏ phiếu lan truyền trên mạng xã hội tại địa bàn.", "Đã phối hợp đăng thông tin chính thức về giờ bỏ phiếu.", "Bài đăng đã được gỡ, thông tin đúng đã phổ biến đến tổ dân cư."),
    Story("WEAPON", 1, "Phát hiện túi vô chủ gần cổng điểm bầu cử.", "Đã khoanh vùng, giữ khoảng cách an toàn.", "Túi dụng cụ của đội thi công để quên; đã kiểm tra, an toàn.", "false_alarm"),
    Story("FIRE", 1, "Chập điện ổ cắm trong phòng chờ, đã dập tắt tại chỗ, không thiệt hại.", "Đã ngắt cầu dao nhánh, kiểm tra toàn bộ đường điện.", "Đã thay ổ cắm, bổ sung bình chữa cháy."),
    Story("TRANSPORT", 1, "Xe chở tài liệu bầu cử hỏng lốp giữa đường, có lực lượng bảo vệ đi cùng.", "Đã bố trí xe thay thế, niêm phong còn nguyên vẹn.", "Tài liệu đã bàn giao đủ, niêm phong nguyên vẹn."),
    Story("WEATHER", 2, "Mưa lớn, sân điểm bầu cử ngập khoảng hai mươi xăng-ti-mét.", "Đang bơm nước, chuyển hòm phiếu và tài liệu lên tầng hai.", "Nước đã rút, điểm bầu cử được dọn sạch, sẵn sàng trở lại."),
    Story("UAV", 1, "Phát hiện thiết bị bay cỡ nhỏ phía trên khu vực điểm bầu cử.", "Đang xác minh nơi điều khiển.", "Là diều của trẻ em, không phải thiết bị bay.", "false_alarm"),
    Story("BOX", 1, "Khóa hòm phiếu phụ bị kẹt khi kiểm tra thử.", "Đã lập biên bản tại chỗ, chờ khóa thay.", "Đã thay khóa, kiểm tra lại hòm phiếu trước sự chứng kiến của tổ bầu cử."),
    Story("CROWD", 1, "Khoảng hai mươi người đến nơi niêm yết hỏi về danh sách cử tri.", "Tổ bầu cử đang giải thích, tình hình trật tự.", "Đã giải thích, người dân ra về."),
    Story("BALLOT", 1, "Kiểm đếm thấy lệch một tập phiếu so với biên bản giao nhận.", "Đang đối chiếu với biên bản của xã.", "Ghi nhầm số tập trong biên bản; số phiếu đủ, đã lập biên bản đính chính."),
    Story("MED", 1, "Một thành viên tổ phục vụ mệt, đã sơ cứu tại chỗ.", "Trạm y tế đã cử người đến kiểm tra.", "Sức khỏe ổn định, đã bố trí người thay."),
    Story("CYBER", 1, "Trang thông tin của địa phương truy cập chậm bất thường.", "Đơn vị kỹ thuật đang theo dõi lưu lượng.", "Do quá tải lượt truy cập, đã tăng cấu hình; không phải tấn công."),
    Story("DISORDER", 1, "Có người say rượu gây ồn ào gần điểm bầu cử.", "Lực lượng tại chỗ đã nhắc nhở, đưa ra khỏi khu vực.", "Tình hình ổn định, không ảnh hưởng đến điểm bầu cử."),
    Story("POWER", 2, "Mất điện toàn khu dân cư do cành cây gãy vào đường dây.", "Máy phát dự phòng chạy ổn định, còn nhiên liệu cho sáu giờ.", "Điện lực đã khắc phục, có điện lưới trở lại."),
    Story("CUTOFF", 2, "Ngầm tràn ngập, xe máy không qua được, người dân đi đường vòng.", "Đã cắm biển cảnh báo và cử người trực hai đầu ngầm.", "Nước đã rút, ngầm thông, lực lượng vẫn trực cảnh giới."),
    Story("TRAFFIC", 1, "Va chạm giao thông nhẹ trước cổng, không có người bị thương, ùn tắc ngắn.", "Đang phân luồng từ xa.", "Đã giải tỏa hiện trường, giao thông bình thường."),
    Story("EPI", 1, "Có trường hợp sốt, ho trong tổ phục vụ; đã bố trí nghỉ.", "Trạm y tế lấy mẫu, khử khuẩn phòng bỏ phiếu.", "Kết quả âm tính, đã khử khuẩn, điểm bầu cử an toàn."),
)  # fmt: skip
AT_THE_BORDER = Story("BORDER", 1, "Mưa làm đổ biển báo khu vực biên giới gần điểm bầu cử.", "Đồn biên phòng đã cử tổ đến kiểm tra.", "Đã dựng lại biển báo, khu vực bình thường.")  # fmt: skip
AT_SEA = Story("SEA", 1, "Sóng lớn, tàu chở tài liệu ra đảo khởi hành chậm một giờ.", "Tàu neo tại bến, tài liệu được bảo vệ, niêm phong nguyên vẹn.", "Tàu đã đến đảo an toàn, tài liệu bàn giao đủ.")  # fmt: skip

# Where the day's incidents happen, in order of time; three provinces see a little more than the others.
PROVINCES = (
    "38", "01", "14", "40", "79", "12", "25", "66", "31", "08", "91", "38", "48", "20", "01", "52", "15", "92",
    "33", "46", "96", "68", "24", "11", "14", "86", "37", "75", "82", "19", "42", "01", "80", "04", "51", "38",
)  # fmt: skip


@dataclass(frozen=True)
class Open:
    """An incident that is still being worked on: its steps as (minutes after the report, verb, post, text)."""

    minutes_ago: int
    province: str
    kind: str
    category: str
    severity: int
    summary: str
    steps: tuple[tuple[int, str, str, str], ...]


STILL_OPEN = (
    Open(190, "14", "border", "CUTOFF", 3, "Sạt lở ta luy dương, đường vào ba bản bị chia cắt; điểm bầu cử an toàn, liên lạc thông suốt.", (
        (2, "acknowledge", "province", ""),
        (11, "verify", "province", "Khoảng ba mươi mét đường bị vùi lấp, không có người bị thương."),
        (24, "respond", "province", "Đã huy động lực lượng tại chỗ và hai máy xúc mở lối đi tạm."),
        (52, "note", "ministry", "Trực ban Bộ đã nắm tình hình, đề nghị báo cáo khi thông lối đi tạm."),
        (118, "note", "province", "Đã thông lối đi bộ; hòm phiếu phụ và tài liệu được chuyển vào an toàn."),
    )),
    Open(84, "38", "regular", "POWER", 2, "Mất điện do sự cố trạm biến áp, điểm bầu cử đang dùng máy phát dự phòng.", (
        (3, "acknowledge", "province", ""),
        (12, "verify", "province", "Ba điểm bầu cử liền kề cùng mất điện, máy phát đều hoạt động."),
        (20, "respond", "province", "Điện lực đang thay máy biến áp, dự kiến hai giờ."),
    )),
    Open(57, "40", "regular", "WEATHER", 2, "Mưa lớn, nước suối lên nhanh, đường đến điểm bầu cử đi lại khó khăn.", (
        (4, "acknowledge", "province", ""),
        (16, "verify", "province", "Mực nước còn cách mặt ngầm nửa mét, có người trực cảnh giới."),
    )),
    Open(33, "01", "regular", "TRAFFIC", 1, "Ùn tắc trước cổng điểm bầu cử do thi công vỉa hè.", (
        (5, "acknowledge", "province", ""),
        (14, "verify", "province", "Đã yêu cầu đơn vị thi công thu dọn vật liệu, hoàn trả mặt bằng."),
    )),
)  # fmt: skip

# Answered four minutes after its deadline, and therefore called out once.
LATE = Story("STAFF", 1, "Thiếu hai người trong tổ bảo vệ do xe đưa đón đến muộn.", "Đã bổ sung lực lượng dân quân tại chỗ.", "Tổ bảo vệ đã đủ quân số.")  # fmt: skip
LATE_PROVINCE = "22"

# The ward that the demo's commune officer belongs to: (minutes ago, number of the site, story).
IN_TO_HIEU = ((735, 12, STORIES[1]), (268, 7, STORIES[0]))
