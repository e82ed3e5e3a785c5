"""Does every board say the same number, why it moved, and nothing to whom it does not concern?"""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from command_center.templatetags.standing import share
from journal import clock
from reports import picture
from sites import checklist
from sites.checks import actions as checks
from sites.models import SiteStatus
from sites.readiness import actions as ready
from sites.readiness import queries as slots
from sites.readiness.actions import Given
from sites.readiness.models import Check, SiteReport
from sites.trends import queries as trends
from subcommittees import scope
from subcommittees.scope import SYSTEM
from tests.pages import get, main, post, signed_in, text

PARTS = ("ready", "conditional", "not_ready", "silent")
FINE = dict.fromkeys((item.code for item in checklist.asked("regular", "before")), "ok")


def file(cast, slot, **sites):
    """What is said of sites of phường Tô Hiệu for a slot: `tohieu_1={"9": "no"}`; what is not named is in order."""
    given = [Given(getattr(cast.site, name), {**FINE, **said}) for name, said in sites.items()]
    return ready.file(by=cast.tohieu, operation=cast.operation, slot=slot, unit=cast.unit.tohieu, given=given)


def run_out(cast, move_clock, slot):
    """Let the slot run out and be checked in both provinces."""
    cast.hours = getattr(cast, "hours", 0) + (slot.silent_at - clock.now()).total_seconds() / 3600 + 0.01
    move_clock(hours=cast.hours)
    for province in (cast.unit.sonla, cast.unit.laocai):
        checks.check(by=SYSTEM, operation=cast.operation, slot=slot, province=province)


@pytest.fixture
def stage(cast, move_clock):
    """At the first slot both sites of phường Tô Hiệu are ready; at the second one is not, and one is silent."""
    cast.operation.election_day = clock.now().date() + trends.DAY * 12
    cast.operation.save()
    ready.plan(by=cast.secretary, operation=cast.operation)
    cast.first = slots.asked_now(cast.operation)
    file(cast, cast.first, tohieu_1={}, tohieu_2={})
    run_out(cast, move_clock, cast.first)
    cast.second = slots.asked_now(cast.operation)
    file(cast, cast.second, tohieu_1={"9": "no", "5": "no"})
    run_out(cast, move_clock, cast.second)
    return cast


def counts(page, path):
    """The numbers that a page shows of a unit."""
    found = {}
    for name in PARTS:
        mark = f'data-count="readiness.{name}" data-unit="{path}" data-value="'
        assert mark in page, (name, path)
        found[name] = int(page.split(mark)[1].split('"')[0])
    return found


def told(user, query):
    answer = signed_in(user).get(reverse("export", args=["readiness"]) + query).getvalue().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(answer, newline=""), delimiter=";"))


def listed(user, query):
    return get(user, "standing", query=query).context["page"].paginator.count


def test_every_door_says_the_same_number(stage, api):
    expected = {"ready": 0, "conditional": 0, "not_ready": 1, "silent": 3}
    assert picture.count(stage.unit.sonla, scope.reach(stage.sonla), stage.operation).readiness == expected
    assert api(stage.sonla).get(reverse("api-picture")).json()["readiness"] == expected
    national = api(stage.duty).get(reverse("api-picture")).json()
    assert next(one for one in national["children"] if one["unit"]["code"] == "14")["readiness"] == expected
    assert counts(text(get(stage.duty, "readiness-board", "vn/14/")), "vn/14/") == expected
    assert {name: listed(stage.sonla, f"?unit=vn/14/&verdict={name}") for name in PARTS} == expected
    names = [str(checklist.VERDICTS[name]) for name in PARTS]
    row = next(one for one in told(stage.duty, "?unit=vn/") if "14" in one.values())
    assert [int(row[name]) for name in names] == list(expected.values())
    judged = slots.judged_now(stage.operation)
    standing = SiteStatus.objects.filter(
        operation=stage.operation, path__startswith="vn/14/", due__gte=judged.due_at
    )
    assert standing.count() == 1 == sum(expected.values()) - expected["silent"]
    kept = Check.objects.get(slot=stage.second, province=stage.unit.sonla)
    assert {name: getattr(kept, name) for name in PARTS} == expected


def test_why_it_fell_is_two_clicks_away(stage):
    board = get(stage.sonla, "readiness-board", "vn/14/")
    link = f"{reverse('readiness-why', args=['vn/14/'])}?slot={stage.second.pk}&before={stage.first.pk}"
    assert link.replace("&", "&amp;") in text(board) or link in text(board)
    answer = signed_in(stage.sonla).get(link)
    said = {row["verdict"]: row for row in answer.context["verdicts"]}
    kept = {
        slot: Check.objects.get(slot=slot, province=stage.unit.sonla) for slot in (stage.first, stage.second)
    }
    for name in PARTS:
        row = said[name]
        assert (row["was"], row["now"]) == (
            getattr(kept[stage.first], name),
            getattr(kept[stage.second], name),
        )
        assert row["came"] - row["went"] == row["difference"] == row["now"] - row["was"]
        assert row["rest"] == 0
    assert said["ready"]["difference"] == -2
    assert [
        (one.site.code, one.was, one.now, [item.code for item in one.wrong])
        for one in answer.context["sites"]
    ] == [
        ("14-03646-002", "ready", "silent", []),
        ("14-03646-001", "ready", "not_ready", ["5", "9"]),
    ]
    assert reverse("site", args=["14-03646-001"]) in main(answer)
    assert [row["unit"].code for row in answer.context["communes"]] == ["03646"]
    assert [(row["code"], row["difference"]) for row in answer.context["items"]] == [("5", 1), ("9", 1)]


def test_a_later_answer_does_not_change_what_was(stage):
    before = get(stage.sonla, "readiness-why", "vn/14/", query=f"?slot={stage.second.pk}")
    assert stage.second.closes_at > clock.now()
    file(stage, stage.second, tohieu_2={})
    after = get(stage.sonla, "readiness-why", "vn/14/", query=f"?slot={stage.second.pk}")
    assert after.context["verdicts"] == before.context["verdicts"]
    assert counts(text(get(stage.sonla, "readiness-board", "vn/14/")), "vn/14/")["ready"] == 1


def test_a_commune_has_its_own_trend(stage):
    answer = get(stage.tohieu, "readiness-board", "vn/14/03646/")
    assert [(one.slot.pk, one.counts["ready"], one.counts["silent"]) for one in answer.context["points"]] == [
        (stage.first.pk, 2, 0),
        (stage.second.pk, 0, 1),
    ]


def test_the_nation_sees_each_province_against_yesterday_and_the_median(stage):
    answer = get(stage.duty, "readiness-board", "vn/")
    rows = {row["unit"]["code"]: row for row in answer.context["children"]}
    assert (rows["14"]["was"], rows["14"]["share"]) == (50.0, 0.0)
    assert answer.context["middle"] == 0
    assert [row["unit"]["code"] for row in answer.context["children"]] == ["14", "15"]
    communes = get(stage.sonla, "readiness-board", "vn/14/").context["children"]
    assert [(row["unit"]["code"], row["was"]) for row in communes] == [("03646", 100.0), ("03664", 0.0)]


def test_an_item_opens_into_exactly_its_sites(stage):
    items = {
        code: number for _item, number, code in get(stage.duty, "readiness-board", "vn/").context["items"]
    }
    assert items == {"5": 1, "9": 1}
    for code, number in items.items():
        assert listed(stage.duty, f"?unit=vn/&item={code}") == number
    assert listed(stage.duty, "?item=1") == 0


def test_before_the_first_slot_nothing_is_nought(cast):
    for who, place in (("duty", "vn/"), ("sonla", "vn/14/"), ("tohieu", "vn/14/03646/")):
        for _planned in (False, True):
            page = get(getattr(cast, who), "readiness-board", place)
            assert 'data-kind="none"' in main(page)
            assert 'data-kind="zero"' not in main(page)
            assert page.context["judged"] is None
            cast.operation.election_day = clock.now().date() + trends.DAY * 12
            cast.operation.save()
            ready.plan(by=cast.secretary, operation=cast.operation)


@pytest.mark.parametrize("who", ["laocai", "sapa"])
def test_a_neighbour_sees_nothing(stage, who):
    user = getattr(stage, who)
    for name in ("readiness-board", "readiness-why"):
        assert get(user, name, "vn/14/").status_code == 404
    assert get(user, "standing", query="?unit=vn/14/").status_code == 404
    assert "Tô Hiệu" not in main(get(user, "standing"))
    mine = {"laocai": "vn/15/", "sapa": "vn/15/03006/"}[who]
    for name in ("readiness-board", "readiness-why"):
        assert "Tô Hiệu" not in main(get(user, name, mine))
        assert "Sơn La" not in main(get(user, name, mine))


def test_who_sees_sites_sees_readiness(stage):
    assert counts(text(get(stage.health, "readiness-board", "vn/14/")), "vn/14/")["silent"] == 3
    assert get(stage.admin, "readiness-board", "vn/14/").status_code == 403
    assert "data-count" not in main(get(stage.admin, "standing"))
    assert told(stage.admin, "?unit=vn/") == []


@pytest.mark.parametrize(
    ("name", "place", "who"),
    [
        ("readiness-board", "vn/", "duty"),
        ("readiness-board", "vn/14/", "sonla"),
        ("readiness-board", "vn/14/03646/", "tohieu"),
        ("standing", "", "sonla"),
    ],
)
def test_the_questions_do_not_grow_with_the_rows(stage, name, place, who):
    def asked():
        client, address = signed_in(getattr(stage, who)), reverse(name, args=[place] if place else [])
        client.get(address)
        with CaptureQueriesContext(connection) as said:
            assert client.get(address).status_code == 200
        return len(said)

    at_one = asked()
    file(stage, stage.second, tohieu_2={"1": "no"}, tohieu_1={"1": "no", "2": "no", "23": "no"})
    assert asked() <= at_one <= 12


def test_a_share_is_never_rounded_to_none_or_to_all():

    assert share({"ready": 72194, "conditional": 0, "not_ready": 0, "silent": 1}) == 99.9
    assert share({"ready": 1, "conditional": 0, "not_ready": 0, "silent": 72194}) == 0.1
    assert share({"ready": 5, "conditional": 0, "not_ready": 0, "silent": 0}) == 100
    assert share(dict.fromkeys(PARTS, 0)) is None


def test_a_province_sends_single_cells_back_and_every_number_moves(stage):
    file(stage, stage.second, tohieu_1={}, tohieu_2={})
    page = get(stage.sonla, "readiness-board", "vn/14/03646/")
    cells = [f"{stage.second.pk}:14-03646-001:2:5", f"{stage.second.pk}:14-03646-001:2:9"]
    assert all(f'value="{cell}"' in text(page) for cell in cells)
    assert counts(text(page), "vn/14/03646/")["ready"] == 2
    given = {"cell": cells, "reason": "Biên bản PCCC đã quá hạn", "idempotency_key": "mot-lan"}
    for _twice in range(2):
        assert post(stage.sonla, "readiness-return", "vn/14/03646/", data=given).status_code == 302
    last = SiteReport.objects.filter(site=stage.site.tohieu_1, slot=stage.second).latest("revision")
    assert (last.revision, last.source, last.verdict) == (3, "returned", "not_ready")
    for who, place in ((stage.duty, "vn/"), (stage.sonla, "vn/14/"), (stage.tohieu, "vn/14/03646/")):
        assert counts(text(get(who, "readiness-board", place)), place)["not_ready"] == 1
    assert "Biên bản PCCC đã quá hạn" in main(get(stage.tohieu, "site", "14-03646-001"))
    assert "checkbox" not in main(get(stage.tohieu, "readiness-board", "vn/14/03646/"))


def test_what_has_changed_since_it_was_seen_is_not_sent_back(stage):
    cell = f"{stage.second.pk}:14-03646-001:1:5"
    file(stage, stage.second, tohieu_1={})
    answer = post(stage.sonla, "readiness-return", "vn/14/03646/", data={"cell": [cell], "reason": "Cũ"})
    assert answer.status_code in {302, 409}
    assert not SiteReport.objects.filter(source="returned").exists()


def test_a_province_confirms_what_it_saw(stage):
    given = {"slot": [stage.second.pk], "seen_at": clock.wire(clock.now())}
    assert get(stage.sonla, "readiness-board", "vn/14/03646/").context["missing"].unconfirmed == 1
    assert post(stage.sonla, "readiness-verify", "vn/14/03646/", data=given).status_code == 302
    assert get(stage.sonla, "readiness-board", "vn/14/03646/").context["missing"].unconfirmed == 0
    assert SiteStatus.objects.get(operation=stage.operation, site=stage.site.tohieu_1).verified_at


@pytest.mark.parametrize("who", ["health", "wall", "tohieu", "laocai", "secretary"])
def test_who_may_not_judge_judges_nothing(stage, who):
    cell = f"{stage.second.pk}:14-03646-001:1:1"
    for name, data in (
        ("readiness-return", {"cell": [cell], "reason": "x"}),
        ("readiness-verify", {"slot": [stage.second.pk]}),
    ):
        answer = post(getattr(stage, who), name, "vn/14/03646/", data=data)
        assert answer.status_code == (404 if who == "laocai" else 403)
    assert not SiteReport.objects.filter(source="returned").exists()


def test_a_site_shows_how_it_stands_and_what_was_said(stage):
    page = main(get(stage.tohieu, "site", "14-03646-001"))
    for pillar in checklist.PILLARS.values():
        assert str(pillar) in page
    assert str(checklist.VERDICTS["not_ready"]) in page
    assert page.count('data-answer="no"') == 2
    assert str(checklist.ITEMS["9"].name) in page


def test_a_desk_shows_readiness_beside_incidents(stage):
    for who, place in (("duty", "vn/"), ("sonla", "vn/14/"), ("tohieu", "vn/14/03646/")):
        page = get(getattr(stage, who), "desk", place)
        said = page.context["picture"]["readiness"]
        assert f'data-count="readiness.silent" data-unit="{place}" data-value="{said["silent"]}"' in text(
            page
        )
        for child in page.context["picture"]["children"]:
            if sum(child["readiness"].values()):
                assert f'data-stand="{child["unit"]["path"]}"' in text(page)


def test_programs_are_told_the_same_history_and_items(stage, api):
    points = api(stage.sonla).get(reverse("api-readiness-history"), {"unit": "vn/14/"}).json()
    assert [(one["slot"], one["ready"], one["silent"]) for one in points] == [
        (stage.first.pk, 2, 2),
        (stage.second.pk, 0, 3),
    ]
    own = api(stage.tohieu).get(reverse("api-readiness-history")).json()
    assert [(one["slot"], one["ready"], one["silent"]) for one in own] == [
        (stage.first.pk, 2, 0),
        (stage.second.pk, 0, 1),
    ]
    items = [{"item": "5", "sites": 1}, {"item": "9", "sites": 1}]
    for more in ({}, {"slot": stage.second.pk}):
        assert api(stage.duty).get(reverse("api-readiness-items"), {"unit": "vn/", **more}).json() == items
    assert (
        api(stage.duty).get(reverse("api-readiness-items"), {"unit": "vn/", "slot": stage.first.pk}).json()
        == []
    )
    assert (
        api(stage.duty).get(reverse("api-readiness-items"), {"unit": "vn/", "slot": "x"}).status_code == 404
    )
    assert api(stage.duty).get(reverse("api-readiness-history"), {"track": "x"}).status_code == 400
