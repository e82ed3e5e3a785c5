"""Is an incident reported, shown and acted on from a page as it is through the API?"""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.urls import reverse

from incidents import actions
from incidents.models import Incident
from journal.cursor import decode
from journal.models import Event, Key
from tests.pages import HX, form, get, main, post, report, signed_in, text


def test_a_report_leads_to_its_incident(stage):
    answer = post(stage.tohieu, "report", data=form(summary="Mất điện toàn tổ"))
    made = Incident.objects.get(category="POWER")
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("incident", args=[made.pk]))
    assert (made.summary, made.site.code, made.severity) == ("Mất điện toàn tổ", "14-03646-001", 2)


def test_pressing_twice_makes_one_incident_and_leads_to_it(stage):
    given = form()
    first, second = (post(stage.tohieu, "report", data=given) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert Incident.objects.filter(category="POWER").count() == 1


def test_going_back_and_sending_something_else_is_asked_about(stage):
    given = form()
    post(stage.tohieu, "report", data=given)
    answer = post(stage.tohieu, "report", data={**given, "category": "COMMS"})
    assert answer.status_code == 400
    assert answer.context["form"].non_field_errors()
    assert answer.context["idempotency_key"] != given["idempotency_key"]
    assert not Incident.objects.filter(category="COMMS").exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"site": ""}, "site"),
        ({"site": "15-03006-001"}, "site"),
        ({"site": "99-00000-001"}, "site"),
        ({"site": "x" * 300}, "site"),
        ({"category": "KHAC"}, "category"),
        ({"severity": "5"}, "severity"),
        ({"severity": ""}, "severity"),
        ({"summary": "x" * 2001}, "summary"),
        ({"summary": "a\0b"}, "summary"),
        ({"happened_at": "hôm qua"}, "happened_at"),
        ({"happened_at": "01/01/2099 10:00"}, "happened_at"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_made(stage, wrong, field):
    answer = post(stage.tohieu, "report", data=form(**wrong))
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    assert 'id="errors"' in text(answer)
    assert re.search(r"<title>\s*(Lỗi|Error):", answer.content.decode())
    assert Incident.objects.count() == 2
    assert not Key.objects.exists()


def test_a_foreign_and_an_absent_site_hear_the_same(stage):
    foreign, absent = (
        post(stage.tohieu, "report", data=form(site=code)).context["form"].errors
        for code in ("15-03006-001", "99-00000-001")
    )
    assert foreign == absent


def test_who_may_not_report_finds_no_form(stage):
    for user in (stage.wall, stage.health, stage.admin, stage.nobody, stage.k02):
        assert get(user, "report").status_code == 403
        assert post(user, "report", data=form()).status_code == 403


def test_the_place_is_preset(stage):
    assert get(stage.tohieu, "report").context["chosen"].code == "14-03646-001"
    report(stage, stage.tohieu, stage.site.tohieu_2)
    again = get(stage.tohieu, "report").context
    assert [site.code for site in again["sites"]] == ["14-03646-002", "14-03646-001"]
    assert again["chosen"].code == "14-03646-002"
    assert get(stage.tohieu, "report", query="?site=14-03646-001").context["chosen"].code == "14-03646-001"
    assert get(stage.tohieu, "report", query="?site=15-03006-001").context["chosen"] is None


def test_a_large_reach_searches_without_accents(stage):
    answer = get(stage.sonla, "report", query="?q=bau cu 2 to hieu").context
    assert answer["sites"] is None
    assert [site.code for site in answer["found"]] == ["14-03646-002"]
    assert get(stage.sonla, "report", query="?q=sa pa").context["found"] == []
    here = get(stage.sonla, "report", query="?unit=vn/14/03646/").context["sites"]
    assert [site.code for site in here] == ["14-03646-001", "14-03646-002"]


def test_what_is_perhaps_the_same_is_hinted_at(stage):
    hint = get(stage.tohieu, "similar", query="?site=14-03646-001&category=FIRE")
    assert stage.fire.ref in text(hint)
    for query in (
        "?site=14-03646-001&category=POWER",
        "?site=14-03646-002&category=FIRE",
        "",
        "?site=x&category=y",
    ):
        assert "SC-" not in text(get(stage.tohieu, "similar", query=query))
    assert "SC-" not in text(get(stage.laocai, "similar", query="?site=14-03646-001&category=FIRE"))
    assert post(stage.tohieu, "report", data=form(category="FIRE")).status_code == 302


def test_an_incident_shows_its_life_newest_first(stage, number):
    actions.acknowledge(by=stage.sonla, incident=stage.fire)
    number()
    answer = get(stage.tohieu, "incident", stage.fire.pk)
    assert [event["verb"] for event in answer.context["events"]] == [
        "incident.acknowledged",
        "incident.reported",
    ]
    assert "Khói ở tầng hai" in main(answer)
    assert decode(answer.context["live"]["cursor"]).at["14"] == 2


def test_a_foreign_and_an_absent_incident_look_the_same(stage):
    def bare(pk):
        answer = get(stage.laocai, "incident", pk)
        assert answer.status_code == 404
        return re.sub(r"<time.*?</time>", "", main(answer)).replace(str(pk), "")

    assert bare(stage.fire.pk) == bare(uuid.uuid4())
    assert post(stage.laocai, "incident-act", stage.fire.pk, "note", data={"text": "x"}).status_code == 404


def moves(answer):
    return {move["verb"]: move for move in answer.context["moves"]}


def test_what_may_be_done_next_is_what_is_offered(stage):
    found = moves(get(stage.sonla, "incident", stage.fire.pk))
    assert set(found) == {"acknowledge", "false_alarm", "raise", "lower", "note"}
    assert [verb for verb, move in found.items() if move["primary"]] == ["acknowledge"]
    assert found["raise"]["levels"] == [3, 4]
    assert found["lower"]["levels"] == [1]
    assert set(moves(get(stage.tohieu, "incident", stage.fire.pk))) == {"raise", "note"}
    assert moves(get(stage.wall, "incident", stage.fire.pk)) == {}


def test_a_press_without_scripts_leads_back_to_the_incident(stage):
    answer = post(stage.sonla, "incident-act", stage.fire.pk, "acknowledge")
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        reverse("incident", args=[stage.fire.pk]),
    )
    stage.fire.refresh_from_db()
    assert stage.fire.state == "acknowledged"


def test_a_press_with_scripts_gets_the_panel_as_it_now_is(stage):
    answer = post(stage.sonla, "incident-act", stage.fire.pk, "acknowledge", headers=HX)
    assert answer.status_code == 200
    assert "<html" not in text(answer)
    assert answer.context["result"]["ok"]
    assert "verify" in moves(answer)


@pytest.mark.parametrize("headers", [{}, HX])
def test_who_comes_second_hears_who_was_first_and_when(stage, headers):
    actions.acknowledge(by=stage.sonla, incident=stage.fire)
    answer = post(stage.head, "incident-act", stage.fire.pk, "acknowledge", headers=headers)
    assert answer.status_code == 409
    assert "Trực ban cấp tỉnh · Tỉnh Sơn La" in answer.context["result"]["text"]
    assert re.search(r"\d\d/\d\d/\d{4} \d\d:\d\d", answer.context["result"]["text"])
    assert "verify" in moves(answer)


def test_a_note_sent_twice_is_written_once(stage):
    given = {"text": "Đã cử tổ công tác", "idempotency_key": "a-note"}
    for _ in range(2):
        assert post(stage.sonla, "incident-act", stage.fire.pk, "note", data=given).status_code == 302
    assert Event.objects.filter(verb="incident.noted").count() == 1


@pytest.mark.parametrize(
    ("verb", "given"),
    [
        ("note", {"text": ""}),
        ("note", {"text": "x" * 2001}),
        ("note", {"text": "a\0b"}),
        ("lower", {"severity": "1"}),
        ("lower", {"severity": "4", "reason": "x"}),
        ("raise", {"severity": "1"}),
        ("raise", {"severity": "chín"}),
        ("raise", {}),
        ("false_alarm", {"reason": "  "}),
    ],
)
@pytest.mark.parametrize("headers", [{}, HX])
def test_a_verb_that_lacks_something_says_what(stage, verb, given, headers):
    answer = post(stage.sonla, "incident-act", stage.fire.pk, verb, data=given, headers=headers)
    assert answer.status_code == 400
    assert not answer.context["result"]["ok"]
    assert answer.context["result"]["text"]
    assert Event.objects.filter(subject=f"incident:{stage.fire.pk}").count() == 1


def test_what_was_written_survives_a_refusal(stage):
    answer = post(
        stage.sonla, "incident-act", stage.fire.pk, "lower", data={"severity": "4", "reason": "Lý do dài"}
    )
    assert "Lý do dài" in main(answer)


def test_a_verb_that_is_not_ones_own_is_refused(stage):
    assert post(stage.tohieu, "incident-act", stage.fire.pk, "acknowledge").status_code == 403
    part = post(stage.tohieu, "incident-act", stage.fire.pk, "acknowledge", headers=HX)
    assert part.status_code == 403
    assert not part.context["result"]["ok"]


def test_an_address_that_does_not_exist_is_a_plain_404(stage):
    client = signed_in(stage.sonla)
    for address in (
        f"/incidents/{stage.fire.pk}/delete/",
        "/incidents/x/",
        "/desk/",
        "/desk/../",
        "/people/A B/",
    ):
        assert client.get(address).status_code == 404
    assert client.get(reverse("incident-act", args=[stage.fire.pk, "note"])).status_code == 405


def test_pressing_at_the_same_moment_makes_one_incident(committed):
    given = form()

    def press(_):
        try:
            return signed_in(committed.tohieu).post(reverse("report"), given).headers["Location"]
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(press, range(12)))) == 1
    assert Incident.objects.count() == 1
