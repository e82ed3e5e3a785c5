"""Do the lists, the journal and the pages of people show what is in reach, and change what may be changed?"""

import pytest
from django.test import Client
from django.urls import reverse

from incidents import actions
from incidents.models import Incident
from journal.models import Event, Notice
from subcommittees import actions as chain
from subcommittees.models import Appointment
from tests.pages import get, main, post, report, signed_in, text


def test_the_list_of_incidents_is_filtered_by_the_address(stage):
    late = report(stage, stage.tohieu, stage.site.tohieu_2, "POWER", 3)
    actions.acknowledge(by=stage.sonla, incident=late)

    def refs(query):
        return {one.ref for one in get(stage.duty, "incidents", query=query).context["page"].object_list}

    assert refs("") == {stage.fire.ref, stage.theirs.ref, late.ref}
    assert refs("?state=acknowledged") == {late.ref}
    assert refs("?severity=3&unit=vn/14/") == {late.ref}
    assert refs("?category=POWER,COMMS") == {late.ref}
    assert refs("?q=khoi tang hai") == {stage.fire.ref}
    assert refs("?state=overdue") == set()
    Incident.objects.filter(pk=stage.fire.pk).update(answer_by=stage.fire.reported_at)
    assert refs("?state=overdue") == {stage.fire.ref}
    found = get(stage.duty, "incidents", query="?state=open&q=khói").context
    assert [words for words, _ in found["tags"]] == ["“khói”", "Đang mở"] or len(found["tags"]) == 2
    assert found["tags"][0][1] == "/incidents/?state=open"
    assert found["query"] == "q=kh%C3%B3i&state=open&"


@pytest.mark.parametrize(
    "query",
    ["?state=x", "?severity=0", "?category=x", "?q=" + "x" * 501, "?page=x", "?page=-1", "?page=9999999999"],
)
def test_a_nonsense_filter_is_refused_and_a_nonsense_page_is_the_nearest(stage, query):
    assert get(stage.duty, "incidents", query=query).status_code == (200 if "page" in query else 400)


def test_who_sees_no_incidents_is_told_so(stage):
    answer = get(stage.admin, "incidents")
    assert answer.status_code == 200
    assert answer.context["denied"]
    assert "SC-" not in main(answer)
    assert get(stage.health, "people").context["denied"]
    assert not get(stage.duty, "incidents").context["denied"]


def test_sites_are_found_without_accents(stage):
    found = get(stage.duty, "sites", query="?q=bau cu 2 to hieu").context["page"].object_list
    assert [row["site"].code for row in found] == ["14-03646-002"]
    assert found[0]["state"] == "ready"
    kinds = get(stage.duty, "sites", query="?kind=hospital").context["page"].object_list
    assert [row["site"].code for row in kinds] == ["14-03664-002"]


def test_a_site_shows_its_incidents(stage):
    answer = get(stage.tohieu, "site", "14-03646-001")
    assert [one.ref for one in answer.context["incidents"]] == [stage.fire.ref]
    assert answer.context["may_report"]
    assert get(stage.tohieu, "site", "15-03006-001").status_code == 404
    assert get(stage.tohieu, "site", "14-03664-001").status_code == 404


def test_units_count_what_is_below_them_in_reach(stage):
    whole = get(stage.duty, "units", query="?all=1").context["page"].object_list
    rows = {row["unit"].code: row for row in whole}
    assert (rows["BO"]["children"], rows["BO"]["sites"]) == (4, 8)
    assert (rows["14"]["children"], rows["14"]["sites"]) == (2, 4)
    assert (rows["03646"]["children"], rows["03646"]["sites"]) == (None, 2)
    below = get(stage.sonla, "units", query="?parent=vn/14/").context
    assert [row["unit"].name for row in below["page"].object_list] == ["Phường Chiềng An", "Phường Tô Hiệu"]
    assert get(stage.sonla, "units", query="?parent=vn/15/").status_code == 404
    unit = get(stage.duty, "unit", "vn/14/").context
    assert unit["counts"] == {"children": 2, "sites": 4}


def test_the_journal_shows_what_is_in_reach(stage):
    assert [one["subject"]["ref"] for one in get(stage.sonla, "journal").context["page"].object_list] == [
        stage.fire.ref
    ]
    whole = get(stage.duty, "journal").context["page"].object_list
    assert {one["stream"] for one in whole} == {"bau-cu/14", "bau-cu/15"}
    assert "seq" not in get(stage.tohieu, "journal").context["page"].object_list[0]
    found = get(stage.duty, "journal", query=f"?q={stage.fire.ref}").context["page"].object_list
    assert [one["subject"]["ref"] for one in found] == [stage.fire.ref]
    assert get(stage.duty, "journal", query="?verb=incident.closed").context["page"].object_list == []
    assert get(stage.duty, "journal", query="?verb=x").status_code == 400
    assert get(stage.sonla, "journal", query=f"?q={stage.theirs.ref}").context["page"].object_list == []


@pytest.mark.parametrize(
    ("who", "codes"),
    [
        ("duty", ["15", "14", "K02", "TGV"]),
        ("sonla", ["03664", "03646"]),
        ("tohieu", ["03646"]),
        ("k02", ["K02"]),
    ],
)
def test_units_begin_directly_below_ones_own(stage, who, codes):
    answer = get(getattr(stage, who), "units")
    assert [row["unit"].code for row in answer.context["page"].object_list] == codes
    assert "?all=1" in main(answer)


def test_a_commune_is_called_with_its_province(stage):
    at, site = "Phường Tô Hiệu, Sơn La", stage.fire.site.code
    for name, args in [
        ("desk", ["vn/"]),
        ("incidents", []),
        ("incident", [stage.fire.pk]),
        ("sites", []),
        ("site", [site]),
    ]:
        assert at in main(get(stage.duty, name, *args)), name
    assert at in main(get(stage.duty, "units", query="?q=to hieu"))
    assert at in main(get(stage.admin, "people"))
    assert at in main(get(stage.admin, "person", stage.tohieu.username))


def test_notices_are_marked_as_read(stage):
    client = signed_in(stage.sonla)
    page = client.get(reverse("notices"))
    assert page.context["bar"]["unread"] == 1
    assert [row["event"]["subject"]["ref"] for row in page.context["page"].object_list] == [stage.fire.ref]
    assert client.post(reverse("notices")).status_code == 302
    assert client.get(reverse("notices")).context["bar"]["unread"] == 0


def test_a_notice_out_of_reach_is_gone(stage):
    Notice.objects.filter(person=stage.laocai.pk).update(person=stage.sonla.pk)
    answer = get(stage.sonla, "notices")
    assert answer.context["bar"]["unread"] == 1
    assert "Lào Cai" not in main(answer)


def test_an_administrator_appoints_and_relieves(stage):
    data = {"unit": "03646", "role": "commune", "idempotency_key": "grant"}
    for _ in range(2):
        assert post(stage.admin, "grant", stage.nobody.username, data=data).status_code == 302
    made = Appointment.objects.get(user=stage.nobody)
    assert (made.path, made.role) == ("vn/14/03646/", "commune")
    page = get(stage.admin, "person", stage.nobody.username)
    assert [row["may_relieve"] for row in page.context["appointments"]] == [True]
    assert post(stage.admin, "relieve", made.pk).status_code == 400
    assert post(stage.admin, "relieve", made.pk, data={"reason": "Hết nhiệm vụ"}).status_code == 302
    made.refresh_from_db()
    assert made.ends_at is not None
    assert Event.objects.get(verb="appointment.relieved").said["line"]["text"] == "Hết nhiệm vụ"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"unit": "99999", "role": "commune"}, "unit"),
        ({"unit": "Phường", "role": "commune"}, "unit"),
        ({"unit": "14", "role": "commune"}, "role"),
        ({"unit": "14", "role": "vua"}, "role"),
        ({"unit": "03646", "role": "commune", "ends_at": "01/01/2020 00:00"}, "ends_at"),
    ],
)
def test_an_appointment_that_cannot_be_is_explained(stage, data, field):
    answer = post(stage.admin, "grant", stage.nobody.username, data=data)
    assert answer.status_code == 400
    assert list(answer.context["grant_form"].errors) == [field]
    assert not Appointment.objects.filter(user=stage.nobody).exists()


@pytest.mark.parametrize(
    "unit", ["03646", "vn/14/03646/", "Phường Tô Hiệu", "Phường Tô Hiệu, Sơn La", "to hieu"]
)
def test_a_unit_is_named_in_any_way_that_singles_it_out(stage, unit):
    assert (
        post(stage.admin, "grant", stage.nobody.username, data={"unit": unit, "role": "commune"}).status_code
        == 302
    )
    assert Appointment.objects.get(user=stage.nobody).path == "vn/14/03646/"


def test_a_disabled_account_is_given_no_role(stage):
    chain.disable_account(by=stage.admin, operation=stage.operation, user=stage.nobody, reason="Nghỉ")
    assert get(stage.admin, "person", stage.nobody.username).context["grant_form"] is None
    data = {"unit": "03646", "role": "commune"}
    answer = post(stage.admin, "grant", stage.nobody.username, data=data)
    assert answer.status_code == 400
    assert "đang bị khóa" in main(answer)
    assert not Appointment.objects.filter(user=stage.nobody).exists()


def test_staff_hand_on_no_role_that_staffs(stage):
    form_ = get(stage.sonla_staff, "person", stage.tohieu.username).context["grant_form"]
    roles = {code for code, _ in form_.fields["role"].choices}
    assert "province_duty" in roles
    assert not roles & {"accounts", "province_staff"}


def test_who_appoints_nobody_is_offered_no_form(stage):
    page = get(stage.sonla, "person", stage.tohieu.username).context
    assert page["grant_form"] is None
    assert not page["may_disable"]
    data = {"unit": "03646", "role": "commune"}
    assert post(stage.sonla, "grant", stage.tohieu.username, data=data).status_code == 403


def test_people_out_of_reach_are_as_if_absent(stage):
    assert get(stage.sonla, "person", stage.sapa.username).status_code == 404
    assert get(stage.sonla, "person", "khong.co").status_code == 404
    theirs = Appointment.objects.get(user=stage.sapa)
    assert post(stage.sonla_staff, "relieve", theirs.pk, data={"reason": "x"}).status_code == 404


def test_who_holds_two_posts_is_one_person(stage):
    chain.grant(
        by=stage.admin, operation=stage.operation, user=stage.tohieu, unit=stage.unit.chiengan, role="commune"
    )
    people = get(stage.admin, "people").context["page"].object_list
    mine = [row for row in people if row["user"] == stage.tohieu]
    assert [len(row["appointments"]) for row in mine] == [2]
    assert get(stage.admin, "person", stage.tohieu.username).status_code == 200


def test_an_account_is_shut_with_a_reason_and_opened_again(stage):
    client = signed_in(stage.tohieu)
    assert post(stage.admin, "disable", stage.tohieu.username, data={"active": "0"}).status_code == 400
    assert (
        post(stage.admin, "disable", stage.tohieu.username, data={"active": "0", "reason": "x"}).status_code
        == 302
    )
    assert client.get("/").headers["Location"].startswith(reverse("account_login"))
    page = get(stage.admin, "person", stage.tohieu.username).context
    assert (page["may_disable"], page["may_enable"]) == (False, True)
    assert post(stage.admin, "disable", stage.tohieu.username, data={"active": "1"}).status_code == 302
    stage.tohieu.refresh_from_db()
    assert stage.tohieu.is_active


def test_a_token_is_shown_once(stage):
    client = signed_in(stage.sonla)
    made = client.post(reverse("account"), {"act": "make_token"})
    token = made.context["token"]
    assert token in text(made)
    assert token not in text(client.get(reverse("account")))
    api = Client(headers={"Authorization": f"Token {token}"})
    assert api.get("/api/me/").status_code == 200
    client.post(reverse("account"), {"act": "drop_token"})
    assert api.get("/api/me/").status_code == 401
    assert client.post(reverse("account"), {"act": "x"}).status_code == 400


def test_an_account_is_opened_and_its_password_shown_once(stage):
    data = {"username": "thu.moi", "title": "Cán bộ mới", "unit": "03646"}
    made = post(stage.admin, "new-account", data=data)
    assert made.status_code == 200
    password = made.context["cards"][0]["password"]
    assert password in text(made)
    assert Client().login(username="thu.moi", password=password)
    again = post(stage.admin, "new-account", data=data)
    assert again.status_code == 400
    assert "username" in again.context["form"].errors
    assert password not in text(again)


@pytest.mark.parametrize(
    ("data", "field"),
    [({"username": "Có Dấu"}, "username"), ({"unit": "x"}, "unit"), ({"title": ""}, "title")],
)
def test_an_account_that_cannot_be_is_explained(stage, data, field):
    given = {"username": "thu.moi", "title": "Cán bộ mới", "unit": "03646", **data}
    answer = post(stage.admin, "new-account", data=given)
    assert answer.status_code == 400
    assert field in answer.context["form"].errors


def test_only_an_administrator_opens_accounts(stage):
    assert get(stage.admin, "new-account").status_code == 200
    assert get(stage.sonla_staff, "new-account").status_code == 403
    assert post(stage.duty, "new-account").status_code == 403
