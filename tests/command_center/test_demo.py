"""Does the demo hold a whole nation, always the same one, with nothing left undone?"""

import datetime as dt
from collections import Counter

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.models import Count, F, Max, Sum, Window
from django.db.models.functions import Lag

from command_center.demo import history, nation, people, places, sites, spread
from command_center.management.commands.load_demo import VIETNAM, _days_left
from incidents.models import Incident
from incidents.states import ENDED
from journal import clock
from journal.models import Clock, Entry, Event, Notice
from reports import picture
from sites import checklist, queries
from sites.checks import queries as checks
from sites.models import Check, Finding, Site, SiteReport, SiteStatus
from sites.readiness import queries as readiness
from subcommittees import scope
from subcommittees.models import Appointment, Grant, Operation, Unit, User
from subcommittees.scope import reach
from tests import cast as players
from tests.conftest import TEST_DATABASE, _owner

# What a site that voted early may be on the eve of the others.
DONE = ("box_closed", "counting", "handed_over", "finished")


def _empty():
    with _owner(TEST_DATABASE) as cursor:
        cursor.execute("TRUNCATE incidents_incident, sites_site CASCADE")
        players.wipe(cursor)


def _resettle():
    connections["owner"].close()
    connection.close()
    _empty()
    players.settle()
    connection.close()


@pytest.fixture
def empty(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        _empty()
        yield
        _resettle()


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """The whole demo, loaded once for this file."""
    with django_db_blocker.unblock():
        _empty()
        call_command("load_demo")
        yield
        _resettle()


@pytest.fixture(scope="module")
def communes():
    return nation.read()[1]


def test_cut_off_half_way_it_leaves_nothing_and_the_clock_stands_right(empty, monkeypatch):
    class Broken:
        steps = (1,)

        def __init__(self, *facts):
            pass

        def play(self, facts):
            with clock.shifted() as move:
                move(dt.timedelta(hours=-3))
                raise RuntimeError("the power went")
                yield

    monkeypatch.setattr(sites, "load", lambda *_facts: iter(()))
    monkeypatch.setattr(history, "Day", Broken)
    with pytest.raises(RuntimeError):
        call_command("load_demo")
    assert not Operation.objects.exists()
    assert not Unit.objects.exists()
    assert not User.objects.exists()
    assert Clock.objects.get().shift == dt.timedelta(0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone()[0] != connections["owner"].settings_dict["USER"]


def test_there_is_nothing_to_anchor_in_an_empty_database(empty):
    with pytest.raises(CommandError):
        call_command("load_demo", reanchor=True)


@pytest.mark.slow
def test_the_chain_is_the_nation_of_election_day(loaded):
    kinds = dict(Unit.objects.values_list("kind").annotate(Count("pk")))
    assert kinds == {"ministry": 1, "helper_team": 1, "command": 1, "province": 34, "commune": 3321}
    names = Counter(
        name.split()[0] for name in Unit.objects.filter(kind="commune").values_list("name", flat=True)
    )
    assert names == {"Xã": 2621, "Phường": 687, "Đặc": 13}
    assert Unit.objects.get(path="vn/75/").name == "Tỉnh Đồng Nai"
    assert Unit.objects.get(path="vn/14/03646/").name == "Phường Tô Hiệu"
    assert not Unit.objects.filter(kind__in=["province", "commune"], lat=None).exists()
    provinces = Unit.objects.filter(kind="province").order_by("sort_key")
    assert [provinces[0].short, provinces.reverse()[0].short] == ["An Giang", "Vĩnh Long"]


def test_the_sites_are_spread_over_all_communes(loaded):
    assert Site.objects.count() == SiteStatus.objects.count() == 72_195
    by_path = dict(Site.objects.values_list("path").annotate(Count("pk")).order_by())
    without = set(Unit.objects.filter(kind="commune").values_list("path", flat=True)) - set(by_path)
    assert without == {f"vn/48/{places.HOANG_SA}/"}
    assert by_path["vn/14/03646/"] == 22
    assert max(by_path.values()) < 120
    assert dict(Site.objects.filter(early=True).values_list("kind").annotate(Count("pk")).order_by()) == {
        "island": 94,
        "border": 124,
    }
    assert Site.objects.filter(path="vn/56/22736/", early=True).count() == 21
    assert Site.objects.filter(early=True).values("path").distinct().count() <= 60
    assert set(Site.objects.values_list("kind", flat=True).distinct()) == {
        "regular", "hospital", "barracks", "detention", "border", "island",
    }  # fmt: skip
    states = dict(SiteStatus.objects.values_list("state").annotate(Count("pk")).order_by())
    assert states["ready"] > 60_000
    assert states.get("unsurveyed", 0) < 20
    assert set(states) <= {"ready", "conditional", "preparing", "voting", *DONE}


def test_every_site_lies_near_the_point_of_its_commune(loaded):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(111.2 * sqrt((s.lat - u.lat) ^ 2 + ((s.lon - u.lon) * cos(radians(u.lat))) ^ 2)) "
            "FROM sites_site s JOIN subcommittees_unit u ON u.id = s.unit_id WHERE u.code <> %s",
            [places.TRUONG_SA],
        )
        assert cursor.fetchone()[0] < 9.1


def test_the_keys_are_those_of_the_model(loaded):
    for site in Site.objects.select_related("unit__parent").order_by("?")[:50]:
        kept = site.sort_key, site.search_key, site.path
        site.set_keys(site.unit, site.unit.parent)
        assert kept == (site.sort_key, site.search_key, site.path)
    last = Site.objects.aggregate(last=Max("pk"))["last"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('sites_site', 'id'))")
        assert cursor.fetchone()[0] > last


@pytest.mark.parametrize("username", ["bo.trucban", "sonla.trucban", "sonla.tohieu"])
def test_a_site_is_found_without_accents(loaded, username):
    rows = queries.listed(User.objects.get(username=username), Operation.objects.get(), q="bau cu 12 to hieu")
    found = [site.code for site in rows if site.path == "vn/14/03646/"]
    assert found == ["14-03646-012"]
    assert rows.get(code=found[0]).name == "Điểm bầu cử 12 – Nhà văn hóa tổ 5"


def test_the_search_goes_through_its_index(loaded):
    rows = queries.listed(
        User.objects.get(username="bo.trucban"), Operation.objects.get(), q="bau cu 12 to hieu"
    )
    assert "site_search" in rows.explain()


def test_the_accounts_are_the_announced_ones(loaded):
    provinces = list(Unit.objects.filter(kind="province"))
    wanted = {one.username: one for one in people.accounts(provinces)}
    assert {"sonla.trucban", "laocai.trucban", "thanhhoa.trucban", "hochiminh.trucban", "hue.trucban"} <= set(
        wanted
    )
    assert len(wanted) == 43
    users = {user.username: user for user in User.objects.all()}
    assert set(users) == set(wanted)
    for username, user in users.items():
        assert [(one.role, one.path) for one in reach(user)] == [
            (wanted[username].role, wanted[username].path)
        ]
        assert user.check_password(people.password())
    assert users["sonla.trucban"].title == "Trực ban Công an tỉnh Sơn La"
    assert users["hanoi.trucban"].title == "Trực ban Công an thành phố Hà Nội"
    held = set(Appointment.objects.values_list("user", "unit", "role"))
    keys = dict(Permission.objects.values_list("pk", "codename"))
    granted = {
        (user, unit, keys[key])
        for user, unit, key in Grant.objects.values_list("user", "content_object", "permission")
    }
    assert held == granted


def test_the_day_was_calm(loaded):
    now = clock.now()
    assert Clock.objects.get().shift == dt.timedelta(0)
    assert 30 <= Incident.objects.count() <= 60
    assert not Incident.objects.filter(state="reported").exists()
    still = Incident.objects.exclude(state__in=ENDED)
    assert 3 <= still.count() <= 5
    assert list(Incident.objects.filter(severity__gte=3).values_list("severity", flat=True)) == [3]
    late = Incident.objects.filter(acknowledged_at__gt=F("answer_by"))
    assert late.count() == Incident.objects.exclude(unanswered_at=None).count() == 1
    told = Event.objects.filter(verb__startswith="incident.").order_by("at")
    first, last = told.first(), told.last()
    assert now - dt.timedelta(hours=20) <= first.at <= last.at <= now
    assert not Notice.objects.filter(seen_at=None).exists()
    assert Incident.objects.values("path").distinct().count() > 30


def test_the_journal_is_whole_and_in_the_order_of_time(loaded):
    assert Entry.objects.count() == Event.objects.count()
    for row in Entry.objects.values("stream").annotate(last=Max("seq"), held=Count("pk")):
        assert row["last"] == row["held"]
    before = Window(Lag("event__at"), partition_by=F("stream"), order_by=F("seq").asc())
    rows = Entry.objects.annotate(before=before).values_list("event__at", "before")
    assert all(before is None or before <= at for at, before in rows)


def test_a_second_load_refuses_or_does_nothing(loaded):
    with pytest.raises(CommandError, match="not empty"):
        call_command("load_demo")
    call_command("load_demo", if_empty=True)
    assert Operation.objects.count() == 1


def replayed(operation, username):
    """What the picture says, and what the events alone say, to one officer."""
    user = User.objects.get(username=username)
    unit = Unit.objects.get(path=reach(user)[0].path)
    counted = picture.count(unit, reach(user), operation)
    events = Event.objects.filter(scope.condition(reach(user), Event), operation=operation.slug).order_by("n")
    state = picture.replayed(event.said for event in events)
    facts = list(Site.objects.filter(path__startswith=unit.path).values_list("code", "path", "early"))
    told = picture.tally_sites(state, facts, counted.judged), picture.tally_findings(state, unit.path)
    return (counted.readiness, counted.findings), told


@pytest.mark.parametrize("username", ["bo.trucban", "sonla.trucban", "sonla.tohieu"])
def test_readiness_is_what_the_events_say(loaded, username):
    counted, told = replayed(Operation.objects.get(current=True), username)
    assert counted == told
    assert sum(counted[0].values()) == {"bo.trucban": 72_195, "sonla.tohieu": 22}.get(username, 1386)


def test_the_clocks_of_readiness_have_nothing_to_catch_up(loaded):
    assert checks.unchecked(1000) == checks.unreminded(1000) == checks.climbing() == []


def test_the_last_checks_are_what_was_reported(loaded):
    operation = Operation.objects.get(current=True)
    slots = readiness.slots(operation, "regular").filter(silent_at__lte=clock.now())
    for slot in list(slots)[-2:]:
        found = Counter(SiteReport.objects.filter(slot=slot).values_list("verdict", flat=True))
        found["silent"] = 72_195 - 218 - found.total()
        sums = slot.checks.aggregate(**{verdict: Sum(verdict) for verdict in readiness.VERDICTS})
        assert sums == {verdict: found[verdict] for verdict in readiness.VERDICTS}
        items = sum((Counter(row.items) for row in slot.checks.all()), Counter())
        letters = Counter()
        for text in SiteReport.objects.filter(slot=slot).values_list("answers", flat=True):
            letters.update(code for code, answer in checklist.unpacked(text).items() if answer == "no")
        assert items == letters
        assert sum(sum(row.units.values()) for row in slot.checks.all()) == 3321 + 34 + 1
    assert Check.objects.filter(path="vn/14/", slot__track="regular").count() == 14


def test_every_site_stands_as_its_last_report_says(loaded):
    rows = SiteStatus.objects.exclude(verdict=F("report__verdict"))
    assert not rows.exists()
    assert not SiteStatus.objects.exclude(due=F("report__slot__due_at")).exists()
    some = SiteReport.objects.select_related("slot", "site").order_by("?")[:300]
    for row in some:
        asked = checklist.asked(row.site.kind, row.slot.phase)
        assert checklist.judge(asked, checklist.unpacked(row.answers)) == row.verdict
    wrong = SiteStatus.objects.exclude(verdict="ready").values("site")
    silent = Finding.objects.filter(kind="silent", closed_at=None)
    assert (
        not Finding.objects.filter(kind="item", closed_at=None, unit=None)
        .exclude(site__in=wrong)
        .exclude(site__in=silent.values("site"))
        .exists()
    )


def test_son_la_fell_and_the_rain_is_why(loaded):
    before, last = Check.objects.filter(path="vn/14/", slot__track="regular").order_by("slot__due_at")[12:]
    assert [round(100 * row.ready / 1386) for row in (before, last)] == [98, 91]
    rain = {code: last.items.get(code, 0) - before.items.get(code, 0) for code in last.items}
    if last.slot.phase == "before":
        assert max(rain, key=rain.get) == "20"
    counted, _told = replayed(Operation.objects.get(current=True), "sonla.tohieu")
    assert counted == (
        {"ready": 22, "conditional": 0, "not_ready": 0, "silent": 0},
        {"open": 0, "critical": 0},
    )


def test_the_nation_is_calm(loaded):
    counted, _told = replayed(Operation.objects.get(current=True), "bo.trucban")
    shares = {verdict: count / 72_195 for verdict, count in counted[0].items()}
    assert shares["ready"] > 0.9
    assert 0.001 < shares["silent"] < 0.02
    assert 0.02 < shares["conditional"] < 0.06
    assert 0.004 < shares["not_ready"] < 0.015


def test_election_day_is_tomorrow_and_moves_with_demo_day(loaded, monkeypatch):
    today = clock.now().astimezone(VIETNAM).date()
    operation = Operation.objects.get(current=True)
    assert (operation.slug, operation.election_day) == ("bau-cu", today + dt.timedelta(days=1))
    monkeypatch.setenv("DEMO_DAY", "D-7")
    call_command("load_demo", reanchor=True)
    operation.refresh_from_db()
    assert operation.election_day == today + dt.timedelta(days=7)
    monkeypatch.delenv("DEMO_DAY")
    call_command("load_demo", reanchor=True, if_empty=True)
    operation.refresh_from_db()
    assert operation.election_day == today + dt.timedelta(days=1)


def test_with_election_day_move_its_slots_and_what_was_reported(loaded, monkeypatch):
    operation = Operation.objects.get(current=True)
    (before, _findings), _told = replayed(operation, "bo.trucban")
    monkeypatch.setenv("DEMO_DAY", "D-7")
    call_command("load_demo", reanchor=True)
    counted, told = replayed(operation, "bo.trucban")
    assert counted == told
    assert (
        before["silent"] - 20 < counted[0]["silent"] <= before["silent"]
    )  # early voters' slots lie hours apart
    assert readiness.asked_now(operation).phase == "before"
    assert checks.unchecked(1000) == []
    monkeypatch.delenv("DEMO_DAY")
    call_command("load_demo", reanchor=True)
    counted, told = replayed(operation, "bo.trucban")
    assert counted == told
    assert (
        before["silent"] - 20 < counted[0]["silent"] <= before["silent"]
    )  # early voters' slots lie hours apart
    judged = {readiness.judged_now(operation, track).pk for track in ("regular", "early")}
    assert {
        slot for slot, _area in checks.unchecked(1000)
    } <= judged  # what it was judged for lies ahead again


@pytest.mark.parametrize(("text", "days"), [("D-1", 1), ("D", 0), ("d+1", -1), (" D-7 ", 7)])
def test_the_day_is_told_as_the_plans_tell_it(text, days):
    assert _days_left(text) == days


@pytest.mark.parametrize("text", ["", "1", "D-", "D--1", "tomorrow", "D-1000"])
def test_another_day_is_refused(text):
    with pytest.raises(CommandError):
        _days_left(text)


def test_it_is_the_same_demo_every_time(communes):
    assert spread.counts(communes) == spread.counts(communes)
    units = {
        one.code: Unit(code=one.code, path=f"vn/{one.province}/{one.code}/", name=one.name)
        for one in communes
    }
    units |= {
        one.province: Unit(code=one.province, path=f"vn/{one.province}/", name="Tỉnh X") for one in communes
    }
    one, other = next(sites.made(communes, units)), next(sites.made(communes, units))
    facts = [(site.code, site.name, site.kind, site.lat, site.lon, site.early) for site in one]
    assert facts == [(site.code, site.name, site.kind, site.lat, site.lon, site.early) for site in other]


def test_published_numbers_of_sites_are_kept(communes):
    found = spread.counts(communes)
    assert sum(found.values()) == spread.TOTAL
    by_province = Counter()
    for one in communes:
        by_province[one.province] += found[one.code]
    assert {code: by_province[code] for code in places.PUBLISHED} == places.PUBLISHED
    assert all(found[code] == number for code, number in places.FIXED.items())


def test_the_places_of_the_tables_exist(communes):
    known = {(one.province, one.short) for one in communes}
    for table in (places.BORDER, places.ISLANDS):
        assert not {(code, name) for code, names in table.items() for name in names} - known
    codes = {one.code for one in communes}
    assert set(places.FIXED) | set(places.EARLY_ON_ISLANDS) <= codes
    assert set(places.PEOPLE) == {one.province for one in communes}
    assert sum(places.EARLY_ON_ISLANDS.values()) + sum(places.EARLY_AT_THE_BORDER.values()) == 218


def test_whole_numbers_keep_the_sum():
    assert spread.apportion(10, {"a": 1.0, "b": 1.0, "c": 1.0}) == {"a": 4, "b": 3, "c": 3}
