"""Is another operation the same site under its own prefix, and a world of its own?"""

import re

import pytest
from django.test import Client
from django.urls import reverse

from incidents import actions
from incidents.models import Incident
from journal.models import Event
from subcommittees.models import Operation
from tests.doors import settled, undone

HERE = "/op/dien-tap"


@pytest.fixture
def fires(cast):
    """One fire of each operation at the same site."""
    given = {"by": cast.tohieu, "site": cast.site.tohieu_1, "category": "FIRE", "severity": 2}
    return (
        actions.report(**given, operation=cast.operation, summary="Cháy thật"),
        actions.report(**given, operation=cast.exercise, summary="Cháy diễn tập"),
    )


def test_an_exercise_reports_beside_the_election(cast, api):
    body = {"site": cast.site.tohieu_1.code, "category": "FIRE", "severity": 2}
    said = [
        api(cast.tohieu).post(f"{prefix}/api/incidents/", body, format="json").json() for prefix in ("", HERE)
    ]
    assert [one["ref"][:6] for one in said] == ["SC-14-", "DT-14-"]
    assert list(Event.objects.order_by("n").values_list("operation", "stream")) == [
        ("bau-cu", "bau-cu/14"), ("dien-tap", "dien-tap/14"),
    ]  # fmt: skip


def test_nothing_of_one_operation_is_seen_in_the_other(cast, api, fires, number):
    number()
    client = api(cast.sonla)
    for prefix, own, other in [("", *fires), (HERE, *reversed(fires))]:
        assert [one["ref"] for one in client.get(f"{prefix}/api/incidents/").json()["results"]] == [own.ref]
        facts = client.get(f"{prefix}/api/journal/").json()["results"]
        assert [fact["subject"]["ref"] for fact in facts] == [own.ref]
        assert client.get(f"{prefix}/api/picture/").json()["incidents"]["open"] == 1
        absent = "00000000-0000-0000-0000-000000000001"
        for more in ("", "timeline/"):
            foreign = client.get(f"{prefix}/api/incidents/{other.pk}/{more}")
            assert foreign.status_code == 404
            assert foreign.content == client.get(f"{prefix}/api/incidents/{absent}/{more}").content
        for verb in ("acknowledge", "note"):
            with undone():
                answer = client.post(
                    f"{prefix}/api/incidents/{other.pk}/{verb}/", {"text": "x"}, format="json"
                )
            assert answer.status_code == 404
        assert client.get(f"{prefix}/api/me/").json()["operation"]["slug"] == own.operation.slug


def test_a_key_of_one_operation_is_none_of_the_other(cast, api):
    body = {"site": cast.site.tohieu_1.code, "category": "FIRE", "severity": 2}
    client = api(cast.tohieu, HTTP_IDEMPOTENCY_KEY="khoa-1")
    assert client.post("/api/incidents/", body, format="json").status_code == 201
    with settled():
        assert client.post(f"{HERE}/api/incidents/", body, format="json").status_code == 409
    assert Incident.objects.count() == 1


def test_a_cursor_of_one_operation_is_none_of_the_other(cast, api, fires, number):
    number()
    client = api(cast.sonla)
    cursor = client.get("/api/journal/").json()["cursor"]
    assert client.get(f"{HERE}/api/journal/", {"after": cursor}).status_code == 400


def test_the_state_of_a_site_belongs_to_an_operation(cast, api):
    client = api(cast.sonla)
    code = cast.site.tohieu_1.code
    assert client.get(f"/api/sites/{code}/").json()["state"] == "ready"
    assert client.get(f"{HERE}/api/sites/{code}/").json()["state"] != "ready"


@pytest.mark.parametrize("slug", ["khong-co", "BAU-CU", "dien-tap%00", "..", "a" * 300, "1%27--"])
def test_an_operation_that_is_none_is_not_found(slug, cast, api):
    answer = api(cast.duty).get(f"/op/{slug}/api/incidents/")
    assert answer.status_code == 404


def test_the_current_operation_answers_under_its_own_name_too(cast, api, fires):
    said = api(cast.sonla).get("/op/bau-cu/api/incidents/").json()
    assert [one["ref"] for one in said["results"]] == [fires[0].ref]


def test_every_address_of_a_page_stays_in_its_operation(cast, fires):
    client = Client()
    client.force_login(cast.sonla, backend="django.contrib.auth.backends.ModelBackend")
    first = client.get(f"{HERE}/")
    assert first.status_code == 302
    assert first.headers["Location"].startswith(f"{HERE}/desk/")
    pages = [
        first.headers["Location"], f"{HERE}/incidents/", f"{HERE}/incidents/{fires[1].pk}/", f"{HERE}/report/",
        f"{HERE}/sites/", f"{HERE}/units/", f"{HERE}/people/", f"{HERE}/account/", f"{HERE}/notices/",
        f"{HERE}/journal/",
    ]  # fmt: skip
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, page
        body = answer.content.decode()
        assert "Cháy thật" not in body
        assert fires[0].ref not in body
        addresses = re.findall(r'\s(?:href|src|action|hx-get|hx-post|data-[a-z-]+)="(/[^"]*)"', body)
        assert addresses
        outside = [one for one in addresses if not one.startswith((f"{HERE}/", "/static/", "/op/"))]
        assert outside == [], page


@pytest.mark.usefixtures("cast")
def test_a_page_sends_who_is_not_signed_in_back_to_its_operation():
    answer = Client().get(f"{HERE}/incidents/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"{HERE}/accounts/login/")
    assert "op/dien-tap/incidents/" in answer.headers["Location"].replace("%2F", "/")


@pytest.mark.parametrize(("language", "words"), [("vi", "Không"), ("en", "There is nothing here")])
def test_its_api_speaks_the_callers_language_too(language, words, cast, api):
    for address in (
        f"{HERE}/api/sites/x/",
        f"{HERE}/api/nothing/",
        "/op/khong-co/api/me/",
        f"{HERE}/api/%00",
    ):
        answer = api(cast.sonla, HTTP_ACCEPT_LANGUAGE=language).get(address)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), address
        assert words in answer.json()["message"], address


def test_the_prefix_of_one_request_is_gone_in_the_next(cast, api):
    """The prefix lives in the thread: what a refusal leaves behind would lead the next reader astray."""
    client = api(cast.sonla)
    for address in (
        f"{HERE}/api/incidents/",
        f"{HERE}/nothing/",
        "/op/khong-co/",
        f"{HERE}/api/picture/?unit=vn/15/",
    ):
        client.get(address)
        assert reverse("incidents") == "/incidents/"


def test_only_one_operation_is_current(cast):
    assert list(Operation.objects.filter(current=True)) == [cast.operation]


@pytest.mark.parametrize("prefix", ["", HERE, "/op/khong-co"])
def test_a_program_is_answered_in_its_language_everywhere(prefix, cast, api):
    for door in ("api/units/", "api/khong-co/"):
        answer = api(cast.sonla).get(f"{prefix}/{door}", headers={"Accept-Language": "en"})
        assert answer.headers["Content-Language"] == "en", door
