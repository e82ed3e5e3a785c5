"""Is whatever is sent about readiness answered clearly, with nothing stored and nothing of others told?"""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from journal import clock
from journal.models import Event
from sites.models import SiteStatus
from sites.readiness.models import Finding, SiteReport
from tests.doors import KNOWN, settled
from tests.sites.readiness.stage import HOUR, WELL, body, file, given, made, post

FILE = "/api/readiness/"


@pytest.fixture
def slot(cast):
    return made(cast)


def send(client, content, address=FILE):
    """A body as it stands, or what is to be written as JSON."""
    raw = content if isinstance(content, str) else json.dumps(content)
    with settled():
        return client.generic("POST", address, raw, content_type="application/json")


def told(answer, *statuses):
    assert answer.status_code in statuses, (answer.status_code, answer.content[:300])
    said = answer.json()
    assert said["code"] in KNOWN | {"slot_closed", "stale"}, said
    assert len(said["message"]) > 5
    assert len(answer.content) < 20_000
    assert not SiteReport.objects.filter(revision__gt=1).exists()
    return said


def nothing_written():
    return not (SiteReport.objects.exists() or Event.objects.exists() or Finding.objects.exists())


ONE = {"site": "14-03646-001", "answers": WELL}
WRONG = {
    "nothing": {},
    "no reports": {"reports": ...},
    "empty reports": {"reports": []},
    "reports as object": {"reports": {"14-03646-001": {"1": "ok"}}},
    "reports as text": {"reports": "ok"},
    "null report": {"reports": [None]},
    "number report": {"reports": [7]},
    "no slot": {"slot": ...},
    "slot as text": {"slot": "1"},
    "slot as boolean": {"slot": True},
    "slot zero": {"slot": 0},
    "slot negative": {"slot": -1},
    "slot beyond 64 bit": {"slot": 2**63},
    "unknown field": {"operation": "dien-tap"},
    "said at tomorrow": {"said_at": "2999-01-01T00:00:00Z"},
    "said in year 1": {"said_at": "0001-01-01T00:00:00Z"},
    "said without zone": {"said_at": "2026-03-14T08:00:00"},
    "said as number": {"said_at": 1_700_000_000},
    "unknown field of a report": {"reports": [{**ONE, "verdict": "ready"}]},
    "own source": {"reports": [{**ONE, "source": "own"}]},
    "own lateness": {"reports": [{**ONE, "late": False}]},
    "no site": {"reports": [{"answers": WELL}]},
    "site as number": {"reports": [{**ONE, "site": 1}]},
    "site as list": {"reports": [{**ONE, "site": ["14-03646-001"]}]},
    "empty site": {"reports": [{**ONE, "site": ""}]},
    "long site": {"reports": [{**ONE, "site": "1" * 21}]},
    "the same site twice": {"reports": [ONE, ONE]},
    "no answers": {"reports": [{"site": "14-03646-001"}]},
    "answers as list": {"reports": [{**ONE, "answers": ["ok"] * 32}]},
    "answers as text": {"reports": [{**ONE, "answers": "o" * 46}]},
    "null answers": {"reports": [{**ONE, "answers": None}]},
    "null answer": {"reports": [{**ONE, "answers": {"1": None}}]},
    "boolean answer": {"reports": [{**ONE, "answers": {"1": True}}]},
    "answer as list": {"reports": [{**ONE, "answers": {"1": ["ok"]}}]},
    "answer as object": {"reports": [{**ONE, "answers": {"1": {"ok": 1}}}]},
    "empty answer": {"reports": [{**ONE, "answers": {"1": ""}}]},
    "answer in capitals": {"reports": [{**ONE, "answers": {"1": "OK"}}]},
    "answer as letter": {"reports": [{**ONE, "answers": {"1": "o"}}]},
    "answer of a higher level": {"reports": [{**ONE, "answers": {"1": "returned"}}]},
    "answer of another script": {"reports": [{**ONE, "answers": {"1": "оk"}}]},
    "not applicable, critical": {"reports": [{**ONE, "answers": WELL | {"1": "na"}}]},
    "unknown item": {"reports": [{**ONE, "answers": WELL | {"99": "ok"}}]},
    "item zero": {"reports": [{**ONE, "answers": {"0": "ok"}}]},
    "negative item": {"reports": [{**ONE, "answers": {"-1": "ok"}}]},
    "item with space": {"reports": [{**ONE, "answers": {" 1": "ok"}}]},
    "item in Arabic digits": {"reports": [{**ONE, "answers": {"١": "ok"}}]},
    "empty item": {"reports": [{**ONE, "answers": {"": "ok"}}]},
    "item of a unit": {"reports": [{**ONE, "answers": {"post": "ok"}}]},
    "item of another kind": {"reports": [{**ONE, "answers": {"44": "ok"}}]},
    "item of a later phase": {"reports": [{**ONE, "answers": {"33": "ok"}}]},
    "item of no province": {"reports": [{**ONE, "answers": {"x1": "ok"}}]},
    "note as item": {"reports": [{**ONE, "answers": {"note": "x"}}]},
    "__proto__": {"reports": [{**ONE, "answers": {"__proto__": "ok"}}]},
    "long item": {"reports": [{**ONE, "answers": {"1" * 10_000: "ok"}}]},
    "many items": {"reports": [{**ONE, "answers": {f"a{n}": "ok" for n in range(5000)}}]},
    "note as number": {"reports": [{**ONE, "note": 1}]},
    "long note": {"reports": [{**ONE, "note": "x" * 1001}]},
    "NUL in a note": {"reports": [{**ONE, "note": "a\0b"}]},
    "lone surrogate": {"reports": [{**ONE, "note": "\ud800"}]},
    "revision as text": {"reports": [{**ONE, "revision": "0"}]},
    "revision negative": {"reports": [{**ONE, "revision": -1}]},
    "revision beyond": {"reports": [{**ONE, "revision": 2**40}]},
    "revision as fraction": {"reports": [{**ONE, "revision": 1.0}]},
}


@pytest.mark.parametrize("name", WRONG)
def test_a_report_that_is_wrong_is_refused(name, cast, api, slot):
    content = {"slot": slot.pk, "reports": [ONE]} | WRONG[name] if WRONG[name] else {}
    content = {key: value for key, value in content.items() if value is not ...}
    said = told(send(api(cast.tohieu), content), 400)
    assert said.get("fields") or said["code"] == "parse_error"
    assert nothing_written()


def test_one_wrong_answer_keeps_the_whole_batch_out(cast, api, slot):
    content = body(slot, cast.site.tohieu_1, cast.site.tohieu_2)
    content["reports"][1]["answers"] = WELL | {"1": "na", "5": "x"}
    said = told(post(api(cast.tohieu), content), 400)
    assert set(said["fields"]) == {"14-03646-002.1", "14-03646-002.5"}
    content["reports"][1] = {"site": "14-03646-002", "answers": WELL, "late": True}
    assert list(told(post(api(cast.tohieu), content), 400)["fields"]) == ["reports.1.late"]
    assert nothing_written()


@pytest.mark.parametrize("code", ["14-03664-001", "15-03006-001", "15-99999-001", "x", "🔥", "14-03646-1"])
def test_a_site_out_of_reach_is_as_one_that_is_none(code, cast, api, slot):
    content = {"slot": slot.pk, "reports": [ONE, {"site": code, "answers": {}}]}
    none = send(api(cast.tohieu), {"slot": slot.pk, "reports": [{"site": "00-00000-000", "answers": {}}]})
    answer = send(api(cast.tohieu), content)
    assert (answer.status_code, answer.content) == (404, none.content)
    content = {"slot": slot.pk, "site": code, "items": ["5"], "reason": "x"}
    back = send(api(cast.tohieu), content, f"{FILE}return/")
    assert (back.status_code, back.content) == (404, none.content)
    assert nothing_written()


def test_a_slot_of_another_operation_is_as_one_that_is_none(cast, api, slot):
    client = api(cast.tohieu)
    none = send(client, {"slot": slot.pk + 1000, "reports": [ONE]})
    elsewhere = send(client, {"slot": slot.pk, "reports": [ONE]}, f"/op/dien-tap{FILE}")
    assert (none.status_code, none.content) == (404, elsewhere.content)
    assert nothing_written()


def test_a_nation_in_one_request_is_refused_clearly(cast, api, slot):
    small = [{"site": f"14-{n:05d}-001", "answers": {}} for n in range(10_000)]
    with CaptureQueriesContext(connection) as said:
        assert told(send(api(cast.tohieu), {"slot": slot.pk, "reports": small[:201]}), 400)["fields"][
            "reports"
        ]
    assert not [one for one in said if '"sites_site"' in one["sql"]]
    assert told(send(api(cast.tohieu), {"slot": slot.pk, "reports": small[:5000]}), 400)["fields"]["reports"]
    told(send(api(cast.tohieu), {"slot": slot.pk, "reports": small}), 413)


def test_many_faults_are_told_as_a_few(cast, api, slot):
    answers = {f"a{n}": "ok" for n in range(100)}
    content = {"slot": slot.pk, "reports": [{"site": f"14-03646-00{n}", "answers": answers} for n in (1, 2)]}
    assert len(told(send(api(cast.tohieu), content), 400)["fields"]) == 100


@pytest.mark.parametrize("times", [
    {"opens": 1, "due": 2, "silent": 3, "closes": 4}, {"opens": -4, "due": -3, "silent": -2, "closes": -1},
    {"cancelled_at": "2026-01-01T00:00:00Z"},
])  # fmt: skip
def test_a_closed_slot_says_when_it_is_open(times, cast, api):
    slot = made(cast, **times)
    said = told(send(api(cast.tohieu), {"slot": slot.pk, "reports": [ONE]}), 409)
    assert said["code"] == "slot_closed"
    assert said["opens_at"] == clock.wire(slot.opens_at)
    assert said["cancelled"] == ("cancelled_at" in times)
    assert nothing_written()


def test_a_stale_revision_says_what_stands(cast, api, slot):
    file(cast, slot, given(cast.site.tohieu_1, **{"5": "no"}))
    content = body(slot, cast.site.tohieu_1, cast.site.tohieu_2)
    content["reports"][0]["revision"] = 0
    said = told(send(api(cast.sonla), content), 409)
    assert said["code"] == "stale"
    assert [(one["site"], one["revision"], one["verdict"]) for one in said["reports"]] == [
        ("14-03646-001", 1, "conditional")
    ]
    content["reports"][0]["revision"] = 3
    assert told(send(api(cast.sonla), content), 409)["code"] == "stale"
    assert not SiteReport.objects.filter(site=cast.site.tohieu_2).exists()
    content["reports"][0]["revision"] = 1
    assert send(api(cast.sonla), content).status_code == 201


def test_a_report_of_one_that_never_was_is_stale_too(cast, api, slot):
    content = body(slot, cast.site.tohieu_1)
    content["reports"][0]["revision"] = 4
    assert told(send(api(cast.tohieu), content), 400, 409)
    assert nothing_written()


def test_the_same_key_files_once(cast, api, slot):
    client = api(cast.tohieu, HTTP_IDEMPOTENCY_KEY="mot-lan")
    said = [post(client, body(slot, cast.site.tohieu_1)) for _ in range(3)]
    assert [one.status_code for one in said] == [201] * 3
    assert len({one.content for one in said}) == 1
    other = post(client, body(slot, cast.site.tohieu_2))
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert SiteReport.objects.count() == Event.objects.count() == 1


RETURNS = [
    {}, {"site": ... }, {"items": []}, {"items": "5"}, {"items": [5]}, {"items": ["99"]}, {"items": ["39"]},
    {"items": ["5"] * 101}, {"items": [None]}, {"reason": ""}, {"reason": "\u200b "}, {"reason": "x" * 501},
    {"reason": 7}, {"revision": "1"}, {"revision": 0}, {"verdict": "ready"}, {"slot": "x"}, {"slot": None},
]  # fmt: skip


@pytest.mark.parametrize("wrong", RETURNS)
def test_a_return_that_cannot_be_is_refused(wrong, cast, api, slot):
    file(cast, slot)
    good = {"slot": slot.pk, "site": "14-03646-001", "items": ["5"], "reason": "Chưa rõ"}
    content = {key: value for key, value in (good | wrong).items() if value is not ...} if wrong else {}
    told(send(api(cast.sonla), content, f"{FILE}return/"), 400)
    assert Event.objects.count() == 1


@pytest.mark.parametrize("wrong", [
    {}, {"unit": "vn/14/"}, {"unit": 14}, {"slot": "1"}, {"seen_at": "now"}, {"x": 1},
])  # fmt: skip
def test_a_confirmation_that_cannot_be_is_refused(wrong, cast, api, slot):
    file(cast, slot)
    content = {"slot": slot.pk, "unit": cast.unit.tohieu.path} | wrong if wrong else {}
    told(send(api(cast.sonla), content, f"{FILE}verify/"), 400)
    assert not SiteStatus.objects.exclude(verified_at=None).exists()


def test_what_is_stale_is_not_confirmed(cast, api, slot):
    file(cast, slot)
    content = {"slot": slot.pk, "unit": cast.unit.tohieu.path, "seen_at": clock.wire(clock.now() - HOUR)}
    assert told(send(api(cast.sonla), content, f"{FILE}verify/"), 409)["code"] == "stale"
    content["unit"] = cast.unit.sapa.path
    assert told(send(api(cast.sonla), content, f"{FILE}verify/"), 404)


QUERIES = [
    ("api-readiness", {"verdict": "red"}), ("api-readiness", {"slot": "x"}), ("api-readiness", {"slot": "٣"}),
    ("api-readiness", {"slot": "9" * 30}), ("api-readiness", {"slot": "-1"}), ("api-readiness", {"x": "1"}),
    ("api-readiness", {"limit": "x"}), ("api-readiness", {"status__report__answers": "o"}),
    ("api-readiness", {"unit": "v" * 501}), ("api-slots", {"open": "yes"}), ("api-slots", {"track": "x"}),
    ("api-slots", {"phase": "before,x"}), ("api-checklist", {"phase": "x"}), ("api-checklist", {"kind": "x"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "query"), QUERIES)
def test_a_filter_that_is_none_is_refused(name, query, cast, api):
    told(api(cast.sonla).get(reverse(name), query), 400)


@pytest.mark.parametrize(("name", "query"), [
    ("api-readiness", {"slot": "999999999"}), ("api-checklist", {"site": "15-03006-001"}),
    ("api-checklist", {"site": "🔥"}), ("api-checklist", {"site": "x" * 400}),
])  # fmt: skip
def test_what_is_out_of_reach_is_absent(name, query, cast, api):
    told(api(cast.sonla).get(reverse(name), query), 404)


def test_a_refusal_is_told_in_both_languages(cast, api, slot):
    file(cast, slot, given(cast.site.tohieu_1))
    stale = body(slot, cast.site.tohieu_1, **{"5": "no"})
    stale["reports"][0]["revision"] = 0
    closed = body(made(cast, opens=4, due=5, silent=6, closes=7), cast.site.tohieu_1)
    for content in (stale, closed, body(slot, cast.site.tohieu_1, **{"1": "na"}), {}):
        said = [
            post(api(cast.tohieu, HTTP_ACCEPT_LANGUAGE=language), content).json() for language in ("vi", "en")
        ]
        assert said[0]["message"] != said[1]["message"]
        assert said[0].get("fields") != said[1].get("fields") or "fields" not in said[0]
