"""Which accounts does the demo have, and what does each of them hold?"""

import datetime as dt
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType

from command_center import env
from subcommittees.models import Appointment, Grant, Unit, User
from subcommittees.vietnamese import fold

HELD_SINCE = dt.timedelta(days=30)


@dataclass(frozen=True)
class Account:
    """`title` names a post, never a person."""

    username: str
    title: str
    role: str
    path: str


NAMED = (
    Account("bo.truongtieuban", "Trưởng Tiểu ban An ninh, trật tự bầu cử", "ministry_head", "vn/"),
    Account("bo.trucban", "Trực ban Tiểu ban, Bộ Công an", "ministry_duty", "vn/"),
    Account("bo.manhinh", "Màn hình theo dõi, Bộ Công an", "wall", "vn/"),
    Account("bo.thuky", "Thư ký Tổ giúp việc Tiểu ban", "secretary", "vn/"),
    Account("sonla.thammuu", "Phòng Tham mưu Công an tỉnh Sơn La", "province_staff", "vn/14/"),
    Account("sonla.tohieu", "Trực ban Công an phường Tô Hiệu", "commune", "vn/14/03646/"),
    Account("k02.trucban", "Trực ban Bộ Tư lệnh Cảnh sát cơ động", "command_duty", "vn/K02/"),
    Account("yte.lienlac", "Liên lạc ngành y tế", "health_liaison", "vn/"),
    Account("quantri", "Quản trị tài khoản", "accounts", "vn/"),
)


def password() -> str:
    """The one password of all demo accounts; DEMO_PASSWORD changes it."""
    return env.text("DEMO_PASSWORD") or "bau-cu-2026-demo"


def accounts(provinces: list[Unit]) -> list[Account]:
    """The named posts, and the duty officer of every province: `sonla.trucban`."""
    return [*NAMED, *(_duty_officer(province) for province in provinces)]


def _duty_officer(province: Unit) -> Account:
    username = f"{fold(province.short).replace(' ', '')}.trucban"
    name = province.name[0].lower() + province.name[1:]
    return Account(username, f"Trực ban Công an {name}", "province_duty", province.path)


def load(units: list[Unit], now: dt.datetime) -> list[User]:
    """Write every account with its appointment and the key that goes with it."""
    wanted = accounts([unit for unit in units if unit.kind == Unit.Kind.PROVINCE])
    at = {unit.path: unit for unit in units}
    hashed = make_password(password())  # once: hashing is slow on purpose
    people = User.objects.bulk_create(
        [User(username=one.username, title=one.title, password=hashed) for one in wanted]
    )
    held = list(zip(people, wanted, strict=True))
    Appointment.objects.bulk_create(
        [
            Appointment(
                user=person, unit=at[one.path], path=one.path, role=one.role, starts_at=now - HELD_SINCE
            )
            for person, one in held
        ]
    )
    of_units = Permission.objects.filter(content_type=ContentType.objects.get_for_model(Unit))
    keys = {key.codename: key for key in of_units}
    Grant.objects.bulk_create(
        [Grant(user=person, permission=keys[one.role], content_object=at[one.path]) for person, one in held]
    )
    return people
