"""What is done about readiness, one case for every action: what the replay test replays."""

import datetime as dt
from zoneinfo import ZoneInfo

from journal import clock
from sites import checklist
from sites.grid import actions as drafts
from sites.inspections import actions as looked
from sites.life import actions as life
from sites.local_items import actions as besides
from sites.models import SiteStatus
from sites.readiness import actions as ready
from sites.readiness import queries as readiness
from sites.readiness.actions import Given
from sites.slots import actions as calendar
from sites.unit_reports import actions as own

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def asked_now(cast):
    """The slot that is open at the cast's election, whose days are planned around now."""
    cast.operation.election_day = clock.now().date() + dt.timedelta(days=10)
    cast.operation.save()
    ready.plan(by=cast.secretary, operation=cast.operation)
    return readiness.asked_now(cast.operation)


def filed(cast, slot=None, **answers):
    said = dict.fromkeys((item.code for item in checklist.asked("regular", "before")), "ok") | answers
    return ready.file(
        by=cast.tohieu, operation=cast.operation, slot=slot or asked_now(cast), unit=cast.unit.tohieu,
        given=[Given(cast.site.tohieu_1, said), Given(cast.site.tohieu_2, {**said, "1": "no", "5": "no"})],
    )  # fmt: skip


def of_tohieu(cast):
    """What a higher level says about the reports of Tô Hiệu."""
    slot = filed(cast).reports[0].slot
    return {"by": cast.sonla, "operation": cast.operation, "slot": slot}


def unit_said(cast, slot=None, **more):
    """What Tô Hiệu says of itself: one item wrong, and too few present."""
    given = {
        "answers": {"post": "ok", "comms": "no", "plans": "ok", "funding": "no"},
        "numbers": {"strength_planned": 40, "strength": 38},
    }  # fmt: skip
    who = {"by": cast.tohieu, "operation": cast.operation, "unit": cast.unit.tohieu}
    return own.file_unit(slot=slot or asked_now(cast), **{**who, **given, **more}).report


def of_units(cast):
    """What a higher level says about the unit's own report."""
    slot = unit_said(cast).slot
    return {"by": cast.sonla, "operation": cast.operation, "slot": slot, "unit": cast.unit.tohieu}


def inspected(cast):
    """A site that says that all is well is found otherwise, then in order; so is a unit."""
    slot = filed(cast).reports[0].slot
    unit_said(cast, slot)
    who = {"by": cast.sonla, "operation": cast.operation}
    seen = looked.inspect(**who, site=cast.site.tohieu_1, answers={"9": "no", "5": "no", "2": "ok"})
    later = {"looked_at": clock.now() + dt.timedelta(minutes=1)}
    assert looked.inspect(**who, site=cast.site.tohieu_1, answers={"5": "ok"}, **later)
    return looked.inspect(**who, unit=cast.unit.tohieu, answers={"post": "no"}) and seen


def asked_besides(cast):
    given = {"name_vi": "Rào chắn lối vào", "phase": "before", "serves": "means", "critical": True}
    return besides.add_item(by=cast.sonla_staff, operation=cast.operation, province=cast.unit.sonla, **given)


LIFE = {
    "survey": "unsurveyed", "open_poll": "ready", "interrupt": "voting", "resume": "interrupted", "close": "voting",
    "count": "box_closed", "hand_over": "counting", "finish": "handed_over", "reopen": "finished",
    "relocate": "voting", "protect": "ready", "extend": "voting", "act": "counting",
}  # fmt: skip


def lived(cast, verb):
    """One verb on a site that stands where it can be done, in the evening of its day."""
    SiteStatus.objects.filter(site=cast.site.tohieu_1).update(state=LIFE[verb])
    cast.operation.election_day = clock.now().astimezone(VIETNAM).date()
    cast.operation.save()
    at = dt.datetime.combine(cast.operation.election_day, dt.time(19, 30), VIETNAM)
    cast.move_clock(seconds=(at - clock.now()).total_seconds())
    given = {
        "reason": "Vì thế", "sealed": True, "venue": "Trường học", "zone_from": at,
        "zone_until": at + dt.timedelta(days=1), "closes_at": at + dt.timedelta(hours=1),
    }  # fmt: skip
    name = {"open_poll": "open", "act": "hand_over"}.get(verb, verb)
    return life.act(name, by=cast.sonla, operation=cast.operation, site=cast.site.tohieu_1, **given)


CASES = {
    "readiness.plan": asked_now,
    "readiness.file": lambda cast: filed(cast).reports,
    "grid.save": lambda cast: (
        drafts.save(
            by=cast.tohieu,
            operation=cast.operation,
            unit=cast.unit.tohieu,
            slot=asked_now(cast),
            typed=[drafts.Typed(cast.site.tohieu_1.code, "1", "n")],
        ).saved
    ),
    "slots.edit": lambda cast: calendar.edit(
        by=cast.secretary, operation=cast.operation, slot=asked_now(cast), reason="Hoãn", cancel=True
    ),
    "readiness.verify": lambda cast: ready.verify(**of_tohieu(cast), unit=cast.unit.tohieu),
    "readiness.send_back": lambda cast: ready.send_back(
        **of_tohieu(cast), site=cast.site.tohieu_1, items=["1", "7"], reason="Chưa có dấu duyệt"
    ),
    "inspections.inspect": inspected,
    "local_items.add_item": lambda cast: asked_besides(cast) and filed(cast).reports,
    "local_items.retire_item": lambda cast: besides.retire_item(
        by=cast.sonla_staff, operation=cast.operation, item=asked_besides(cast)
    ),
    "unit_reports.file_unit": unit_said,
    "unit_reports.verify_unit": lambda cast: own.verify_unit(**of_units(cast)),
    "unit_reports.send_back_unit": lambda cast: own.send_back_unit(
        **of_units(cast), items=["post", "strength"], reason="Đếm lại"
    ),
    **{f"life.{verb}": lambda cast, verb=verb: lived(cast, verb) for verb in LIFE},
}
