"""Does the API keep its shape: lists, errors, keys, brakes, schema?"""

import threading

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from rest_framework.throttling import AnonRateThrottle, UserRateThrottle

from incidents import actions
from incidents.models import Incident
from journal import clock
from journal.log import Place, Subject, record
from journal.models import Event, Key
from tests.doors import settled

INCIDENT = {
    "id", "ref", "state", "site", "site_name", "unit", "category", "severity", "summary", "happened_at",
    "reported_at", "reported_by", "answer_by", "unanswered_at", "acknowledged_at", "acknowledged_by", "moved_at",
    "moved_post",
}  # fmt: skip


@pytest.fixture
def body(cast):
    return {"site": cast.site.tohieu_1.code, "category": "FIRE", "severity": 2, "summary": "Khói ở nhà kho"}


@pytest.fixture
def fires(cast):
    given = {"by": cast.duty, "operation": cast.operation, "category": "FIRE"}
    sites = [cast.site.tohieu_1, cast.site.chiengan_1, cast.site.tohieu_2]
    return [
        actions.report(**given, site=site, severity=severity, summary=f"Đám cháy {severity}")
        for severity, site in enumerate(sites, 1)
    ]


def post(client, body, key=None, address="/api/incidents/"):
    with settled():
        headers = {"Idempotency-Key": key} if key else {}
        return client.post(address, body, format="json", headers=headers)


def test_a_report_comes_back_whole(cast, api, body):
    answer = post(api(cast.tohieu), body)
    said = answer.json()
    assert answer.status_code == 201
    assert set(said) == INCIDENT
    assert said["ref"].startswith("SC-14-")
    assert (said["site"], said["unit"]) == ("14-03646-001", "vn/14/03646/")
    assert (said["state"], said["severity"], said["category"]) == ("reported", 2, "FIRE")
    assert (said["summary"], said["acknowledged_by"]) == ("Khói ở nhà kho", None)
    assert api(cast.sonla).get(f"/api/incidents/{said['id']}/").json() == said


def test_moments_are_utc(cast, api, body):
    said = post(api(cast.tohieu), {**body, "happened_at": "2026-03-14T08:00:00+07:00"}).json()
    assert said["happened_at"] == "2026-03-14T01:00:00Z"
    assert said["reported_at"].endswith("Z")
    assert said["answer_by"].endswith("Z")


def test_a_verb_answers_with_the_incident_as_it_now_is(cast, api, fires):
    address = f"/api/incidents/{fires[0].pk}/acknowledge/"
    said = post(api(cast.sonla), {}, address=address).json()
    assert set(said) == INCIDENT
    assert said["state"] == "acknowledged"
    assert "Sơn La" in said["acknowledged_by"]


def test_what_the_state_no_longer_allows_names_who_was_first(cast, api, fires):
    post(api(cast.sonla), {}, address=f"/api/incidents/{fires[0].pk}/acknowledge/")
    late = post(api(cast.duty), {}, address=f"/api/incidents/{fires[0].pk}/acknowledge/")
    said = late.json()
    assert late.status_code == 409
    assert set(said) == {"code", "message", "state", "by", "at"}
    assert (said["code"], said["state"]) == ("conflict", "acknowledged")
    assert "Sơn La" in said["by"]


def test_a_timeline_is_in_the_order_of_what_happened(cast, api, fires, number):
    actions.acknowledge(by=cast.sonla, incident=fires[0])
    actions.note(by=cast.sonla, incident=fires[0], text="Đã cử tổ công tác")
    number()
    said = api(cast.tohieu).get(f"/api/incidents/{fires[0].pk}/timeline/").json()
    assert [one["verb"].partition(".")[2] for one in said] == ["reported", "acknowledged", "noted"]
    assert said[-1]["line"]["text"] == "Đã cử tổ công tác"


@pytest.mark.parametrize(("query", "found"), [
    ("", [3, 2, 1]), ("?severity=1", [1]), ("?severity=1,3", [3, 1]), ("?state=reported", [3, 2, 1]),
    ("?state=open", [3, 2, 1]), ("?state=closed", []), ("?category=FIRE", [3, 2, 1]), ("?category=MED", []),
    ("?unit=vn/14/03646/", [3, 1]), ("?unit=vn/15/", []), ("?q=ĐÁM CHÁY", [3, 2, 1]), ("?q=đám lửa", []),
    ("?q=chieng an", [2]), ("?limit=2", [3, 2]), ("?limit=2&offset=2", [1]), ("?offset=9", []),
    ("?limit=99999", [3, 2, 1]),
])  # fmt: skip
def test_incidents_are_found(query, found, cast, api, fires):
    said = api(cast.sonla).get(f"/api/incidents/{query}").json()
    assert set(said) == {"count", "next", "previous", "results"}
    assert [one["severity"] for one in said["results"]] == found


def test_pages_of_a_list_meet_without_gap_or_double(cast, api):
    client, address, seen = api(cast.duty), "/api/sites/?limit=3", []
    while address:
        said = client.get(address).json()
        seen += [one["code"] for one in said["results"]]
        address = said["next"]
    assert len(seen) == len(set(seen)) == said["count"] == 8
    assert said["previous"]


@pytest.mark.parametrize(("query", "codes"), [
    ("?q=to hieu", ["14-03646-001", "14-03646-002"]), ("?q=TỔ HIỆU", ["14-03646-001", "14-03646-002"]),
    ("?kind=hospital", ["14-03664-002"]), ("?state=ready&unit=vn/14/03664/", ["14-03664-001", "14-03664-002"]),
    ("?q=khong co dau", []),
])  # fmt: skip
def test_sites_are_found_without_accents(query, codes, cast, api):
    said = api(cast.sonla).get(f"/api/sites/{query}").json()
    assert [one["code"] for one in said["results"]] == codes


def test_units_are_listed_by_their_parent(cast, api):
    said = api(cast.duty).get("/api/units/?parent=vn/").json()
    assert {one["kind"] for one in said["results"]} == {"helper_team", "command", "province"}
    assert set(said["results"][0]) == {"path", "code", "name", "kind", "parent", "lat", "lon"}


def test_the_journal_is_read_in_pages_by_its_cursor(cast, api, fires, number):
    number()
    client, after, seen, more = api(cast.sonla), "", [], True
    while more:
        said = client.get("/api/journal/", {"limit": 2, **({"after": after} if after else {})}).json()
        seen += [one["seq"] for one in said["results"]]
        after, more = said["cursor"], said["more"]
    assert seen == [1, 2, 3]
    assert client.get("/api/journal/", {"after": after}).json()["results"] == []


def test_a_picture_has_its_shape(cast, api, fires):
    said = api(cast.sonla).get("/api/picture/").json()
    assert set(said) == {
        "unit", "as_of", "cursor", "judged", "incidents", "readiness", "units", "findings", "children",
    }  # fmt: skip
    assert said["readiness"] == {"ready": 0, "conditional": 0, "not_ready": 0, "silent": 4}
    assert said["unit"] == {"path": "vn/14/", "code": "14", "name": "Tỉnh Sơn La", "kind": "province"}
    assert said["incidents"] == {
        "open": 3, "by_severity": {"1": 1, "2": 1, "3": 1, "4": 0}, "unacknowledged": 3, "overdue": 0,
    }  # fmt: skip
    assert {child["unit"]["code"]: child["incidents"]["open"] for child in said["children"]} == {
        "03646": 2, "03664": 1,
    }  # fmt: skip


def test_the_same_key_is_the_same_incident(cast, api, body):
    client = api(cast.tohieu)
    first, again = post(client, body, "khoa-1"), post(client, dict(reversed(body.items())), "khoa-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replay"] == "true"
    assert Incident.objects.count() == Event.objects.count() == 1


def test_a_key_is_one_body_one_door_and_one_person(cast, api, body):
    client = api(cast.tohieu)
    assert post(client, body, "khoa-1").status_code == 201
    other = post(client, {**body, "severity": 3}, "khoa-1")
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    incident = Incident.objects.get()
    elsewhere = post(client, body, "khoa-1", f"/api/incidents/{incident.pk}/note/")
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (409, "key_reused")
    assert post(api(cast.sonla), body, "khoa-1").status_code == 201
    assert Incident.objects.count() == 2


def test_a_refusal_leaves_its_key_free(cast, api, body):
    client = api(cast.tohieu)
    assert post(client, {**body, "category": "NONE"}, "khoa-1").status_code == 400
    assert post(client, {**body, "site": "99-00000-001"}, "khoa-1").status_code == 404
    assert not Key.objects.exists()
    assert post(client, body, "khoa-1").status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 201, "khoá", "a\tb"])
def test_a_key_that_is_none_is_refused(key, cast, api, body):
    with settled():
        answer = api(cast.tohieu).post(
            "/api/incidents/", body, format="json", headers={"Idempotency-Key": key}
        )
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert not Incident.objects.exists()


def test_a_repeated_verb_is_answered_once(cast, api, fires):
    address = f"/api/incidents/{fires[0].pk}/note/"
    said = [post(api(cast.sonla), {"text": "Đã cử tổ"}, "khoa-1", address).status_code for _ in range(3)]
    assert said == [200, 200, 200]
    assert Event.objects.filter(verb="incident.noted").count() == 1


def at_once(clients, address, body):
    """Status and body of what each of these clients is told, all asking in the same moment."""
    together, said = threading.Barrier(len(clients)), []

    def send(client):
        together.wait()
        answer = client.post(address, body, format="json")
        said.append((answer.status_code, answer.json()))
        connection.close()

    threads = [threading.Thread(target=send, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == len(clients)
    return said


def test_a_race_for_one_key_makes_one_incident(committed, api):
    body = {"site": committed.site.tohieu_1.code, "category": "FIRE", "severity": 2}
    said = at_once(
        [api(committed.tohieu, HTTP_IDEMPOTENCY_KEY="khoa-1") for _ in range(4)], "/api/incidents/", body
    )
    assert [status for status, _ in said] == [201] * 4
    assert len({body["id"] for _, body in said}) == Incident.objects.count() == Event.objects.count() == 1


def test_of_two_officers_who_take_it_at_once_one_has_it(committed, api):
    fire = actions.report(
        by=committed.tohieu,
        operation=committed.operation,
        site=committed.site.tohieu_1,
        category="FIRE",
        severity=2,
    )
    officers = [committed.sonla, committed.duty, committed.head, committed.sonla_head]
    said = at_once([api(officer) for officer in officers], f"/api/incidents/{fire.pk}/acknowledge/", {})
    assert sorted(status for status, _ in said) == [200, 409, 409, 409]
    owner = next(body["acknowledged_by"] for status, body in said if status == 200)
    assert {body["by"] for status, body in said if status == 409} == {owner}
    assert Event.objects.filter(verb="incident.acknowledged").count() == 1


@pytest.mark.parametrize(("language", "words"), [
    ("vi", ""), ("en", "not for you"), ("en-GB,en;q=0.8", "not for you"), ("xx,*;q=0", ""),
])  # fmt: skip
def test_an_error_has_one_shape_in_the_callers_language(language, words, cast, api):
    answer = api(cast.tohieu, HTTP_ACCEPT_LANGUAGE=language).get("/api/sites/99-00000-001/")
    said = answer.json()
    assert answer.status_code == 404
    assert set(said) == {"code", "message"}
    assert said["code"] == "not_found"
    assert answer.headers["Content-Language"] == ("en" if words else "vi")
    assert words in said["message"]


def test_fields_that_are_wrong_are_named(cast, api, body):
    said = post(api(cast.tohieu), {**body, "category": "NONE", "severity": 7}).json()
    assert set(said) == {"code", "message", "fields"}
    assert set(said["fields"]) == {"category", "severity"}
    assert all(isinstance(words, list) and words[0] for words in said["fields"].values())


@pytest.mark.usefixtures("cast")
def test_without_a_sign_in_everything_is_401(api):
    answer = api().get("/api/incidents/")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer.headers["WWW-Authenticate"] == "Token"
    for header in (
        "Token",
        "Token x y",
        "Token không",
        "Basic dTpw",
        "Bearer " + "x" * 40,
        "Token " + "x" * 40,
    ):
        client = api()
        client.credentials(HTTP_AUTHORIZATION=header)
        assert client.get("/api/incidents/").status_code == 401, header


def test_a_session_needs_the_token_of_its_own_page(cast, body):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.tohieu, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/api/me/").status_code == 200
    for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"X-CSRFToken": "x" * 32}):
        answer = client.post("/api/incidents/", body, content_type="application/json", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), headers
    assert not Incident.objects.exists()


def test_who_asks_too_often_is_told_to_wait(cast, api, monkeypatch):
    monkeypatch.setattr(UserRateThrottle, "THROTTLE_RATES", {"user": "2/min", "anon": "1/min"})
    monkeypatch.setattr(AnonRateThrottle, "THROTTLE_RATES", {"user": "2/min", "anon": "1/min"})
    client = api(cast.k02)
    assert [client.get("/api/me/").status_code for _ in range(3)] == [200, 200, 429]
    answer = client.get("/api/me/")
    assert answer.json()["code"] == "throttled"
    assert 0 < int(answer.headers["Retry-After"]) <= 61
    assert api(cast.head).get("/api/me/").status_code == 200, "one officer's haste does not slow another"


def test_the_schema_is_drawn_without_a_warning(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yml"))
    assert "/api/incidents/{incident}/{verb}/" in (tmp_path / "schema.yml").read_text(encoding="utf-8")


def test_the_documentation_runs_under_the_strict_policy(cast, api):
    answer = api(cast.duty).get(reverse("api-docs"))
    page = answer.content.decode()
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "<style" not in page
    assert "<script>" not in page
    assert "//" not in page.replace("<!DOCTYPE html>", "")


@pytest.mark.parametrize("name", ["api-me", "api-incidents", "api-picture", "healthz"])
def test_nothing_of_an_answer_is_kept_on_the_way(name, cast, api):
    headers = api(cast.duty).get(reverse(name)).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize("who", ["duty", "health", "wall", "sonla", "tohieu", "k02"])
def test_the_journal_takes_every_cursor_that_it_gives(who, cast, api, number):
    """A nation's cursor is long: 35 streams, and for a liaison the last event seen in each."""
    for code in range(10, 45):
        place = Place(f"vn/{code}/", "Tỉnh thử")
        record("test.written", at=clock.now(), operation="bau-cu", unit=place, subject=Subject("test", "1", "1"),
               topic="health", actor="", post="", line={}, after=None)  # fmt: skip
    number()
    client = api(cast.officers[who])
    cursor = client.get("/api/journal/").json()["cursor"]
    again = client.get("/api/journal/", {"after": cursor})
    assert (again.status_code, again.json()["results"]) == (200, [])


def test_notices_are_ones_own_and_are_seen_once(cast, api, body):
    incident = post(api(cast.tohieu), body).json()
    called, other = api(cast.sonla), api(cast.laocai)
    [notice] = called.get("/api/notices/").json()["results"]
    assert (notice["seen_at"], notice["event"]["subject"]["ref"]) == (None, incident["ref"])
    assert other.get("/api/notices/").json()["results"] == []
    assert other.post("/api/notices/", {}, format="json").json() == {"seen": 0}
    assert [called.post("/api/notices/", {}, format="json").json()["seen"] for _ in range(2)] == [1, 0]
    assert called.get("/api/notices/").json()["results"][0]["seen_at"].endswith("Z")
