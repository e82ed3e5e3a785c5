"""Does a page, and an answer of the API, speak one language only?"""

import html
import json
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import polib
import pytest
from django.test import Client

from command_center.management.commands import check_translations as check
from incidents import actions
from sites.models import Site
from subcommittees.models import Operation, Unit, User
from subcommittees.roles import ROLES
from tests.catalogue import newest
from tests.doors import settled
from tests.pages import report, signed_in

WORD = r"[^\W\d_]+"
# Technical names and a sample of unaccented typing: the same in both languages.
SHARED = {
    "json",
    "trigger",
    "email",
    "token",
    "ascii",
    "idempotency",
    "hieu",
    "accept",
    "basic",
    "base",
    "yyyy",
    "uuuuuu",
    "excel",
    "ctrl",
    "found",  # of the code not_found
}
ENGLISH = {
    word
    for entry in polib.pofile(str(check.CATALOGUE))
    for word in re.findall(r"\b[a-z]{4,}\b", f"{entry.msgid} {entry.msgid_plural}".lower())
} - SHARED
NAMES = ("Khói ở tầng hai", "English", "Tiếng Việt", "Hoàng Sa", "Trường Sa")
# Not said: scripts but for the words they are given, keys of those, placeholders that are filled in later.
UNSEEN = r'<script\b(?![^>]*json).*?</script>|<kbd>.*?</kbd>|\{\w+\}|"[A-Za-z._]+":'
HEARD = r'\s(?:title|placeholder|alt|aria-label|data-label|data-text|data-left|data-over)="([^"]*)"'

# who, address; {fire} is an incident in phường Tô Hiệu
PAGES = [
    ("duty", "/desk/vn/"),
    ("wall", "/desk/vn/"),
    ("sonla", "/desk/vn/14/"),
    ("tohieu", "/desk/vn/14/03646/"),
    ("sonla", "/incidents/"),
    ("sonla", "/incidents/?severity=4&state=closed&category=FIRE&q=zzz"),
    ("sonla", "/incidents/{fire}/"),
    ("secretary", "/incidents/{fire}/"),
    ("laocai", "/incidents/{fire}/"),
    ("admin", "/incidents/"),
    ("tohieu", "/report/"),
    ("sonla", "/report/?site=14-03646-001"),
    ("admin", "/report/"),
    ("sonla", "/sites/?q=to"),
    ("sonla", "/sites/14-03646-001/"),
    ("duty", "/units/"),
    ("duty", "/units/vn/14/"),
    ("sonla_staff", "/units/vn/14/"),
    ("admin", "/people/"),
    ("nobody", "/people/"),
    ("admin", "/people/thu.tohieu/"),
    ("sonla_staff", "/people/thu.tohieu/"),
    ("admin", "/new-account/"),
    ("sonla", "/account/"),
    ("duty", "/notices/"),
    ("duty", "/journal/"),
    ("duty", "/journal/?verb=incident.closed&q=SC-14"),
    ("duty", "/accounts/password/change/"),
    ("duty", "/accounts/logout/"),
    ("", "/accounts/login/"),
    ("duty", "/op/dien-tap/desk/vn/"),
]

FORMS = [
    ("", "/accounts/login/", {}),
    ("", "/accounts/login/", {"login": "thu.duty", "password": "khong-dung"}),
    ("duty", "/accounts/password/change/", {}),
    ("duty", "/accounts/password/change/", {"oldpassword": "a", "password1": "1", "password2": "2"}),
    ("tohieu", "/report/", {}),
    ("tohieu", "/report/", {"site": "x", "category": "x", "severity": "x", "happened_at": "x"}),
    ("wall", "/report/", {}),
    ("sonla", "/incidents/{fire}/close/", {}),
    ("sonla", "/incidents/{fire}/reopen/", {"reason": "x"}),
    ("sonla", "/incidents/{fire}/raise/", {"severity": "1"}),
    ("sonla_staff", "/people/thu.nobody/grant/", {}),
    ("sonla_staff", "/people/thu.tohieu/grant/", {"unit": "x", "role": "x", "starts_at": "x"}),
    ("admin", "/new-account/", {}),
    ("admin", "/new-account/", {"username": "Â Ê", "title": "", "unit": "x"}),
    ("admin", "/new-account/", {"username": "thu.tohieu", "title": "x", "unit": "14"}),
]

API = [
    ("", "get", "/api/incidents/", None),
    ("sonla", "get", "/api/incidents/?severity=9&limit=x&state=x&unknown=1", None),
    ("sonla", "get", "/api/incidents/00000000-0000-0000-0000-000000000000/", None),
    ("sonla", "put", "/api/incidents/", {}),
    ("sonla", "post", "/api/incidents/", {}),
    (
        "sonla",
        "post",
        "/api/incidents/",
        {"site": [], "category": {}, "severity": "x", "summary": None, "more": 1},
    ),
    ("sonla", "post", "/api/incidents/", {"site": "x", "category": "x", "severity": 9, "happened_at": "x"}),
    ("wall", "post", "/api/incidents/", {"site": "14-03646-001", "category": "FIRE", "severity": 2}),
    ("sonla_staff", "post", "/api/appointments/", {}),
    ("sonla_staff", "post", "/api/appointments/", {"user": "x", "unit": "x", "role": "x", "starts_at": "x"}),
    ("admin", "post", "/api/accounts/", {"username": "Â", "title": ""}),
    ("admin", "post", "/api/accounts/", {"username": "thu.tohieu", "title": "x", "unit": "vn/14/"}),
    ("sonla", "get", "/api/journal/?after=x&limit=-1", None),
    ("sonla", "get", "/api/picture/?unit=vn/99/", None),
]


@pytest.fixture(autouse=True)
def current(monkeypatch: pytest.MonkeyPatch) -> None:
    newest(monkeypatch)


@pytest.fixture
def on_stage(cast: SimpleNamespace, number: Callable[[], None]) -> SimpleNamespace:
    """Incidents with a history, so that every page has something to say."""
    cast.fire = report(cast, cast.tohieu, cast.site.tohieu_1, summary="Khói ở tầng hai")
    report(cast, cast.chiengan, cast.site.chiengan_1, category="MED", severity=3)
    actions.acknowledge(by=cast.sonla, incident=cast.fire)
    actions.raise_severity(by=cast.sonla, incident=cast.fire, severity=3)
    number()
    return cast


def client(stage: SimpleNamespace, who: str, language: str) -> Client:
    found = signed_in(stage.officers[who]) if who else Client()
    found.cookies["lang"] = language
    return found


def seen(page: str) -> str:
    """What a reader sees or hears of a page, without names, which are the same in any language."""
    text = re.sub(UNSEEN, " ", page, flags=re.DOTALL)
    text = html.unescape(" ".join([re.sub(r"<[^>]*>", " ", text), *re.findall(HEARD, text)]))
    text = re.sub(r"\\u([0-9A-Fa-f]{4})", lambda found: chr(int(found[1], 16)), text)
    names = {
        *User.objects.values_list("title", flat=True),
        *User.objects.values_list("username", flat=True),
        *Operation.objects.values_list("name", flat=True),
        *(name for unit in Unit.objects.all() for name in (unit.name, unit.short)),
        *Site.objects.values_list("name", flat=True),
        *(role.name.vi for role in ROLES.values()),  # the post that acted, as the journal keeps it
        *NAMES,
    }
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, " ")
    return text


def told(answer: Any) -> str:
    """What an error of the API says to people."""
    body = json.loads(answer.content)
    return " ".join([body["message"], *(text for texts in body.get("fields", {}).values() for text in texts)])


def english_in(text: str) -> set[str]:
    return {word for word in re.findall(WORD, text.lower()) if word in ENGLISH}


def vietnamese_in(text: str) -> set[str]:
    return {word for word in re.findall(WORD, text) if check.VIETNAMESE.search(word)}


def named(value: Any) -> str:
    return value if isinstance(value, str) else ""


@pytest.mark.parametrize(("who", "address"), PAGES)
def test_a_page_speaks_one_language(on_stage, who, address):
    url = address.format(fire=on_stage.fire.pk)
    assert english_in(seen(client(on_stage, who, "vi").get(url).content.decode())) == set()
    assert vietnamese_in(seen(client(on_stage, who, "en").get(url).content.decode())) == set()


@pytest.mark.parametrize(("who", "address", "given"), FORMS, ids=named)
def test_a_refused_form_speaks_one_language(on_stage, who, address, given):
    url = address.format(fire=on_stage.fire.pk)
    answers = []
    for language in ("vi", "en"):
        with settled():
            answers.append(client(on_stage, who, language).post(url, given))
    assert {302, 405} & {answer.status_code for answer in answers} == set()
    assert english_in(seen(answers[0].content.decode())) == set()
    assert vietnamese_in(seen(answers[1].content.decode())) == set()


@pytest.mark.parametrize(("who", "method", "url", "given"), API, ids=named)
def test_the_api_refuses_in_one_language(on_stage, api, who, method, url, given):
    asked = getattr(api(on_stage.officers[who] if who else None), method)
    more = {} if given is None else {"data": given, "format": "json"}
    for language, strange in (("vi", english_in), ("en", vietnamese_in)):
        with settled():
            answer = asked(url, **more, HTTP_ACCEPT_LANGUAGE=language)
        assert answer.status_code >= 400
        assert strange(told(answer)) == set(), told(answer)
