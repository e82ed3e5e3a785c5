"""Is whatever is sent answered clearly, with nothing stored and nobody else's data?"""

import json
import unicodedata
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from incidents import actions
from incidents.models import Incident
from journal.models import Event
from tests.cast import PASSWORD
from tests.doors import settled, told

REPORT = "/api/incidents/"


@pytest.fixture
def good(cast):
    return {"site": cast.site.tohieu_1.code, "category": "FIRE", "severity": 2, "summary": "Khói"}


@pytest.fixture
def fire(cast, good):
    return actions.report(
        by=cast.tohieu, operation=cast.operation, site=cast.site.tohieu_1, category="FIRE", severity=2
    )


def send(client, body, address=REPORT, content_type="application/json", **headers):
    raw = body if isinstance(body, bytes) else body.encode()
    with settled():
        return client.generic("POST", address, raw, content_type=content_type, headers=headers)


RAW = {
    "empty": ("", 400),
    "not json": ("xin chào", 400),
    "half": ('{"site": "14', 400),
    "list": ("[]", 400),
    "null": ("null", 400),
    "number": ("7", 400),
    "text": ('"x"', 400),
    "invalid utf-8": (b'{"site": "\xff\xfe"}', 400),
    "utf-16": ('{"site": "x"}'.encode("utf-16"), 400),
    "byte order mark": (b'\xef\xbb\xbf{"site": "x"}', 400),
    "deep list": ("[" * 100_000 + "]" * 100_000, 400),
    "deep object": ('{"a":' * 30_000 + "1" + "}" * 30_000, 400),
    "many keys": ("{" + ",".join(f'"k{n}":1' for n in range(20_000)) + "}", 400),
    "form": ("site=14-03646-001&category=FIRE&severity=2", 415, "application/x-www-form-urlencoded"),
    "multipart": ("--x\r\n\r\n--x--", 415, "multipart/form-data; boundary=x"),
    "xml": ("<a/>", 415, "application/xml"),
    "yaml": ("a: 1", 415, "application/yaml"),
    "no type": ("{}", 415, "nonsense"),
    "absurd charset": (b"\xff", 400, "application/json; charset=utf-99"),
    "one megabyte": (json.dumps({"summary": "x" * 1_100_000}), 413),
    "many megabytes": ("[" + "1," * 3_000_000 + "1]", 413),
}


@pytest.mark.parametrize("name", RAW)
def test_a_body_that_is_none_is_refused(name, cast, api):
    body, status, *more = RAW[name]
    client = api(cast.tohieu)
    answer = send(client, body, REPORT, *more)
    told(answer, status)
    assert len(answer.content) < 5000
    assert not Incident.objects.exists()


def test_what_is_refused_is_told_in_both_languages(cast, api, fire):
    """The same refusals, other words: nothing falls back to the other language."""
    asked = [
        ("POST", REPORT, "nonsense"), ("POST", REPORT, "{}"), ("POST", f"{REPORT}{fire.pk}/verify/", "{}"),
        ("POST", f"{REPORT}{fire.pk}/close/", "{}"), ("GET", "/api/sites/x/", ""), ("GET", f"{REPORT}?limit=x", ""),
        ("GET", f"{REPORT}?x=1", ""), ("GET", f"{REPORT}?state=x", ""), ("PUT", REPORT, ""),
        ("GET", "/api/journal/?after=x", ""), ("GET", "/api/nothing/", ""),
    ]  # fmt: skip
    for method, address, body in asked:
        said = []
        for language in ("vi", "en"):
            with settled():
                answer = api(cast.sonla).generic(
                    method,
                    address,
                    body,
                    content_type="application/json",
                    headers={"Accept-Language": language},
                )
            assert 400 <= answer.status_code < 500
            said.append(answer.json()["message"])
        assert said[0] != said[1], (address, said)


FIELDS = {
    "NUL": {"summary": "a\0b"},
    "number for text": {"summary": 7},
    "boolean for text": {"category": True},
    "list for text": {"site": ["14-03646-001"]},
    "object for text": {"site": {"code": "14-03646-001"}},
    "null for text": {"summary": None},
    "text for number": {"severity": "2"},
    "boolean for number": {"severity": True},
    "float for number": {"severity": 2.0},
    "null for number": {"severity": None},
    "zero": {"severity": 0},
    "five": {"severity": 5},
    "negative": {"severity": -1},
    "beyond 64 bit": {"severity": 2**63},
    "5,000 digits": '"severity": ' + "9" * 5000,
    "exponent": '"severity": 1e400',
    "NaN": '"severity": NaN',
    "Infinity": '"severity": -Infinity',
    "lone surrogate": '"summary": "\\ud800"',
    "escaped NUL": '"summary": "\\u0000"',
    "doubled key": '"severity": 1',
    "empty category": {"category": ""},
    "unknown category": {"category": "fire"},
    "category of another script": {"category": "FІRE"},
    "long category": {"category": "F" * 10_000},
    "long summary": {"summary": "x" * 2001},
    "very long summary": {"summary": "x" * 200_000},
    "no category": {"category": ...},
    "no site": {"site": ...},
    "no severity": {"severity": ...},
    "unknown field": {"note": "x"},
    "own id": {"id": "00000000-0000-0000-0000-000000000001"},
    "own reference": {"ref": "SC-14-999999"},
    "own state": {"state": "closed"},
    "own reporter": {"reported_by": "thu.sonla"},
    "own operation": {"operation": "dien-tap"},
    "own unit": {"unit": "vn/15/"},
    "__proto__": {"__proto__": {}},
    "tomorrow": {"happened_at": "2999-01-01T00:00:00Z"},
    "year 0": {"happened_at": "0000-01-01T00:00:00Z"},
    "year 1, east": {"happened_at": "0001-01-01T00:00:00+14:00"},
    "year 9999, west": {"happened_at": "9999-12-31T23:59:59-12:00"},
    "leap second": {"happened_at": "2016-12-31T23:59:60Z"},
    "no zone": {"happened_at": "2026-03-14T08:00:00"},
    "a date": {"happened_at": "2026-03-14"},
    "seconds since 1970": {"happened_at": 1_700_000_000},
    "no moment": {"happened_at": "hôm qua"},
    "empty moment": {"happened_at": ""},
    "Arabic digits": {"happened_at": "٢٠٢٦-٠٣-١٤T٠٨:٠٠:٠٠Z"},
}


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_that_is_wrong_is_refused(name, cast, api, good):
    wrong = FIELDS[name]
    if isinstance(wrong, str):  # what no encoder of JSON would write
        rest = good if name == "doubled key" else {k: v for k, v in good.items() if f'"{k}"' not in wrong}
        body = json.dumps(rest)[:-1] + ", " + wrong + "}"
    else:
        body = json.dumps({key: value for key, value in {**good, **wrong}.items() if value is not ...})
    told(send(api(cast.tohieu), body), 400, 404)
    assert not Incident.objects.exists()
    assert not Event.objects.exists()


KEPT = {
    "right to left": "abc\u202edef",
    "zero width": "Tô\u200b Hiệu",
    "emoji": "🔥 cháy 👩‍🚒",
    "combining flood": "a" + "\u0301" * 500,
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "braces": "{{ 7*7 }} {% load x %} ${7*7} %s %(a)s {0}",
    "sql": "'; DROP TABLE incidents_incident; --",
    "spreadsheet": '=HYPERLINK("http://evil.example")',
    "link": "[x](javascript:alert(1))",
    "lines": "một\r\nhai\tba",
    "astral": "\U0001f6a8\U00020000",
    "last": "\uffff\ufdd0",
}


@pytest.mark.parametrize("name", KEPT)
def test_a_text_is_kept_as_it_is_and_does_nothing(name, cast, api, good):
    answer = send(api(cast.tohieu), json.dumps({**good, "summary": KEPT[name]}))
    assert answer.status_code == 201, answer.content
    assert answer.json()["summary"] == unicodedata.normalize("NFC", KEPT[name])
    page = Client()
    page.force_login(cast.tohieu, backend="django.contrib.auth.backends.ModelBackend")
    for address in (f"/incidents/{answer.json()['id']}/", "/incidents/", f"/desk/{cast.unit.tohieu.path}"):
        shown = page.get(address)
        assert shown.status_code == 200, address
        assert "<script>alert" not in shown.content.decode()
        assert "<img src=x" not in shown.content.decode()
        assert 'href="javascript:' not in shown.content.decode()


def test_forms_of_one_letter_are_one_text(cast, api, good):
    """The same words typed on two phones, composed and decomposed, are stored alike and found alike."""
    client = api(cast.tohieu)
    for summary in ("Tô Hiệu", "To\u0302 Hie\u0323\u0302u"):
        assert send(client, json.dumps({**good, "summary": summary})).json()["summary"] == "Tô Hiệu"
    assert client.get("/api/incidents/", {"q": "hiê\u0323u"}).json()["count"] == 2


def test_a_site_of_another_province_is_like_one_that_is_none(cast, api, good):
    client = api(cast.tohieu)
    said = [
        send(client, json.dumps({**good, "site": code}))
        for code in (cast.site.sapa_1.code, "15-99999-001", "x", "🔥")
    ]
    assert {(one.status_code, one.content) for one in said} == {(404, said[0].content)}


@pytest.mark.parametrize(
    "body", ["", '{"text": "x", "verb": "close"}', '{"by": "x"}', '{"severity": null, "x": 1}']
)
def test_a_verb_takes_nothing_unknown(body, cast, api, fire):
    answer = send(api(cast.sonla), body, f"/api/incidents/{fire.pk}/note/")
    told(answer, 400)
    assert Event.objects.count() == 1


@pytest.mark.parametrize(("verb", "body"), [
    ("note", {"text": "   "}), ("note", {"text": "\u200b"}), ("close", {"reason": ""}), ("false_alarm", {}),
    ("lower", {"severity": 1}), ("lower", {"severity": 3, "reason": "x"}), ("raise", {"severity": 2}),
    ("raise", {"severity": 9}), ("raise", {}), ("reopen", {}), ("note", {"text": "x" * 2001}),
])  # fmt: skip
def test_a_verb_without_what_it_needs_is_refused(verb, body, cast, api, fire):
    told(send(api(cast.sonla), json.dumps(body), f"/api/incidents/{fire.pk}/{verb}/"), 400, 409)
    assert Event.objects.count() == 1


@pytest.mark.parametrize("body", [
    {}, {"user": "thu.nobody"}, {"user": "x\0", "unit": "vn/", "role": "wall"}, {"role": "king"},
    {"role": "province_duty"}, {"starts_at": "2026-01-01T00:00:00"}, {"ends_at": "2000-01-01T00:00:00Z"},
    {"starts_at": "2027-01-02T00:00:00Z", "ends_at": "2027-01-01T00:00:00Z"}, {"unit": "vn/14"}, {"unit": 14},
    {"ends_at": "9999-12-31T23:59:59-12:00"}, {"granted_by": 1},
])  # fmt: skip
def test_an_appointment_that_cannot_be_is_refused(body, cast, api):
    given = {"user": "thu.nobody", "unit": cast.unit.tohieu.path, "role": "commune"}
    whole = body if set(body) <= {"user"} else {**given, **body}
    told(send(api(cast.admin), json.dumps(whole), "/api/appointments/"), 400, 404)
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    "username", ["", "A", "Thu.Moi", "a b", "-a", "a/b", "á", "a" * 61, "thu.sonla", "аdmin"]
)
def test_an_account_that_cannot_be_is_refused(username, cast, api):
    body = {"username": username, "title": "Cán bộ", "unit": cast.unit.tohieu.path}
    told(send(api(cast.admin), json.dumps(body), "/api/accounts/"), 400)
    assert not Event.objects.exists()


FORMS = {
    "nothing": {},
    "unknown category": {"category": "NONE"},
    "doubled category": {"category": ["NONE", "X"]},
    "severity in words": {"severity": "x"},
    "severity": {"severity": "9"},
    "foreign site": {"site": "15-03006-001"},
    "no site": {"site": ""},
    "NUL": {"summary": "a\0b"},
    "NUL in the site": {"site": "\0"},
    "long": {"summary": "x" * 2001},
    "no moment": {"happened_at": "hôm qua"},
    "a late moment": {"happened_at": "31/12/9999 23:59"},
    "long key": {"idempotency_key": "x" * 300},
    "NUL in the key": {"idempotency_key": "\0"},
}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_that_is_wrong_comes_back_with_words(name, cast, good):
    page = Client(raise_request_exception=False)
    page.force_login(cast.tohieu, backend="django.contrib.auth.backends.ModelBackend")
    given = {} if name == "nothing" else {**good, "idempotency_key": "mot-lan", **FORMS[name]}
    with settled():
        answer = page.post("/report/", given)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("text/html")
    assert not Incident.objects.exists()


@pytest.mark.loud
def test_a_form_of_too_many_fields_is_refused(cast):
    page = Client(raise_request_exception=False)
    page.force_login(cast.tohieu, backend="django.contrib.auth.backends.ModelBackend")
    assert page.post("/report/", {f"f{n}": "x" for n in range(2000)}).status_code == 400
    assert page.post("/report/", {"summary": "x" * 2_000_000}).status_code in {400, 413}


@pytest.mark.parametrize("where", [
    "//evil.example", "https://evil.example", "javascript:alert(1)", "/\\evil.example", "\\\\evil.example", "http:///evil",
    "/%0d%0aX: y", "data:text/html,x", "///evil.example",
])  # fmt: skip
def test_a_sign_in_leads_to_our_own_pages_only(where, cast):
    client = Client()
    signed = client.post(
        f"{reverse('account_login')}?next={quote(where)}",
        {"login": cast.tohieu.username, "password": PASSWORD, "next": where},
    )
    assert signed.status_code == 302
    assert "evil" not in signed.headers["Location"]
    assert "javascript" not in signed.headers["Location"]
    chosen = client.post(reverse("set_language"), {"language": "en", "next": where})
    assert "evil" not in chosen.headers.get("Location", "")
