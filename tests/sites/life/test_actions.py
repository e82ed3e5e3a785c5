"""Does a polling site live through its day as Điều 71 has it?"""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils.timezone import get_default_timezone

from journal import clock
from journal.models import Event, Notice
from sites import states
from sites.life import actions
from sites.models import SiteStatus
from sites.readiness import queries
from tests.doors import settled, undone


@pytest.fixture
def today(cast):
    """The cast's election is today, and the clock stands at an hour of it: `today(hour=7)`."""

    def at(move_clock, **hour):
        now = clock.now() - shift[0]
        day = now.astimezone(get_default_timezone()).date() + dt.timedelta(days=1)
        cast.operation.election_day = day
        cast.operation.save()
        wanted = dt.datetime.combine(day, dt.time(**hour), get_default_timezone())
        shift[0] = wanted - now
        move_clock(seconds=shift[0].total_seconds())

    shift = [dt.timedelta()]
    return at


def step(cast, verb, site=None, by=None, **given):
    with settled():
        return actions.act(
            verb, by=by or cast.tohieu, operation=cast.operation, site=site or cast.site.tohieu_1, **given
        )


def test_a_whole_day(cast, today, move_clock):
    today(move_clock, hour=7)
    assert step(cast, "open").state == "voting"
    assert step(cast, "interrupt", reason="Mất điện", sealed=True).state == "interrupted"
    assert step(cast, "resume").state == "voting"
    with pytest.raises(ValidationError) as refused:
        step(cast, "close")
    assert "text" in refused.value.message_dict
    today(move_clock, hour=19)
    for verb, state in [
        ("close", "box_closed"),
        ("count", "counting"),
        ("hand_over", "handed_over"),
        ("finish", "finished"),
    ]:
        row = step(cast, verb)
        assert row.state == state
    told = list(
        Event.objects.filter(subject="site:14-03646-001").order_by("n").values_list("verb", flat=True)
    )
    assert told == [
        "site.opened", "site.interrupted", "site.resumed", "site.closed", "site.counting", "site.handed_over",
        "site.finished",
    ]  # fmt: skip
    called = set(Notice.objects.filter(event__verb="site.interrupted").values_list("person", flat=True))
    assert called == {cast.sonla.pk, cast.duty.pk}


def test_nobody_closes_early_and_nobody_opens_on_another_day(cast, today, move_clock):
    with pytest.raises(ValidationError):
        step(cast, "open")
    today(move_clock, hour=4, minute=59)
    with pytest.raises(ValidationError):
        step(cast, "open")
    today(move_clock, hour=5)
    step(cast, "open")
    today(move_clock, hour=18, minute=59)
    with pytest.raises(ValidationError):
        step(cast, "close")
    late = queries.poll_hours(cast.operation, cast.site.tohieu_1)[2]
    with pytest.raises(ValidationError):
        step(cast, "extend", by=cast.sonla, reason="Mưa", closes_at=late + dt.timedelta(minutes=1))
    step(cast, "extend", by=cast.sonla, reason="Mưa lớn", closes_at=late)
    today(move_clock, hour=20)
    with pytest.raises(ValidationError):
        step(cast, "close")
    today(move_clock, hour=21)
    assert step(cast, "close").state == "box_closed"


def test_an_early_site_votes_two_days_before(cast, today, move_clock):
    site = cast.site.tohieu_2
    site.early = True
    site.save()
    today(move_clock, hour=7)
    with pytest.raises(ValidationError):
        step(cast, "open", site=site)
    first, _end, _last = queries.poll_hours(cast.operation, site)
    assert first.astimezone(get_default_timezone()).date() == cast.operation.election_day - dt.timedelta(
        days=2
    )


@pytest.mark.parametrize("verb", states.MOVES)
def test_only_what_the_table_allows(verb, cast, today, move_clock):
    today(move_clock, hour=19, minute=30)
    for state in states.STATES:
        with undone():
            tried(cast, verb, state)


def tried(cast, verb, state):
    SiteStatus.objects.filter(site=cast.site.tohieu_1).update(state=state)
    at = clock.now()
    given = {
        "reason": "Vì thế", "sealed": True, "venue": "Trường học", "zone_from": at,
        "zone_until": at + dt.timedelta(days=1), "closes_at": at + dt.timedelta(hours=1),
    }  # fmt: skip
    move = states.MOVES[verb]
    if state not in move.sources:
        with pytest.raises(actions.Elsewhere):
            step(cast, verb, by=cast.sonla, **given)
        assert not Event.objects.filter(subject="site:14-03646-001").exists()
        return
    row = step(cast, verb, by=cast.sonla, **given)
    assert row.state == (move.target or (states.STEP_BACK[state] if verb == "reopen" else state))
    assert Event.objects.get(subject="site:14-03646-001").said["after"] == {"site:14-03646-001": row.counted}


@pytest.mark.parametrize(
    ("verb", "given", "field"),
    [
        ("interrupt", {"reason": "Mất điện"}, "sealed"),
        ("interrupt", {"reason": " ", "sealed": True}, "reason"),
        ("interrupt", {"reason": "\u200b", "sealed": True}, "reason"),
        ("relocate", {"reason": "Ngập"}, "venue"),
        ("relocate", {"reason": "x" * 1001, "venue": "Trường"}, "reason"),
        ("protect", {}, "zone_from"),
        ("extend", {"reason": "Mưa"}, "closes_at"),
    ],
)
def test_what_is_missing_is_said_at_its_field(verb, given, field, cast):
    SiteStatus.objects.filter(site=cast.site.tohieu_1).update(state="voting")
    with pytest.raises(ValidationError) as refused:
        step(cast, verb, by=cast.sonla, **given)
    assert field in refused.value.message_dict


def test_a_commune_moves_its_own_site_and_judges_none(cast):
    with pytest.raises(PermissionDenied):
        step(cast, "relocate", venue="Trường", reason="Ngập")
    with pytest.raises(PermissionDenied):
        step(cast, "relocate", by=cast.laocai, venue="Trường", reason="Ngập")
    with pytest.raises(PermissionDenied):
        step(cast, "survey", by=cast.chiengan)


def test_by_api_a_refused_move_says_how_it_stands(cast, api, today, move_clock):
    today(move_clock, hour=8)
    door = reverse("api-site-act", args=[cast.site.tohieu_1.code, "open"])
    first = api(cast.tohieu).post(door, {}, format="json", headers={"Idempotency-Key": "a"})
    assert (first.status_code, first.json()["state"]) == (200, "voting")
    again = api(cast.tohieu).post(door, {}, format="json", headers={"Idempotency-Key": "a"})
    assert again.json() == first.json()
    other = api(cast.tohieu).post(door, {}, format="json", headers={"Idempotency-Key": "b"})
    assert other.status_code == 409
    assert {"code": "conflict", "state": "voting"}.items() <= other.json().items()
    assert api(cast.laocai).post(door, {}, format="json").status_code == 404


def test_a_refused_form_keeps_what_was_typed(cast, client):
    client.force_login(cast.sonla)
    door = reverse("site-act", args=[cast.site.tohieu_1.code, "relocate"])
    answer = client.post(door, {"reason": "Ngập nước", "venue": ""}, follow=True)
    assert answer.status_code == 200
    assert "Ngập nước" in answer.content.decode()
    answer = client.post(door, {"reason": "Ngập nước", "venue": "Trường tiểu học"}, follow=True)
    assert "Trường tiểu học" in answer.content.decode()
