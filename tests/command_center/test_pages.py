"""Does each page show what is there, to whom it belongs, with as few questions as promised?"""

from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incidents import actions
from journal.cursor import decode
from subcommittees import actions as chain
from tests.pages import get, main, report, signed_in, text


@pytest.mark.parametrize(
    ("who", "place"),
    [
        ("duty", "/desk/vn/"),
        ("wall", "/desk/vn/"),
        ("health", "/desk/vn/"),
        ("sonla", "/desk/vn/14/"),
        ("tohieu", "/desk/vn/14/03646/"),
        ("k02", "/desk/vn/K02/"),
        ("admin", "/people/"),
        ("nobody", "/account/"),
    ],
)
def test_everybody_begins_at_their_own_place(cast, who, place):
    client = signed_in(getattr(cast, who))
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, place)
    assert client.get(place).status_code == 200


@pytest.mark.parametrize("place", ["vn/", "vn/15/", "vn/15/03006/", "vn/99/"])
def test_a_desk_out_of_reach_is_as_if_absent(cast, place):
    assert get(cast.sonla, "desk", place).status_code == 404


def test_a_desk_is_not_for_who_sees_no_incidents(cast):
    assert get(cast.admin, "desk", "vn/").status_code == 403


def test_a_page_of_an_exercise_is_the_same_page_under_its_prefix(cast):
    drill = actions.report(
        by=cast.tohieu, operation=cast.exercise, site=cast.site.tohieu_1, category="FIRE", severity=2
    )
    client = signed_in(cast.sonla)
    desk = client.get("/op/dien-tap/desk/vn/14/")
    assert desk.status_code == 200
    assert drill.ref in text(client.get("/op/dien-tap/incidents/"))
    assert f"/op/dien-tap/incidents/{drill.pk}/" in text(client.get("/op/dien-tap/incidents/"))
    assert drill.ref not in text(client.get("/incidents/"))
    assert client.get(f"/incidents/{drill.pk}/").status_code == 404


def test_the_nation_shows_its_provinces_in_their_places(stage):
    answer = get(stage.duty, "desk", "vn/")
    tiles = answer.context["tiles"]
    assert [(tile["path"], tile["incidents"]["open"]) for tile in tiles] == [("vn/15/", 1), ("vn/14/", 1)]
    assert {tile["name"] for tile in tiles} == {"Sơn La", "Lào Cai"}
    assert answer.context["picture"]["incidents"]["open"] == 2
    assert {mark["name"] for mark in answer.context["marks"]} == {"Hoàng Sa", "Trường Sa"}


def test_a_province_shows_its_communes_worst_first(stage):
    report(stage, stage.chiengan, stage.site.chiengan_1, severity=4)
    answer = get(stage.sonla, "desk", "vn/14/")
    assert [row["unit"]["code"] for row in answer.context["communes"]] == ["03664", "03646"]
    assert "Lào Cai" not in main(answer)
    assert "Sa Pa" not in main(answer)


def test_a_commune_shows_its_sites_and_what_is_open_there(stage):
    answer = get(stage.tohieu, "desk", "vn/14/03646/")
    assert [(row["site"].code, row["open"]) for row in answer.context["sites"]] == [
        ("14-03646-001", 1),
        ("14-03646-002", 0),
    ]
    assert answer.context["may_report"]
    assert stage.fire.ref in main(answer)


def test_a_desk_hands_the_socket_the_cursor_of_its_own_picture(stage):
    answer = get(stage.sonla, "desk", "vn/14/")
    live = answer.context["live"]
    assert live == {"unit": "vn/14/", "cursor": answer.context["picture"]["cursor"]}
    assert decode(live["cursor"]).at["14"] == 1
    assert f'data-cursor="{live["cursor"]}"' in text(answer)


def test_a_liaison_sees_the_feed_of_their_own_topic(stage, number):
    ill = report(stage, stage.tohieu, stage.site.tohieu_2, "MED", summary="Ngộ độc")
    number()
    answer = get(stage.health, "desk", "vn/")
    assert [event["subject"]["ref"] for event in answer.context["events"]] == [ill.ref]
    assert answer.context["picture"]["incidents"]["open"] == 1
    assert stage.fire.ref not in text(answer)


def test_the_feed_offers_to_acknowledge_only_what_still_waits(stage, number):
    page = reverse("incident-act", args=[stage.fire.pk, "acknowledge"])
    assert (
        main(get(stage.sonla, "desk", "vn/14/")).count(f'action="{page}"') == 2
    )  # in the feed and what waits
    assert page not in main(get(stage.wall, "desk", "vn/14/"))
    actions.acknowledge(by=stage.sonla, incident=stage.fire)
    number()
    assert f'action="{page}"' not in main(get(stage.sonla, "desk", "vn/14/"))


PAGES = [
    ("desk", ["vn/"], "duty", 12),
    ("desk", ["vn/14/"], "sonla", 12),
    ("desk", ["vn/14/03646/"], "tohieu", 12),
    ("incidents", [], "sonla", 8),
    ("sites", [], "sonla", 8),
    ("units", [], "sonla", 8),
    ("people", [], "sonla", 8),
    ("journal", [], "sonla", 8),
    ("notices", [], "sonla", 8),
]


@pytest.mark.parametrize(("name", "args", "who", "most"), PAGES, ids=str)
def test_the_questions_do_not_grow_with_the_rows(stage, number, name, args, who, most):
    user = getattr(stage, who)

    def asked():
        client = signed_in(user)
        address = reverse(name, args=args)
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    at_one = asked()
    for site in (stage.site.tohieu_1, stage.site.tohieu_2):
        report(stage, stage.tohieu, site, "POWER")
    for user_ in (stage.nobody, stage.laocai):
        chain.grant(by=stage.admin, operation=stage.operation, user=user_, unit=stage.unit.sonla, role="wall")
    number()
    assert asked() <= at_one <= most


def test_the_bar_says_who_is_on_duty_above_a_commune(stage):
    bar = get(stage.tohieu, "account").context["bar"]
    assert [one["title"] for one in bar["on_duty"]] == [stage.sonla.title]
    assert bar["may_report"]
    assert bar["home"] == "vn/14/03646/"


def test_the_bar_counts_the_days_in_viet_nam(stage):
    bar = get(stage.tohieu, "account").context["bar"]
    local = bar["now"].astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    assert bar["days"] == (stage.operation.election_day - local.date()).days


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("duty", {"incidents", "sites", "people", "journal"}),
        ("health", {"incidents", "sites", "journal"}),
        ("admin", {"people", "journal", "imports"}),
        ("nobody", set()),
    ],
)
def test_the_bar_leads_only_where_one_may_go(stage, who, sees):
    bar = get(getattr(stage, who), "account").context["bar"]
    assert {name for name, seen in bar["sees"].items() if seen} == sees


def test_a_refused_address_is_told_without_asking_who_sends_it(stage):
    for address, status in [("/?x=%00", 400), ("/op/khong-co/", 404), ("/khong-co/", 404)]:
        assert Client().get(address).status_code == status
        assert signed_in(stage.sonla).get(address).status_code == status
