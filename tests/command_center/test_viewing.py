"""Does a look through another's eyes show no more than one's own right, and let nothing be done?"""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import get_resolver, reverse

from command_center.live import viewers
from incidents import actions as incidents
from incidents.models import Incident
from journal.models import Event, Notice
from subcommittees import actions, queries, scope, tasks
from subcommittees.models import Appointment, User, Viewing
from subcommittees.scope import SYSTEM
from tests.doors import settled, undone, walk
from tests.pages import get, main, report, signed_in, text

BANNER = "banner viewing"


def look(cast, who="duty", whose="sonla"):
    client = signed_in(cast.officers[who])
    with settled():
        answer = client.post(reverse("view-as", args=[cast.officers[whose].username]))
    return client, answer


def told():
    return list(
        Event.objects.filter(verb__startswith="account.").order_by("n").values_list("verb", flat=True)
    )


def test_every_page_shows_what_the_other_sees_under_a_banner(cast):
    report(cast, cast.tohieu, cast.site.tohieu_1)
    report(cast, cast.sapa, cast.site.sapa_1)
    client, answer = look(cast)
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("home"))
    for name in ("incidents", "sites", "units", "people", "notices", "journal", "account"):
        page = text(client.get(reverse(name)))
        assert BANNER in page
        assert cast.sonla.username in page
    refs = main(client.get(reverse("incidents")))
    assert "SC-14-" in refs
    assert "SC-15-" not in refs, "what the looker alone may see is not what the other sees"
    assert client.get("/api/me/").json()["user"]["username"] == cast.sonla.username


def test_start_and_end_are_told_to_the_journal_and_the_officer(cast):
    client, _ = look(cast)
    assert Notice.objects.filter(person=cast.sonla.pk, event__body__contains="account.view_started").exists()
    answer = client.post(reverse("view-end"))
    assert answer.headers["Location"] == reverse("person", args=[cast.sonla.username])
    assert BANNER not in text(client.get(reverse("account")))
    assert told() == ["account.view_started", "account.view_ended"]
    assert {event.said["actor"] for event in Event.objects.all()} == {cast.duty.username}
    client.post(reverse("view-end"))
    assert len(told()) == 2


def test_signing_out_ends_it(cast):
    client, _ = look(cast)
    client.post(reverse("account_logout"))
    assert told()[-1] == "account.view_ended"
    assert not Viewing.objects.filter(ended_at=None).exists()


@pytest.mark.parametrize(("who", "whose", "right"), [
    ("duty", "sonla", True), ("duty", "tohieu", True), ("duty", "wall", True), ("head", "health", True),
    ("duty", "secretary", False),  # imports, which the duty officer may not
    ("sonla_head", "tohieu", True), ("sonla_staff", "sonla", True),
    ("sonla_head", "sonla_staff", False),  # staffing shows accounts that hold no post
    ("sonla", "tohieu", False), ("wall", "tohieu", False), ("tohieu", "tohieu", False),
    ("admin", "tohieu", False), ("admin", "duty", False),  # accounts are no way to operations
    ("duty", "admin", False), ("duty", "duty", False), ("sonla_head", "duty", False), ("sonla_head", "sapa", False),
])  # fmt: skip
def test_nobody_sees_more_than_by_their_own_right(who, whose, right, cast):
    given = {"by": cast.officers[who], "operation": cast.operation, "user": cast.officers[whose]}
    if right:
        assert actions.start_view(**given)
        return
    with pytest.raises(PermissionDenied), settled():
        actions.start_view(**given)
    assert told() == []


def test_one_post_too_many_of_the_other_and_it_is_refused_or_ends(cast):
    client, _ = look(cast, "sonla_head", "tohieu")
    assert BANNER in text(client.get(reverse("account")))
    with settled():
        actions.grant(
            by=cast.admin, operation=cast.operation, user=cast.tohieu, unit=cast.unit.sapa, role="commune"
        )
    page = text(client.get(reverse("account")))
    assert BANNER not in page
    assert cast.sonla_head.username in page
    with pytest.raises(PermissionDenied), settled():
        actions.start_view(
            by=User.objects.get(pk=cast.sonla_head.pk), operation=cast.operation,
            user=User.objects.get(pk=cast.tohieu.pk),
        )  # fmt: skip


def test_who_sees_nothing_is_not_looked_through(cast):
    with pytest.raises(ValidationError):
        actions.start_view(by=cast.admin, operation=cast.operation, user=cast.nobody)


def test_relief_of_the_looker_ends_it_at_once(cast):
    client, _ = look(cast)
    row = Appointment.objects.get(user=cast.duty)
    with settled():
        actions.relieve(by=cast.admin, operation=cast.operation, appointment=row)
    assert BANNER not in text(client.get(reverse("account")))


def test_it_runs_out_and_the_sweep_says_so_once(cast, move_clock):
    client, _ = look(cast)
    move_clock(minutes=31)
    assert BANNER not in text(client.get(reverse("account")))
    tasks.tidy_ended_authority()
    tasks.tidy_ended_authority()
    assert told() == ["account.view_started", "account.view_ended"]
    assert Event.objects.latest("n").said["actor"] == SYSTEM.username


def seen(cast):
    row = actions.start_view(by=cast.duty, operation=cast.operation, user=cast.sonla)
    return queries.seen_through(User.objects.get(pk=cast.duty.pk), row.pk)


def test_actions_refuse_who_only_looks(cast):
    fire = report(cast, cast.tohieu, cast.site.tohieu_1)
    eyes = seen(cast)
    assert scope.reach(eyes) == scope.reach(cast.sonla)
    assert not scope.may(eyes, "incident.acknowledge", fire.path)
    for act in (
        lambda: incidents.acknowledge(by=eyes, incident=fire),
        lambda: report(cast, eyes, cast.site.tohieu_1),
        lambda: actions.renew_token(by=eyes),
        lambda: actions.withdraw_token(by=eyes),
        lambda: actions.change_own_password(by=eyes, password="mot-cau-that-dai-khac"),
        lambda: actions.start_view(by=eyes, operation=cast.operation, user=cast.tohieu),
    ):
        with pytest.raises(PermissionDenied), settled():
            act()
    assert Incident.objects.get().state == "reported"


WAYS_OUT = {"view-end", "account_logout", "set_language", "healthz", "readyz"}


def test_no_door_takes_anything_from_who_only_looks(cast):
    """Every door there is, not those that somebody remembered."""
    client, _ = look(cast)
    given = {
        "verb": "acknowledge", "username": "thu.tohieu", "unit": "vn/14/", "code": "x", "appointment": 1,
        "incident": "00000000-0000-0000-0000-000000000000", "job": "00000000-0000-0000-0000-000000000000",
        "kind": "sites", "listing": "sites", "token": "x" * 43, "slug": "x", "pk": 1, "slot": 1,
        "finding": "00000000-0000-0000-0000-000000000000", "item": 1,
    }  # fmt: skip
    tried = 0
    for door in walk(get_resolver()):
        if door.name in WAYS_OUT:
            continue
        places = [part.split(">")[0].split(":") for part in door.route.split("<")[1:]]
        kinds = {name: kind for kind, name in places}
        values = {name: "survey" if kind == "step" else given[name] for name, kind in kinds.items()}
        address = reverse(door.name, kwargs=values)
        for method in ("post", "put", "patch", "delete"):
            with undone():
                assert getattr(client, method)(address).status_code == 403, (door.name, method)
        tried += 1
    assert tried > 40
    assert client.get(reverse("account_change_password")).status_code == 403


def test_the_officers_page_offers_it_to_who_may(cast):
    offered = f'action="{reverse("view-as", args=[cast.tohieu.username])}"'
    assert offered in main(get(cast.duty, "person", cast.tohieu.username))
    for who in ("admin", "sonla", "wall"):
        assert offered not in main(get(cast.officers[who], "person", cast.tohieu.username))


def socket_of(client):
    cookie = "; ".join(f"{name}={one.value}" for name, one in client.cookies.items())
    return viewers.viewer({"headers": [(b"cookie", cookie.encode())]})


def test_a_socket_looks_through_the_same_eyes_and_closes_when_it_ends(cast):
    client, _ = look(cast)
    one = socket_of(client)
    assert (one.user.pk, one.by.pk, one.held) == (cast.sonla.pk, cast.duty.pk, scope.reach(cast.sonla))
    assert viewers.verdicts([one]) == [0]
    with settled():
        client.post(reverse("view-end"))
    assert viewers.verdicts([one]) == [viewers.CHANGED]
    assert socket_of(client).user.pk == cast.duty.pk


def test_a_socket_closes_with_the_right_of_who_looks(cast):
    client, _ = look(cast)
    one = socket_of(client)
    row = Appointment.objects.get(user=cast.duty)
    with settled():
        actions.relieve(by=cast.admin, operation=cast.operation, appointment=row)
    assert viewers.verdicts([one]) == [viewers.CHANGED]
    actions.disable_account(by=cast.admin, operation=cast.operation, user=cast.duty)
    assert viewers.verdicts([one]) == [viewers.SIGNED_OUT]
