"""Does anybody see, touch or infer what is not theirs?"""

import datetime as dt
import json
import uuid
from types import SimpleNamespace

import pytest
from django.urls import reverse
from rest_framework.authtoken.models import Token

from incidents import actions, queries
from journal import clock
from subcommittees import actions as chain
from subcommittees.models import Appointment, Grant
from tests.cast import OFFICERS
from tests.doors import settled, undone

VERBS = sorted(actions.VERBS)
# What stands in a body of each province and in no other: names, codes, paths, references.
MARKS = {
    "sonla": ["SC-14-", "14-0", "vn/14", "Sơn La", "Tô Hiệu", "Chiềng An", "BÍ MẬT SƠN LA", "thu.tohieu", "thu.sonla"],
    "laocai": ["SC-15-", "15-0", "vn/15", "Lào Cai", "Sa Pa", "Bắc Hà", "BÍ MẬT LÀO CAI", "thu.sapa", "thu.laocai"],
}  # fmt: skip


def fill(cast: SimpleNamespace) -> SimpleNamespace:
    """In each province an ordinary incident with a life, one of health, and one that is not for every wall."""
    found = SimpleNamespace()
    for name, commune, duty in [("sonla", cast.tohieu, cast.sonla), ("laocai", cast.sapa, cast.laocai)]:
        site = cast.site.tohieu_1 if name == "sonla" else cast.site.sapa_1
        given = {"by": commune, "operation": cast.operation, "site": site, "severity": 2}
        words = MARKS[name][6]
        fire = actions.report(**given, category="FIRE", summary=words)
        actions.acknowledge(by=duty, incident=fire)
        actions.note(by=duty, incident=fire, text=f"Ghi chú {words}")
        setattr(found, name, fire)
        setattr(found, f"{name}_health", actions.report(**given, category="MED", summary=words))
        setattr(found, f"{name}_secret", actions.report(**given, category="VIP", summary=words))
    return found


@pytest.fixture
def stage(cast, number):
    cast.incident = fill(cast)
    number()
    return cast


def asked(client, method, address, body=None):
    """Status, body and headers; what a door did is taken back."""
    with undone():
        answer = getattr(client, method)(address, body, **({"format": "json"} if method == "post" else {}))
    headers = {name: value for name, value in answer.headers.items() if name != "Date"}
    return answer.status_code, answer.content, headers


def doors(stage, theirs):
    """Every door that takes something of somebody's: (method, address, body), by the same shape for all."""
    given = {
        "acknowledge": {}, "verify": {}, "respond": {}, "resolve": {}, "note": {"text": "x"}, "raise": {"severity": 4},
        "lower": {"severity": 1, "reason": "x"}, "close": {"reason": "x"}, "false_alarm": {"reason": "x"},
        "reopen": {"reason": "x"},
    }  # fmt: skip
    incident, site, unit = theirs.incident, theirs.site, theirs.unit
    yield "get", reverse("api-incident", args=[incident]), None
    yield "get", reverse("api-timeline", args=[incident]), None
    for verb in VERBS:
        yield "post", reverse("api-act", args=[incident, verb]), given[verb]
    yield "get", reverse("api-site", args=[site]), None
    yield "get", reverse("api-picture") + f"?unit={unit}", None
    yield "post", reverse("api-incidents"), {"site": site, "category": "FIRE", "severity": 2}
    yield (
        "post",
        reverse("api-appointments"),
        {"user": stage.nobody.username, "unit": unit, "role": "commune"},
    )
    yield "post", reverse("api-accounts"), {"username": "thu.moi", "title": "x", "unit": unit}
    yield "post", reverse("api-relieve", args=[theirs.appointment]), {}
    yield "post", reverse("api-disable", args=[theirs.username]), {}
    yield "post", reverse("api-enable", args=[theirs.username]), {}


ABSENT = SimpleNamespace(
    incident=uuid.UUID(int=1),
    site="99-00000-001",
    unit="vn/99/00000/",
    appointment=10**12,
    username="khong-co",
)
OUTSIDE = {
    "sonla": ["laocai", "sapa", "nobody"],
    "laocai": ["sonla", "sonla_head", "sonla_staff", "tohieu", "chiengan", "nobody"],
}


@pytest.mark.parametrize(("province", "who"), [(one, who) for one, all_ in OUTSIDE.items() for who in all_])
def test_what_is_foreign_is_answered_like_what_is_absent(province, who, stage, api):
    commune = {"sonla": "tohieu", "laocai": "sapa"}[province]
    theirs = SimpleNamespace(
        incident=getattr(stage.incident, province).pk,
        site=getattr(stage.site, f"{commune}_1").code,
        unit=getattr(stage.unit, commune).path,
        appointment=Appointment.objects.get(user__username=f"thu.{commune}").pk,
        username=f"thu.{commune}",
    )
    client = api(stage.officers[who])
    for foreign, absent in zip(doors(stage, theirs), doors(stage, ABSENT), strict=True):
        said = asked(client, *foreign)
        assert said == asked(client, *absent), foreign[1]
        assert said[0] == 404, foreign[1]


@pytest.mark.parametrize(("who", "what"), [
    ("chiengan", "sonla"), ("health", "sonla"), ("health", "laocai"), ("health", "sonla_secret"),
    ("admin", "sonla"), ("admin", "sonla_health"), ("k02", "sonla"),
])  # fmt: skip
def test_topic_clearance_and_neighbourhood_are_reach_too(who, what, stage, api):
    client = api(stage.officers[who])
    for name in ("api-incident", "api-timeline"):
        theirs = asked(client, "get", reverse(name, args=[getattr(stage.incident, what).pk]))
        assert theirs == asked(client, "get", reverse(name, args=[ABSENT.incident]))


def readable(stage):
    """Every address that lists, counts, searches or tells."""
    for query in (
        "",
        "?state=open",
        "?q=bi mat",
        "?q=SC",
        "?q=FIRE",
        "?unit=vn/",
        "?unit=vn/14/",
        "?unit=vn/15/",
    ):
        yield reverse("api-incidents") + query
    for query in (
        "",
        "?limit=200",
        "?q=to hieu",
        "?q=sa pa",
        "?q=nha van hoa",
        "?unit=vn/14/",
        "?unit=vn/15/",
    ):
        yield reverse("api-sites") + query
    for query in (
        "",
        "?limit=200",
        "?parent=vn/",
        "?parent=vn/14/",
        "?parent=vn/15/",
        "?q=tinh",
        "?q=phuong",
    ):
        yield reverse("api-units") + query
    for query in ("", "?q=thu", "?q=sa pa", "?q=to hieu"):
        yield reverse("api-appointments") + query
    for query in ("", "?q=to hieu", "?q=sa pa", "?q=bi mat", "?q=thu", "?q=SC", "?q=tinh", "?q=nha van hoa"):
        yield reverse("api-search") + query
    for name in ("api-journal", "api-picture", "api-me", "api-operations", "api-tables"):
        yield reverse(name)
    for incident in vars(stage.incident).values():
        yield reverse("api-incident", args=[incident.pk])
        yield reverse("api-timeline", args=[incident.pk])
    for path in ("vn/", "vn/14/", "vn/15/", "vn/14/03646/", "vn/15/03006/"):
        yield reverse("api-picture") + f"?unit={path}"


@pytest.mark.parametrize("who", ["laocai", "sapa", "sonla", "sonla_head", "sonla_staff", "tohieu", "nobody"])
def test_nothing_that_may_be_read_names_a_foreign_thing(who, stage, api):
    place = OFFICERS[who][1]
    own = {"laocai": "laocai", "sapa": "laocai", None: ""}.get(place, "sonla")
    foreign = [mark for name, marks in MARKS.items() if name != own for mark in marks]
    client, seen = api(stage.officers[who]), ""
    for address in readable(stage):
        body = client.get(address).content.decode()
        # one's own words may come back: in the address of the next page, and in `me`
        body = body.replace(stage.officers[who].username, "")
        assert [mark for mark in foreign if mark in body] == [], address
        seen += body
    assert not own or MARKS[own][6] in seen


def test_a_commune_learns_nothing_of_its_neighbours(stage, api):
    client = api(stage.chiengan)
    for address in readable(stage):
        body = client.get(address).content.decode()
        assert not [mark for mark in ("Tô Hiệu", "03646", "SC-14-", "thu.tohieu") if mark in body], address
    assert client.get(reverse("api-incidents")).json()["count"] == 0
    assert client.get(reverse("api-picture")).json()["incidents"]["open"] == 0
    assert client.get(reverse("api-sites")).json()["count"] == 2


def test_a_liaison_sees_her_topic_only(stage, api):
    client = api(stage.health)
    listed = client.get(reverse("api-incidents")).json()
    assert listed["count"] == 2
    assert {one["category"] for one in listed["results"]} == {"MED"}
    assert client.get(reverse("api-picture")).json()["incidents"]["open"] == 2
    facts = client.get(reverse("api-journal")).json()["results"]
    assert {fact["line"]["category"] for fact in facts} == {"MED"}
    assert all("seq" not in fact and "stream" not in fact for fact in facts)


def test_a_duplicate_hint_knows_only_its_own_site(stage):
    at = clock.now()
    hinted = queries.possible_duplicates(stage.operation, stage.site.tohieu_1, "FIRE", at)
    assert [one.pk for one in hinted] == [stage.incident.sonla.pk]
    assert queries.possible_duplicates(stage.operation, stage.site.tohieu_2, "FIRE", at) == []


def steady(client):
    """What Lào Cai is told, apart from the moment and the cursor; and how long the cursor is."""
    counted = client.get(reverse("api-picture")).json()
    lengths = len(counted.pop("cursor"))
    del counted["as_of"]
    journal = client.get(reverse("api-journal")).json()
    names = ("api-incidents", "api-sites", "api-units", "api-appointments")
    lists = [client.get(reverse(name)).content for name in names]
    return json.dumps(counted), lengths, len(journal.pop("cursor")), json.dumps(journal), lists


def test_nothing_that_happens_in_son_la_changes_what_lao_cai_is_told(stage, api, number):
    client, child = api(stage.laocai), api(stage.sapa)
    before = steady(client), steady(child)
    for turn in range(12):
        one = actions.report(
            by=stage.tohieu,
            operation=stage.operation,
            site=stage.site.tohieu_2,
            category="FIRE",
            severity=1 + turn % 4,
        )
        actions.acknowledge(by=stage.sonla, incident=one)
        actions.false_alarm(by=stage.sonla, incident=one, reason="Nhầm")
    chain.grant(
        by=stage.sonla_staff,
        operation=stage.operation,
        user=stage.nobody,
        unit=stage.unit.tohieu,
        role="commune",
    )
    number()
    assert (steady(client), steady(child)) == before


def test_what_a_province_may_not_number_has_no_number(stage, api):
    """Below a whole stream a gap in the numbers would tell of neighbours: there the last seen event is named."""
    facts = api(stage.tohieu).get(reverse("api-journal")).json()["results"]
    assert all("seq" not in fact for fact in facts)
    assert [fact["prev"] for fact in facts] == [None, *(fact["id"] for fact in facts[:-1])]
    numbered = api(stage.sonla).get(reverse("api-journal")).json()["results"]
    assert [fact["seq"] for fact in numbered] == list(range(1, len(numbered) + 1))


def test_a_cursor_of_somebody_else_is_refused(stage, api):
    theirs = api(stage.sonla).get(reverse("api-journal")).json()["cursor"]
    mine = api(stage.sonla_head).get(reverse("api-journal")).json()["cursor"]
    for who, cursor in [("laocai", theirs), ("sonla", mine), ("nobody", theirs)]:
        answer = api(stage.officers[who]).get(reverse("api-journal"), {"after": cursor})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
        assert "SC-14" not in answer.content.decode()


def ended_by_relief(stage, move_clock):
    row = Appointment.objects.get(user=stage.sonla)
    chain.relieve(by=stage.admin, operation=stage.operation, appointment=row)


def ended_by_the_clock(stage, move_clock):
    Appointment.objects.filter(user=stage.sonla).update(ends_at=clock.now() + dt.timedelta(hours=1))
    move_clock(hours=2)


def not_yet_begun(stage, move_clock):
    Appointment.objects.filter(user=stage.sonla).update(starts_at=clock.now() + dt.timedelta(hours=1))


def without_its_key(stage, move_clock):
    Grant.objects.filter(user=stage.sonla).delete()


@pytest.mark.parametrize("end", [ended_by_relief, ended_by_the_clock, not_yet_begun, without_its_key])
def test_authority_that_ends_ends_at_the_next_request(end, stage, api, move_clock):
    client = api(stage.sonla)
    address = reverse("api-incident", args=[stage.incident.sonla.pk])
    act = reverse("api-act", args=[stage.incident.sonla.pk, "verify"])
    assert client.get(address).status_code == 200
    end(stage, move_clock)
    assert client.get(address).status_code == 404
    assert client.post(act, {}, format="json").status_code == 404
    assert client.get(reverse("api-incidents")).json()["count"] == 0
    assert client.get(reverse("api-picture")).status_code == 404
    assert client.get(reverse("api-journal")).json()["results"] == []
    assert client.get(reverse("api-me")).json()["reach"] == []


def test_a_disabled_account_is_signed_out_everywhere(stage, api, client):
    program = api(stage.sonla)
    client.force_login(stage.sonla, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("api-me")).status_code == 200
    chain.disable_account(by=stage.admin, operation=stage.operation, user=stage.sonla)
    assert program.get(reverse("api-me")).status_code == 401
    assert client.get(reverse("api-me")).status_code == 401
    chain.enable_account(by=stage.admin, operation=stage.operation, user=stage.sonla)
    assert program.get(reverse("api-me")).status_code == 401, (
        "the old token does not come back with the account"
    )


def test_a_new_password_ends_the_other_sessions_and_a_new_token_the_old(stage, api, client):
    client.force_login(stage.sonla, backend="django.contrib.auth.backends.ModelBackend")
    program = api(stage.sonla)
    chain.change_own_password(by=stage.sonla, password="mot-mat-khau-khac-han")
    assert client.get(reverse("api-me")).status_code == 401
    assert program.get(reverse("api-me")).status_code == 200
    fresh = chain.renew_token(by=stage.sonla)
    assert program.get(reverse("api-me")).status_code == 401
    assert Token.objects.get(user=stage.sonla).key == fresh


def test_a_superior_of_accounts_sees_no_operation(stage, api):
    client = api(stage.admin)
    assert client.get(reverse("api-incidents")).json()["count"] == 0
    assert client.get(reverse("api-sites")).json()["count"] == 0
    assert client.get(reverse("api-picture")).status_code == 403
    assert {fact["subject"]["kind"] for fact in client.get(reverse("api-journal")).json()["results"]} <= {
        "account"
    }


def test_a_refusal_to_act_leaves_nothing(stage, api):
    with settled():
        answer = api(stage.wall).post(
            reverse("api-act", args=[stage.incident.sonla.pk, "verify"]), {}, format="json"
        )
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert queries.timeline(stage.incident.sonla)[-1].verb == "incident.noted"
