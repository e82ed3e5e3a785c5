"""Do posts and accounts change only as they should, by whom they should?"""

import datetime as dt
import json
import threading

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.test import Client
from rest_framework.authtoken.models import Token

from journal import clock
from journal.models import Event
from subcommittees import actions, scope, tasks
from subcommittees.models import Appointment, Grant, User
from subcommittees.roles import ROLES
from subcommittees.scope import SYSTEM
from tests.doors import settled

HOUR = dt.timedelta(hours=1)


def grant(cast, **more):
    given = {"by": cast.admin, "user": cast.nobody, "unit": cast.unit.tohieu, "role": "commune"} | more
    with settled():
        return actions.grant(operation=cast.operation, **given)


def told():
    return list(Event.objects.order_by("n").values_list("verb", flat=True))


def reached(user):
    return [(one.path, one.role) for one in scope.reach(User.objects.get(pk=user.pk))]


def test_an_appointment_gives_reach_at_once_and_is_told(cast):
    grant(cast)
    assert reached(cast.nobody) == [("vn/14/03646/", "commune")]
    event = Event.objects.get()
    assert (event.verb, event.path, event.topic) == ("appointment.granted", "vn/14/03646/", "people")
    assert event.said["line"]["role"] == "commune"
    assert event.said["after"] == {}


def test_a_disabled_account_is_not_appointed(cast):
    with settled():
        actions.disable_account(by=cast.admin, operation=cast.operation, user=cast.nobody, reason="Nghỉ")
    cast.nobody.is_active = True  # as somebody still has it in hand
    with pytest.raises(ValidationError):
        grant(cast)
    assert not Appointment.objects.filter(user=cast.nobody).exists()


@pytest.mark.parametrize(("role", "place", "right"), [
    (role.code, place, str(level) in {str(one) for one in role.levels})
    for role in ROLES.values()
    for place, level in [("bo", "ministry"), ("tgv", "helper_team"), ("k02", "command"), ("sonla", "province"),
                         ("tohieu", "commune")]
])  # fmt: skip
def test_a_role_is_held_at_its_own_kind_of_unit(role, place, right, cast):
    if right:
        assert grant(cast, role=role, unit=getattr(cast.unit, place)).role == role
        return
    with pytest.raises(ValidationError):
        grant(cast, role=role, unit=getattr(cast.unit, place))
    assert told() == []


@pytest.mark.parametrize(("who", "role", "place", "right"), [
    ("sonla_staff", "commune", "tohieu", True), ("sonla_staff", "province_duty", "sonla", True),
    ("sonla_staff", "wall", "sonla", True),
    ("sonla_staff", "province_staff", "sonla", False),  # who staffs hands on no right to staff
    ("sonla_staff", "accounts", "sonla", False), ("sonla_staff", "commune", "sapa", False),
    ("sonla_staff", "ministry_duty", "bo", False), ("sonla", "commune", "tohieu", False),
    ("sonla_head", "commune", "tohieu", False), ("head", "province_duty", "sonla", False),
    ("tohieu", "commune", "tohieu", False), ("wall", "wall", "bo", False), ("nobody", "commune", "tohieu", False),
    ("admin", "accounts", "sonla", True), ("admin", "province_staff", "sonla", True),
    ("admin", "ministry_head", "bo", True),
])  # fmt: skip
def test_who_may_appoint_whom(who, role, place, right, cast):
    given = {"by": cast.officers[who], "role": role, "unit": getattr(cast.unit, place), "user": cast.chiengan}
    if right:
        assert grant(cast, **given)
        return
    with pytest.raises(PermissionDenied):
        grant(cast, **given)
    assert told() == []


@pytest.mark.parametrize("who", ["admin", "sonla_staff"])
def test_nobody_appoints_themselves(who, cast):
    """Or an administrator of accounts could open every operation to herself."""
    with pytest.raises(ValidationError):
        grant(
            cast, by=cast.officers[who], user=cast.officers[who], unit=cast.unit.sonla, role="province_duty"
        )
    assert told() == []


@pytest.mark.parametrize("period", [(HOUR, HOUR), (HOUR, dt.timedelta(0)), (dt.timedelta(0), -HOUR)])
def test_an_end_before_the_beginning_is_refused(period, cast):
    at = clock.now()
    with pytest.raises(ValidationError):
        grant(cast, starts_at=at + period[0], ends_at=at + period[1])


def test_a_post_for_later_counts_later(cast, move_clock):
    grant(cast, starts_at=clock.now() + HOUR, ends_at=clock.now() + 2 * HOUR)
    assert reached(cast.nobody) == []
    move_clock(hours=1.5)
    assert reached(cast.nobody) == [("vn/14/03646/", "commune")]


def test_relief_ends_it_at_once_and_is_told_once(cast):
    row = Appointment.objects.get(user=cast.tohieu)
    for _ in range(2):
        row = actions.relieve(
            by=cast.admin, operation=cast.operation, appointment=row, reason="Chuyển công tác"
        )
    assert reached(cast.tohieu) == []
    assert told() == ["appointment.relieved"]
    assert Event.objects.get().said["line"]["text"] == "Chuyển công tác"
    assert not Grant.objects.filter(user=cast.tohieu).exists()


def test_relief_before_the_beginning_lets_it_never_begin(cast, move_clock):
    row = grant(cast, starts_at=clock.now() + HOUR)
    actions.relieve(by=cast.admin, operation=cast.operation, appointment=row)
    move_clock(hours=2)
    assert reached(cast.nobody) == []


@pytest.mark.parametrize(("who", "whose"), [
    ("sonla", "tohieu"), ("sonla_staff", "sapa"), ("laocai", "tohieu"), ("wall", "tohieu"), ("tohieu", "tohieu"),
    ("sonla_staff", "duty"), ("duty", "tohieu"),
])  # fmt: skip
def test_who_may_not_relieve(who, whose, cast):
    row = Appointment.objects.get(user=cast.officers[whose])
    with pytest.raises(PermissionDenied), settled():
        actions.relieve(by=cast.officers[who], operation=cast.operation, appointment=row)
    assert told() == []


@pytest.mark.parametrize("who", ["admin", "sonla_staff"])
def test_nobody_relieves_themselves(who, cast):
    row = Appointment.objects.get(user=cast.officers[who])
    with pytest.raises(ValidationError), settled():
        actions.relieve(by=cast.officers[who], operation=cast.operation, appointment=row)
    assert reached(cast.officers[who])


def test_who_staffs_neither_gives_nor_takes_a_post_that_staffs(cast):
    second = actions.grant(
        by=cast.admin, operation=cast.operation, user=cast.nobody, unit=cast.unit.sonla, role="province_staff"
    )
    with pytest.raises(PermissionDenied), settled():
        actions.relieve(by=cast.sonla_staff, operation=cast.operation, appointment=second)
    assert reached(cast.nobody) == [("vn/14/", "province_staff")]


def test_one_of_two_same_posts_may_end(cast):
    """The key stays while another appointment to the same role and unit stands on it."""
    first, second = grant(cast), grant(cast)
    assert Grant.objects.filter(user=cast.nobody).count() == 1
    actions.relieve(by=cast.admin, operation=cast.operation, appointment=first)
    assert reached(cast.nobody) == [("vn/14/03646/", "commune")]
    actions.relieve(by=cast.admin, operation=cast.operation, appointment=second)
    assert reached(cast.nobody) == []
    assert not Grant.objects.filter(user=cast.nobody).exists()


def test_the_sweep_takes_the_keys_that_ran_out_once(cast, move_clock):
    row = grant(cast, ends_at=clock.now() + HOUR)
    assert tasks.tidy_ended_authority() == 0
    assert actions.tidy(by=SYSTEM, appointment_id=row.pk) is False
    move_clock(hours=2)
    assert reached(cast.nobody) == [], "reach ends by itself, before any sweep"
    assert Grant.objects.filter(user=cast.nobody).exists()
    assert [tasks.tidy_ended_authority() for _ in range(2)] == [1, 0]
    assert not Grant.objects.filter(user=cast.nobody).exists()
    assert told() == ["appointment.granted"]


def test_a_new_account_opens_with_its_password_and_nothing_keeps_it(cast):
    user, password = actions.create_account(
        by=cast.admin,
        operation=cast.operation,
        unit=cast.unit.tohieu,
        username=" thu.moi ",
        title=" Cán bộ mới ",
    )
    assert (user.username, user.title, user.is_active) == ("thu.moi", "Cán bộ mới", True)
    assert len(password) >= 12
    assert User.objects.get(username="thu.moi").check_password(password)
    assert reached(user) == []
    assert told() == ["account.created"]
    assert password not in Event.objects.get().body


@pytest.mark.parametrize("username", ["", "thu.sonla", "Thu.Moi", "a b", "á", "-a", "a" * 61])
def test_an_account_needs_a_proper_name_of_its_own(username, cast):
    with pytest.raises(ValidationError), settled():
        actions.create_account(
            by=cast.admin, operation=cast.operation, unit=cast.unit.tohieu, username=username, title="Cán bộ"
        )
    assert told() == []


@pytest.mark.parametrize("who", ["sonla_staff", "sonla", "head", "wall", "tohieu", "nobody"])
def test_who_may_not_open_or_shut_accounts(who, cast):
    by = cast.officers[who]
    with pytest.raises(PermissionDenied), settled():
        actions.create_account(
            by=by, operation=cast.operation, unit=cast.unit.tohieu, username="thu.moi", title="Cán bộ"
        )
    for switch in (actions.disable_account, actions.enable_account):
        with pytest.raises(PermissionDenied), settled():
            switch(by=by, operation=cast.operation, user=cast.chiengan)
    assert told() == []


def test_an_account_is_shut_and_opened_once_each(cast):
    for _ in range(2):
        actions.disable_account(by=cast.admin, operation=cast.operation, user=cast.tohieu, reason="Nghỉ")
    assert reached(cast.tohieu) == []
    assert not Token.objects.filter(user=cast.tohieu).exists()
    for _ in range(2):
        actions.enable_account(by=cast.admin, operation=cast.operation, user=cast.tohieu)
    assert reached(cast.tohieu) == [("vn/14/03646/", "commune")], "its appointments stood all the time"
    assert told() == ["account.disabled", "account.enabled"]


def test_nobody_shuts_their_own_account(cast):
    with pytest.raises(ValidationError), settled():
        actions.disable_account(by=cast.admin, operation=cast.operation, user=cast.admin)
    assert reached(cast.admin)


def test_an_account_with_a_post_elsewhere_is_not_a_provinces_to_shut(cast):
    """A provincial administrator shuts who serves in the province only."""
    grant(cast, role="accounts", unit=cast.unit.sonla)
    by = User.objects.get(pk=cast.nobody.pk)
    actions.disable_account(by=by, operation=cast.operation, user=cast.chiengan)
    grant(cast, user=cast.tohieu, unit=cast.unit.sapa)
    for user in (cast.tohieu, cast.laocai, cast.duty):
        with pytest.raises(PermissionDenied), settled():
            actions.disable_account(by=by, operation=cast.operation, user=user)


def test_a_token_is_renewed_and_withdrawn_by_its_owner(cast):
    before = Token.objects.get(user=cast.sonla).key
    after = actions.renew_token(by=cast.sonla)
    assert after != before
    assert Token.objects.get(user=cast.sonla).key == after
    actions.withdraw_token(by=cast.sonla)
    assert not Token.objects.filter(user=cast.sonla).exists()
    assert told() == []


@pytest.mark.parametrize("password", ["", "ngan", "1234567890", "thu.sonla.1234", "password1234"])
def test_a_weak_password_is_refused(password, cast):
    before = cast.sonla.password
    with pytest.raises(ValidationError), settled():
        actions.change_own_password(by=cast.sonla, password=password)
    assert User.objects.get(pk=cast.sonla.pk).password == before


def test_nothing_secret_is_ever_told(cast):
    grant(cast)
    _, password = actions.create_account(
        by=cast.admin, operation=cast.operation, unit=cast.unit.tohieu, username="thu.moi", title="Cán bộ"
    )
    actions.disable_account(by=cast.admin, operation=cast.operation, user=cast.chiengan)
    actions.change_own_password(by=cast.sonla, password="mot-mat-khau-khac-han")
    token = actions.renew_token(by=cast.sonla)
    bodies = "".join(Event.objects.values_list("body", flat=True))
    assert not [one for one in (password, token, "mot-mat-khau", cast.sonla.password) if one in bodies]
    assert json.loads(Event.objects.first().body)["actor"] == "thu.admin"


def together(*acts):
    """What each says or raises, begun at the same moment in a thread of its own."""
    gate, said = threading.Barrier(len(acts)), []

    def run(act):
        try:
            gate.wait()
            said.append(act())
        except Exception as error:  # noqa: BLE001 - what is raised is what is asked for
            said.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


def test_a_session_that_slept_does_not_come_back_with_the_account(cast, client):
    client.force_login(cast.sonla, backend="django.contrib.auth.backends.ModelBackend")
    other = Client()
    other.force_login(cast.laocai, backend="django.contrib.auth.backends.ModelBackend")
    actions.disable_account(by=cast.admin, operation=cast.operation, user=cast.sonla)
    actions.enable_account(by=cast.admin, operation=cast.operation, user=cast.sonla)
    assert client.get("/api/me/").status_code == 401
    assert other.get("/api/me/").status_code == 200


def test_a_key_that_is_handed_out_again_meanwhile_is_not_taken(committed):
    """Relief and a new appointment to the same post at once: the new one must be able to act."""
    row = Appointment.objects.get(user=committed.tohieu)
    begun, granted = threading.Event(), threading.Event()

    def relieve():
        with transaction.atomic():
            actions.relieve(by=committed.admin, operation=committed.operation, appointment=row)
            begun.set()
            granted.wait(0.5)

    def again():
        begun.wait(5)
        grant(committed, user=committed.tohieu)
        granted.set()

    assert together(relieve, again) == [None, None]
    assert reached(User.objects.get(pk=committed.tohieu.pk)) == [("vn/14/03646/", "commune")]


def test_of_two_accounts_of_one_name_at_once_one_is_refused(committed):
    given = {
        "operation": committed.operation,
        "unit": committed.unit.bo,
        "username": "thu.moi",
        "title": "Trực ban",
    }
    said = together(*[lambda: actions.create_account(by=committed.admin, **given)] * 2)
    assert sorted(type(one).__name__ for one in said) == ["ValidationError", "tuple"]


def test_presses_for_a_new_token_at_once_each_get_one(committed):
    said = together(*[lambda: actions.renew_token(by=committed.sonla)] * 4)
    assert [type(one) for one in said] == [str] * 4
    assert Token.objects.get(user=committed.sonla).key in said
