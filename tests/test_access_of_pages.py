"""Does any page show, count or hint at what is not its reader's?"""

import re
from urllib.parse import parse_qsl

import pytest
from django.test import Client
from django.urls import reverse

from subcommittees.models import Appointment
from tests.cast import OFFICERS
from tests.doors import undone
from tests.test_access import ABSENT, MARKS, OUTSIDE, VERBS, fill

# What differs between two answers to the same question: the token of the form, its key, the hour.
FRESH = [r'"[A-Za-z0-9]{64}"', r'value="[0-9a-f]{32}"', r"\d{4}-\d\d-\d\dT[\d:.]+Z?", r"\d\d:\d\d(:\d\d)?"]


@pytest.fixture
def stage(cast, number):
    cast.incident = fill(cast)
    number()
    return cast


@pytest.fixture
def browser(stage):
    def opened(who):
        client = Client(raise_request_exception=False)
        client.force_login(stage.officers[who], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return opened


def asked(client, method, address, body):
    with undone():
        answer = getattr(client, method)(address, body or {})
    text = answer.content.decode()
    for one in FRESH:
        text = re.sub(one, "…", text)
    kept = {"Content-Type", "Cache-Control", "Location", "Content-Language", "Vary", "Allow"}
    return answer.status_code, text, {name: value for name, value in answer.headers.items() if name in kept}


def doors(what):
    """Every page and form that takes something of somebody's."""
    yield "get", reverse("desk", args=[what.unit]), None
    yield "get", reverse("unit", args=[what.unit]), None
    yield "get", reverse("site", args=[what.site]), None
    yield "get", reverse("person", args=[what.username]), None
    yield "get", reverse("incident", args=[what.incident]), None
    for verb in VERBS:
        yield "post", reverse("incident-act", args=[what.incident, verb]), {"reason": "x", "severity": "4"}
    yield "post", reverse("grant", args=[what.username]), {"unit": "03646", "role": "commune"}
    yield "post", reverse("disable", args=[what.username]), {"active": "0", "reason": "x"}
    yield "post", reverse("relieve", args=[what.appointment]), {"reason": "x"}


@pytest.mark.parametrize(("province", "who"), [
    ("sonla", "laocai"), ("sonla", "sapa"), ("sonla", "nobody"), ("laocai", "sonla_staff"), ("laocai", "tohieu"),
])  # fmt: skip
def test_a_foreign_page_is_answered_like_an_absent_one(province, who, stage, browser):
    commune = {"sonla": "tohieu", "laocai": "sapa"}[province]
    assert who in OUTSIDE[province]
    theirs = type(ABSENT)(
        incident=getattr(stage.incident, province).pk,
        site=getattr(stage.site, f"{commune}_1").code,
        unit=getattr(stage.unit, commune).path,
        appointment=Appointment.objects.get(user__username=f"thu.{commune}").pk,
        username=f"thu.{commune}",
    )
    client = browser(who)
    for foreign, absent in zip(doors(theirs), doors(ABSENT), strict=True):
        said = asked(client, *foreign)
        assert said[0] == 404, foreign
        assert said == asked(client, *absent), foreign


def test_a_form_about_a_foreign_site_says_what_it_says_of_none(stage, browser):
    client = browser("laocai")
    body = {"category": "FIRE", "severity": "2", "idempotency_key": "k"}
    said = []
    for code in (stage.site.tohieu_1.code, "14-99999-001"):
        for method, address, more in [
            ("post", reverse("report"), {**body, "site": code}),
            ("get", reverse("report") + f"?site={code}", None),
            ("get", reverse("similar") + f"?site={code}&category=FIRE", None),
        ]:
            status, text, headers = asked(client, method, address, more)
            said.append((status, text.replace(code, "…"), headers))
    assert said[:3] == said[3:]


def readable(stage):
    for name in (
        "incidents",
        "sites",
        "units",
        "people",
        "journal",
        "notices",
        "account",
        "report",
        "similar",
    ):
        yield reverse(name)
    for query in (
        "q=bi mat",
        "q=SC-1",
        "q=phuong",
        "unit=vn/14/",
        "unit=vn/15/",
        "parent=vn/14/",
        "state=open",
    ):
        for name in ("incidents", "sites", "units", "people", "journal"):
            yield f"{reverse(name)}?{query}"
    for path in ("vn/", "vn/14/", "vn/15/", "vn/14/03646/", "vn/15/03006/"):
        yield reverse("desk", args=[path])
        yield reverse("unit", args=[path])
    for one in vars(stage.incident).values():
        yield reverse("incident", args=[one.pk])
    for site in (stage.site.tohieu_1, stage.site.sapa_1):
        yield reverse("site", args=[site.code])
        yield f"{reverse('report')}?site={site.code}&q=nha van hoa"
        yield f"{reverse('similar')}?site={site.code}&category=FIRE"


@pytest.mark.parametrize("who", ["laocai", "sapa", "sonla", "tohieu", "nobody"])
def test_no_page_names_a_foreign_thing(who, stage, browser):
    place = OFFICERS[who][1]
    own = {"laocai": "laocai", "sapa": "laocai", None: ""}.get(place, "sonla")
    foreign = [mark for name, marks in MARKS.items() if name != own for mark in marks]
    client, seen = browser(who), ""
    for address in readable(stage):
        body = client.get(address).content.decode()
        body = re.sub(r'placeholder="[^"]*"', "", body)  # the sample of a number is the same for everybody
        # one's own words come back in the filter that they set, and one's own name in the bar
        for echo in (
            stage.officers[who].username,
            *(word for _, word in parse_qsl(address.partition("?")[2])),
        ):
            body = body.replace(echo, "")
        assert [mark for mark in foreign if mark in body] == [], address
        seen += body
    assert not own or MARKS[own][6] in seen


def test_a_liaison_of_health_reads_health_only(stage, browser):
    client = browser("health")
    for name in ("incidents", "journal", "notices"):
        body = client.get(reverse(name)).content.decode()
        for one in ("sonla", "laocai", "sonla_secret", "laocai_secret"):
            assert getattr(stage.incident, one).ref not in body, (name, one)
    listed = client.get(reverse("incidents")).content.decode()
    assert stage.incident.sonla_health.ref in listed
    assert stage.incident.laocai_health.ref in listed


def test_an_administrator_of_accounts_reads_no_incident(stage, browser):
    client = browser("admin")
    refs = [one.ref for one in vars(stage.incident).values()]
    for address in readable(stage):
        body = client.get(address).content.decode()
        assert not [ref for ref in refs if ref in body], address
        assert "BÍ MẬT" not in body, address
