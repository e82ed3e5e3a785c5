"""Is every address, query and header answered clearly, whatever it says?"""

import pytest
from django.test import Client

from incidents import actions
from tests.doors import told


@pytest.fixture
def fire(cast):
    return actions.report(
        by=cast.tohieu, operation=cast.operation, site=cast.site.tohieu_1, category="FIRE", severity=2
    )


@pytest.mark.loud
def test_a_query_of_too_many_parts_is_refused(cast, api):
    for prefix in ("/api", ""):
        answer = api(cast.sonla).get(f"{prefix}/incidents/?" + "&".join(f"a{n}=1" for n in range(600)))
        assert answer.status_code == 400


QUERIES = [
    "limit=0", "limit=-1", "limit=x", "limit=", "limit=1e3", "limit=٣", "limit=2.0", "limit=" + "9" * 5000,
    "offset=-1", "offset=x", "offset=9999999999999999999", "limit=1&limit=2", "unknown=1", "page=1",
    "ordering=-severity", "fields=reported_by__password",
    "reported_by__password__startswith=a", "path__startswith=vn", "state=none",
    "state=reported&state=closed", "state[]=reported", "severity=0", "severity=5", "severity=x", "severity=٢",
    "severity=1,2,x", "category=fire", "category=%00", "q=%00", "q=%ff", "q=%ed%a0%80", "q=a&q=b", "q=" + "x" * 501,
    "unit=vn/14/&unit=vn/15/", "%00=1", "q=" + "x" * 9000,
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query[:40])
def test_a_query_that_is_wrong_is_refused(query, cast, api, fire):
    answer = api(cast.sonla).get(f"/api/incidents/?{query}")
    if answer.status_code != 414:
        told(answer, 400)


SEARCHES = [
    "%", "_", "' OR 1=1 --", "a & | ! <-> b:*", "((((", "\\", ":*", '"', "%" * 500, "🔥\u202e", "\u0301" * 300,
    "đ Đ ð Ð اختبار", " \t", "to\u00a0hieu a\u200bb",
]  # fmt: skip


@pytest.mark.parametrize("words", SEARCHES, ids=ascii)
def test_a_search_for_anything_finds_or_finds_nothing(words, cast, api, fire):
    client = api(cast.sonla)
    page = Client()
    page.force_login(cast.sonla, backend="django.contrib.auth.backends.ModelBackend")
    for name in ("incidents", "sites", "units", "appointments"):
        assert client.get(f"/api/{name}/", {"q": words}).status_code == 200, name
    for name in ("incidents", "sites", "units", "people", "journal"):
        assert page.get(f"/{name}/", {"q": words}).status_code == 200, name


UNITS = [
    "vn",
    "vn/14",
    "/",
    "vn/%",
    "vn/_4/",
    "14",
    "vn/99/",
    "../",
    "vn/14/../15/",
    "VN/14/",
    "vn//14/",
    "x" * 400,
]


@pytest.mark.parametrize("path", UNITS)
def test_a_unit_that_is_none_is_as_good_as_foreign(path, cast, api, fire):
    client = api(cast.sonla)
    assert client.get("/api/picture/", {"unit": path}).status_code == 404
    assert client.get("/api/sites/", {"unit": path}).json()["count"] in {0, 4}
    assert client.get("/api/units/", {"parent": path}).json()["count"] == 0
    assert "15" not in {
        one["code"][:2] for one in client.get("/api/sites/", {"unit": path}).json()["results"]
    }


IDS = [
    "1", "0", "-1", "x", "٤٢", "00000000-0000-0000-0000-00000000000", "{}", "%00", "%2e%2e", "..%2f..", "%ff",
    "9" * 5000, "00000000000000000000000000000000", "a;b", "a%0d%0ab", "con", "%25", "%5c",
]  # fmt: skip


@pytest.mark.parametrize("before", [
    "/api/incidents/", "/api/sites/", "/api/appointments/", "/incidents/", "/sites/", "/units/", "/people/", "/desk/",
])  # fmt: skip
def test_an_address_of_nothing_is_not_found(before, cast, api):
    page = Client(raise_request_exception=False)
    page.force_login(cast.sonla, backend="django.contrib.auth.backends.ModelBackend")
    client = page if not before.startswith("/api") else api(cast.sonla)
    for wrong in IDS:
        assert client.get(f"{before}{wrong}/").status_code in {404, 414}, wrong
        assert client.post(f"{before}{wrong}/acknowledge/").status_code in {404, 405, 414}, wrong


@pytest.mark.parametrize("digits", ["٤", "४", "４", "0", "01", "9" * 19, "9" * 400, "1.0", "+1", "1%20"])
def test_one_appointment_has_one_address(digits, cast, api):
    answer = api(cast.admin).post(f"/api/appointments/{digits}/relieve/", {}, format="json")
    assert answer.status_code == 404


CURSORS = ["x", "", "=", "gAAAAA", "x" * 400, "🔥", "%00", "../..", "0", "-1"]


@pytest.mark.parametrize("cursor", CURSORS)
def test_a_cursor_that_is_none_is_refused(cursor, cast, api, fire):
    answer = api(cast.laocai).get("/api/journal/", {"after": cursor})
    if cursor:
        told(answer, 400)
    assert "SC-14" not in answer.content.decode()


def test_a_cursor_cut_or_changed_is_refused(cast, api, fire, number):
    number()
    client = api(cast.sonla)
    good = client.get("/api/journal/").json()["cursor"]
    middle = len(good) // 2
    changed = good[:middle] + ("A" if good[middle] != "A" else "B") + good[middle + 1 :]
    for one in (good[:-1], good[1:], changed, good[:middle], good.lower()):
        told(client.get("/api/journal/", {"after": one}), 400)


HOSTS = ["evil.example", "127.0.0.1.evil.example", "a b", "", "[::1", "127.0.0.1/x", "\u00e9.vn"]


@pytest.mark.loud
@pytest.mark.parametrize("host", HOSTS)
def test_another_name_of_the_house_is_refused(host, cast, api, settings):
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
    for address in ("/api/me/", "/accounts/login/"):
        answer = api(cast.duty).get(address, headers={"Host": host})
        assert answer.status_code == 400, address


def test_what_a_client_says_of_itself_is_not_believed(cast, api):
    for header in (
        "X-Forwarded-Host",
        "X-Forwarded-For",
        "Forwarded",
        "X-Original-Url",
        "X-Rewrite-Url",
        "X-User",
    ):
        said = api(cast.sonla).get("/api/sites/?limit=1", headers={header: "evil.example"})
        assert said.status_code == 200
        assert "evil" not in said.content.decode()


@pytest.mark.parametrize(("header", "value"), [
    ("Accept", "text/html"), ("Accept", "image/png"), ("Accept", "*"), ("Accept", ",;q=x"), ("Accept", "a" * 5000),
    ("Accept-Language", "x" * 5000), ("Accept-Language", "../../etc"), ("Accept-Language", "🔥"),
    ("Range", "bytes=0-0"),
    ("If-None-Match", "*"), ("If-Modified-Since", "hôm qua"), ("If-Match", '"x"'), ("Cookie", "baucu=x; baucu=y"),
    ("Cookie", "csrf=" + "x" * 8000), ("Cookie", "lang=../../x"), ("Cookie", "=;;=;"), ("Content-Encoding", "gzip"),
    ("Expect", "100-continue"), ("X-HTTP-Method-Override", "DELETE"), ("Upgrade", "websocket"), ("TE", "trailers"),
])  # fmt: skip
def test_an_absurd_header_changes_nothing(header, value, cast, api):
    answer = api(cast.sonla).get("/api/me/", headers={header: value})
    assert answer.status_code in {200, 406}
    if answer.status_code == 200:
        assert answer.json()["user"]["username"] == "thu.sonla"


COOKIES = [
    'baucu="\\000bcdefghijkl"', 'baucu="abcdefgh\\000jkl"', "baucu=" + "x" * 5000, 'csrf="\\000"', 'lang="\\000"',
    "a" * 3000,
]  # fmt: skip


@pytest.mark.parametrize("cookie", COOKIES, ids=lambda cookie: cookie[:20])
@pytest.mark.usefixtures("cast")
def test_a_cookie_may_hold_anything(cookie):
    """Quoted, it can carry a NUL, which no column of the database takes."""
    for address in ("/api/me/", "/accounts/login/", "/incidents/"):
        for method in ("get", "post"):
            answer = getattr(Client(raise_request_exception=False), method)(
                address, headers={"Cookie": cookie}
            )
            assert answer.status_code in {200, 302, 400, 401, 403}, address


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", "page=٣", "page=-1", "page=9999999", "page=1&page=2", "x=1"]
)
def test_a_page_of_a_list_that_is_none_is_some_page_of_it(query, cast, fire):
    client = Client()
    client.force_login(cast.sonla, backend="django.contrib.auth.backends.ModelBackend")
    for name in ("incidents", "sites", "units", "people", "journal", "notices"):
        assert client.get(f"/{name}/?{query}").status_code == 200, name


def test_what_is_turned_away_at_the_gate_is_told_like_all_else(cast):
    for address, status, code in [
        ("/api/incidents/?q=%00", 400, "bad_request"), ("/api/%00", 404, "not_found"),
        ("/api/incidents/?q=" + "x" * 9000, 414, "too_long"),
    ]:  # fmt: skip
        said = {}
        for language in ("vi", "en"):
            answer = Client().get(address, headers={"Accept-Language": language})
            assert (answer.status_code, answer.json()["code"]) == (status, code)
            assert answer.headers["Content-Language"] == language
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            said[language] = answer.json()["message"]
        assert said["vi"] != said["en"]


@pytest.mark.parametrize(("length", "status"), [
    ("1048577", 413), ("9" * 30, 413), ("-1", 400), ("x", 400), ("٣", 400), ("1e9", 400),
])  # fmt: skip
def test_nothing_large_is_read_even_of_a_stranger(length, status, cast):
    """A form is read before anybody is asked who they are: a file in it would fill the disk."""
    for address in ("/accounts/login/", "/report/", "/api/incidents/"):
        answer = Client().generic(
            "POST", address, b"x", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=length
        )
        assert answer.status_code == status, address


CLIMBING = [
    "//api/me/", "/api//me/", "/api/me;x/", "/api\\me/", "/api/me/.", "/api/./me/x", "/static/%2e%2e/manage.py",
    "/static/..%2f..%2fmanage.py", "/static/../command_center/settings.py", "/static//etc/passwd", "/static/%00",
    "/op/bau-cu/../../etc/passwd", "/op//api/me/", "/%2e%2e/%2e%2e/etc/passwd",
]  # fmt: skip


@pytest.mark.parametrize("address", CLIMBING)
def test_no_address_climbs_out(address, cast, api):
    answer = api(cast.duty).get(address)
    assert answer.status_code in {404, 301}, answer.content[:200]
    assert b"SECRET" not in answer.content


@pytest.mark.parametrize("headers", [
    {}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Referer": "https://evil.example/"},
    {"X-CSRFToken": "x" * 64}, {"Cookie": "csrf=" + "a" * 32, "X-CSRFToken": "b" * 32},
])  # fmt: skip
def test_a_form_from_elsewhere_does_nothing(headers, cast, fire):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.sonla, backend="django.contrib.auth.backends.ModelBackend")
    cookies = f"baucu={client.cookies['baucu'].value}; {headers.get('Cookie', '')}"
    for address in (
        "/report/",
        f"/incidents/{fire.pk}/acknowledge/",
        "/account/",
        "/accounts/logout/",
        "/notices/",
    ):
        answer = client.post(address, {"act": "make_token"}, headers={**headers, "Cookie": cookies})
        assert answer.status_code == 403, address
        assert "<html" in answer.content.decode()
    fire.refresh_from_db()
    assert fire.state == "reported"
