"""Who may do what? One line a role."""

from dataclasses import dataclass
from enum import StrEnum

from subcommittees.words import Words


class Level(StrEnum):
    """The kind of unit that a role is held at."""

    MINISTRY = "ministry"
    HELPER_TEAM = "helper_team"
    COMMAND = "command"
    PROVINCE = "province"
    COMMUNE = "commune"


ALL = None  # every topic
MAXIMUM = 3  # tuyệt mật: whoever answers for a unit must see all of it
HEALTH = frozenset({"health", "sites"})
PEOPLE = frozenset({"people"})

ANSWER = frozenset({"incident.acknowledge", "incident.verify", "incident.respond", "incident.resolve"})
JUDGE = frozenset(
    {
        "incident.raise",
        "incident.lower",
        "incident.close",
        "incident.false_alarm",
        "incident.reopen",
    }
)
REPORT = frozenset({"incident.report", "incident.note"})
STAFFING = frozenset({"appointment.grant", "appointment.relieve"})
LOOK = frozenset({"account.view_as"})  # through the eyes of those only whose whole reach is within one's own
ACCOUNTS = STAFFING | {
    "account.create",
    "account.disable",
    "account.enable",
    "account.reset",
    "account.address",
}
# The register of places comes in as files. Provinces keep their own; the nation's is put together by the helper team,
# which otherwise acts on nothing.
REGISTER = frozenset({"site.import", "unit.import"})
# Readiness: of one's own sites and unit, or of those below that can only telephone; what comes in is judged.
FILE = frozenset({"readiness.file", "readiness.file_unit"})
CHASE = frozenset(
    {
        "readiness.file_for",
        "readiness.verify",
        "readiness.send_back",
        "readiness.inspect",
        "readiness.urge",
        "finding.close",
    }
)
LIFE = frozenset(
    {
        "site.survey",
        "site.open",
        "site.interrupt",
        "site.resume",
        "site.close",
        "site.count",
        "site.hand_over",
        "site.finish",
    }
)
RULE = frozenset({"site.reopen", "site.relocate", "site.protect", "site.extend"})  # about the sites of others
PLAN = frozenset({"slot.plan", "slot.edit", "checklist.add", "checklist.retire"})
LOCAL = frozenset({"checklist.add", "checklist.retire"})
# What one sees, as a file: all but a screen on a wall.
TAKE = frozenset({"list.export"})
# The only verbs a sweep may use.
CLOCK = frozenset(
    {
        "incident.call_out",
        "appointment.tidy",
        "account.end_view",
        "readiness.remind",
        "readiness.check",
        "finding.escalate",
        "slot.plan",  # when an operation is founded
    }
)


@dataclass(frozen=True)
class Role:
    code: str
    name: Words
    levels: frozenset[Level]
    verbs: frozenset[str]
    topics: frozenset[str] | None = ALL
    clearance: int = MAXIMUM
    duty: bool = False  # is called when something happens
    superior: bool = False  # is told when those on duty do not answer


def _role(code: str, vi: str, en: str, levels: set[Level], verbs: frozenset[str], **more: object) -> Role:
    return Role(code, Words(vi, en), frozenset(levels), verbs, **more)  # type: ignore[arg-type]


M, T, K, P, C = Level.MINISTRY, Level.HELPER_TEAM, Level.COMMAND, Level.PROVINCE, Level.COMMUNE
EVERY = REPORT | ANSWER | JUDGE | FILE | CHASE | LIFE | RULE | TAKE

_TABLE = (
    _role("ministry_head", "Trưởng Tiểu ban", "Head of the subcommittee", {M}, EVERY | LOOK | PLAN, superior=True),
    _role("ministry_duty", "Trực ban Bộ", "Ministry duty officer", {M}, EVERY | LOOK, duty=True),
    _role("secretary", "Thư ký Tổ giúp việc", "Helper-team secretary", {M, T}, REGISTER | PLAN | TAKE | {"incident.note"}),
    _role("wall", "Màn hình theo dõi", "Read-only wall", {M, P}, frozenset(), clearance=1),
    _role("province_head", "Trưởng Tiểu ban cấp tỉnh", "Provincial head", {P}, EVERY | LOOK, superior=True),
    _role("province_staff", "Phòng Tham mưu", "Provincial staff division", {P}, EVERY | STAFFING | REGISTER | LOOK | LOCAL),
    _role("province_duty", "Trực ban cấp tỉnh", "Provincial duty officer", {P}, EVERY, duty=True),
    _role("commune", "Công an cấp xã", "Commune officer", {C}, REPORT | FILE | LIFE | TAKE | {"incident.raise", "incident.respond", "incident.resolve"}),
    _role("command_duty", "Trực ban Bộ Tư lệnh", "Command duty officer", {K}, EVERY, duty=True),
    _role("health_liaison", "Liên lạc ngành y tế", "Health liaison", {M, P}, TAKE | {"incident.note"}, topics=HEALTH, clearance=0),
    _role("accounts", "Quản trị tài khoản", "Account administrator", {M, P}, ACCOUNTS | TAKE, topics=PEOPLE, clearance=0),
)  # fmt: skip

ROLES = {role.code: role for role in _TABLE}


def choices() -> list[tuple[str, Words]]:
    return [(role.code, role.name) for role in _TABLE]
