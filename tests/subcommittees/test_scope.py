"""Does reach follow from the appointments that stand, and nothing else?"""

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser, Permission
from django.core.exceptions import PermissionDenied
from django.db import transaction

from incidents import actions
from incidents.models import Incident
from journal import clock
from journal.log import Place, Subject, record
from journal.models import Event
from sites.models import Site
from subcommittees import scope
from subcommittees.models import Appointment, Grant, Unit, User
from subcommittees.roles import ACCOUNTS, CLOCK, MAXIMUM, ROLES, STAFFING, TAKE
from subcommittees.scope import SYSTEM, Reach
from tests.cast import OFFICERS

PATHS = ["vn/", "vn/14/", "vn/14/03646/", "vn/14/03664/", "vn/15/", "vn/15/03006/", "vn/K02/"]


def fresh(user):
    """The same person in a new request: reach is read once for each."""
    return User.objects.get(pk=user.pk)


def appoint(cast, who, role, place, **more):
    unit = getattr(cast.unit, place)
    Appointment.objects.create(
        user=who, unit=unit, path=unit.path, role=role, **{"starts_at": clock.now(), **more}
    )
    key = Permission.objects.get(codename=role, content_type__model="unit")
    Grant.objects.get_or_create(user=who, content_object=unit, permission=key)
    return fresh(who)


def test_every_role_is_named_in_both_languages_and_held_somewhere():
    for role in ROLES.values():
        assert role.name.vi
        assert role.name.en
        assert role.levels
        assert 0 <= role.clearance <= MAXIMUM


def test_what_only_a_clock_may_do_no_role_may():
    """But to plan the calendar, which the founding of an operation does by itself."""
    for role in ROLES.values():
        assert role.verbs & CLOCK <= {"slot.plan"}


def test_who_administers_accounts_does_nothing_else():
    assert ROLES["accounts"].verbs == ACCOUNTS | TAKE
    assert not any(role.verbs & (ACCOUNTS - STAFFING) for role in ROLES.values() if role.code != "accounts")
    assert ROLES["wall"].verbs == frozenset()


@pytest.mark.parametrize("who", OFFICERS)
def test_a_role_reaches_its_unit_and_all_below_and_no_other(who, cast):
    role, place = OFFICERS[who]
    user = cast.officers[who]
    for path in PATHS:
        inside = bool(place) and path.startswith(getattr(cast.unit, place).path)
        seen = scope.visible(Unit.objects.filter(path=path), user).exists()
        assert seen == inside, path
        for verb in ("incident.report", "incident.acknowledge", "appointment.grant", "account.create"):
            right = inside and verb in ROLES[role].verbs
            topics = ROLES[role].topics if role else None
            for topic in ("fire", "health", "people"):
                may = right and (topics is None or topic in topics)
                assert scope.may(user, verb, path, topic) == may, (verb, path, topic)


def test_a_path_is_no_beginning_of_a_name(cast):
    """`vn/1/` is not above `vn/14/`, nor `vn/14` a unit."""
    assert not Reach("vn/1/", "province_duty").covers("vn/14/")
    assert not Reach("vn/14/", "province_duty").covers("vn/144/")
    held = (Reach("vn/_4/", "province_duty"), Reach("vn/%/", "province_duty"))
    assert not Unit.objects.filter(scope.condition(held, Unit)).exists()


@pytest.mark.parametrize(("model", "who", "count"), [
    (Unit, "duty", 9), (Unit, "sonla", 3), (Unit, "tohieu", 1), (Unit, "health", 9), (Unit, "nobody", 0),
    (Site, "duty", 8), (Site, "sonla", 4), (Site, "tohieu", 2), (Site, "health", 8), (Site, "admin", 0),
    (Appointment, "admin", 14), (Appointment, "sonla", 5), (Appointment, "health", 0), (Appointment, "k02", 1),
])  # fmt: skip
def test_rows_are_seen_by_place_and_topic(model, who, count, cast):
    assert scope.visible(model.objects.all(), cast.officers[who]).count() == count


def test_two_posts_are_two_reaches_and_not_their_product(cast):
    """Health for the nation and everything of one commune is not everything of the nation."""
    user = appoint(cast, cast.health, "commune", "tohieu")
    for name in ("tohieu_1", "sapa_1"):
        for category in ("FIRE", "MED", "VIP"):
            actions.report(
                by=cast.duty,
                operation=cast.operation,
                site=getattr(cast.site, name),
                category=category,
                severity=2,
            )
    seen = scope.visible(Incident.objects.all(), user).values_list("site__code", "category")
    assert sorted(seen) == [
        ("14-03646-001", "FIRE"), ("14-03646-001", "MED"), ("14-03646-001", "VIP"), ("15-03006-001", "MED"),
    ]  # fmt: skip
    assert scope.may(user, "incident.report", "vn/14/03646/", "fire")
    assert not scope.may(user, "incident.report", "vn/15/03006/", "health")


def test_clearance_is_part_of_reach(cast):
    low, high = Reach("vn/", "health_liaison"), Reach("vn/", "ministry_duty")
    assert not low.covers("vn/14/", "health", 1)
    assert high.covers("vn/14/", "health", MAXIMUM)
    assert not high.covers("vn/14/", "health", MAXIMUM + 1)


@pytest.mark.parametrize(("change", "stands"), [
    ({"starts_at": dt.timedelta(hours=1)}, False), ({"ends_at": dt.timedelta(hours=-1)}, False),
    ({"ends_at": dt.timedelta(hours=1)}, True), ({"starts_at": dt.timedelta(hours=-1)}, True),
])  # fmt: skip
def test_an_appointment_stands_from_its_beginning_until_its_end(change, stands, cast):
    moments = {name: clock.now() + shift for name, shift in change.items()}
    Appointment.objects.filter(user=cast.sonla).update(**moments)
    assert bool(scope.reach(fresh(cast.sonla))) == stands


def test_time_alone_begins_and_ends_it(cast, move_clock):
    at = clock.now()
    Appointment.objects.filter(user=cast.sonla).update(
        starts_at=at + dt.timedelta(hours=1), ends_at=at + dt.timedelta(hours=2)
    )
    reached = []
    for hours in (0, 1.5, 3):
        move_clock(hours=hours)
        reached.append(bool(scope.reach(fresh(cast.sonla))))
    assert reached == [False, True, False]


def test_key_and_appointment_are_both_needed(cast):
    Grant.objects.filter(user=cast.sonla).delete()
    Appointment.objects.filter(user=cast.laocai).delete()
    assert scope.reach(fresh(cast.sonla)) == scope.reach(fresh(cast.laocai)) == ()


def test_a_shut_account_and_a_stranger_reach_nothing(cast):
    User.objects.filter(pk=cast.sonla.pk).update(is_active=False)
    assert scope.reach(fresh(cast.sonla)) == ()
    assert scope.reach(AnonymousUser()) == ()
    assert not scope.visible(Unit.objects.all(), AnonymousUser()).exists()
    assert scope.home(AnonymousUser()) is None


def test_a_role_that_was_struck_off_reaches_nothing(cast):
    Appointment.objects.filter(user=cast.sonla).update(role="king")
    assert scope.reach(fresh(cast.sonla)) == ()


def test_reach_is_one_statement_and_read_once(cast, django_assert_num_queries):
    user = fresh(cast.sonla)
    with django_assert_num_queries(1):
        for _ in range(3):
            scope.reach(user)
    with django_assert_num_queries(1):
        found = scope.reaches(one.pk for one in cast.officers.values())
    assert len(found) == len(OFFICERS)
    assert found[cast.nobody.pk] == ()


def test_a_refusal_is_an_error_and_a_right_names_its_post(cast):
    assert (
        scope.require(cast.sonla, "incident.verify", "vn/14/03646/", "fire")
        == "Trực ban cấp tỉnh · Tỉnh Sơn La"
    )
    for who, verb, path in [
        (cast.sonla, "incident.verify", "vn/15/"), (cast.sonla, "incident.verify", "vn/"),
        (cast.tohieu, "incident.verify", "vn/14/03646/"), (cast.wall, "incident.note", "vn/14/"),
        (cast.nobody, "incident.note", "vn/14/"), (cast.sonla, "incident.no_such", "vn/14/"),
        (cast.sonla, "incident.call_out", "vn/14/"),
    ]:  # fmt: skip
        with pytest.raises(PermissionDenied):
            scope.require(who, verb, path, "fire")


def test_the_system_does_what_clocks_do_and_nothing_else():
    for verb in CLOCK:
        assert scope.require(SYSTEM, verb, "vn/14/") == "Hệ thống"
    for role in ROLES.values():
        for verb in role.verbs - CLOCK:
            with pytest.raises(PermissionDenied):
                scope.require(SYSTEM, verb, "vn/14/")


HEADS = {"bau-cu/bo": 3, "bau-cu/14": 5, "bau-cu/15": 7, "dien-tap/14": 2}


@pytest.mark.parametrize(("who", "streams", "whole"), [
    ("duty", {"bau-cu/bo", "bau-cu/14", "bau-cu/15"}, {"bau-cu/bo", "bau-cu/14", "bau-cu/15"}),
    ("wall", {"bau-cu/bo", "bau-cu/14", "bau-cu/15"}, set()),
    ("health", {"bau-cu/bo", "bau-cu/14", "bau-cu/15"}, set()),
    ("sonla", {"bau-cu/14"}, {"bau-cu/14"}), ("tohieu", {"bau-cu/14"}, set()), ("laocai", {"bau-cu/15"}, {"bau-cu/15"}),
    ("k02", {"bau-cu/bo"}, set()), ("nobody", set(), set()),
])  # fmt: skip
def test_numbers_are_shown_to_who_sees_every_event_of_a_stream(who, streams, whole, cast):
    held = scope.reach(cast.officers[who])
    found = scope.streams(held, HEADS, "bau-cu")
    assert found == streams
    assert {stream for stream in found if scope.whole_stream(held, stream)} == whole


def test_what_is_addressed_to_a_unit_is_seen_by_it_and_not_below(cast):
    """A directive from Sơn La to Lào Cai's province: its duty officer reads it, its communes do not."""
    with transaction.atomic():
        record(
            "directive.issued", at=clock.now(), operation="bau-cu", unit=Place("vn/14/", "Sơn La"),
            subject=Subject("directive", "1", "CD-1"), topic="order", actor="x", post="x", line={}, after=None,
            audience=["vn/15/"],
        )  # fmt: skip
    seen = {
        who: Event.objects.filter(scope.condition(scope.reach(user), Event)).exists()
        for who, user in cast.officers.items()
    }
    assert {who for who, sees in seen.items() if sees} == {
        "head", "duty", "wall", "secretary", "sonla", "sonla_head", "sonla_staff", "laocai",
    }  # fmt: skip


def test_home_is_the_highest_unit_held(cast):
    assert [scope.home(cast.officers[who]) for who in ("duty", "sonla", "tohieu", "nobody")] == [
        "vn/", "vn/14/", "vn/14/03646/", None,
    ]  # fmt: skip
    assert scope.home(appoint(cast, cast.tohieu, "province_duty", "sonla")) == "vn/14/"
