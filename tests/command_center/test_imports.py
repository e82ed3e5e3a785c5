"""Does a file become units, sites and accounts: all of it or what is good of it, once, and only where one may?"""

import csv
import io
import json
import threading
import unicodedata

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from command_center.imports import KINDS
from journal.models import Event
from sites.models import Site
from subcommittees.imports import jobs
from subcommittees.imports.models import Import, Part, Row
from subcommittees.models import Appointment, Unit, User
from subcommittees.scope import reach
from tests.doors import settled

HEAD = "Mã điểm;Tên điểm;Mã xã;Số khu vực;Loại;Bỏ phiếu sớm;Vĩ độ;Kinh độ\n"
GOOD = "14-03646-010;Nhà văn hóa tổ 10;03646;10;Thông thường;không;21,33;103,91\n"


def given(text: str, name: str = "a.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


def brought(by: User, operation, text: str, kind: str = "sites", **more) -> Import:
    """Bring a file in and let a worker finish it."""
    job = jobs.begin(
        by=by, operation=operation, kind=KINDS[kind], file=given(text), file_name="a.csv", **more
    )
    finish(job)
    return job


def finish(job: Import) -> None:
    while jobs.carry_on(str(job.pk), KINDS, 20):
        pass
    job.refresh_from_db()


def faults(job: Import) -> dict[int, set[str]]:
    return {
        row.n: {fault[1] for fault in row.faults} for row in Row.objects.filter(of=job).exclude(faults=[])
    }


def told() -> list[tuple[str, str]]:
    return list(Event.objects.order_by("n").values_list("verb", "path"))


def test_a_good_file_becomes_sites_with_one_event_for_each_commune(cast):
    text = HEAD + GOOD + "14-03664-007;Trường mầm non;Phường Chiềng An;;hospital;có;;\n"
    Unit.objects.filter(pk=cast.unit.chiengan.pk).update(lat=21.4, lon=103.8)
    job = brought(cast.sonla_staff, cast.operation, text)
    assert (job.state, job.counts) == ("done", {"good": 2, "bad": 0, "created": 2}), (job.error, faults(job))
    made = Site.objects.get(code="14-03646-010")
    assert (made.name, made.number, made.lat, made.lon, made.early) == (
        "Nhà văn hóa tổ 10",
        10,
        21.33,
        103.91,
        False,
    )
    assert made.path == "vn/14/03646/"
    other = Site.objects.get(code="14-03664-007")
    assert (other.number, other.kind, other.early, other.lat) == (3, "hospital", True, 21.4)
    assert told() == [("site.imported", "vn/14/03646/"), ("site.imported", "vn/14/03664/")]
    assert not Part.objects.exists(), "the file is not kept longer than it is needed"


def test_the_same_file_again_changes_nothing_and_says_nothing(cast):
    brought(cast.sonla_staff, cast.operation, HEAD + GOOD)
    before = list(Site.objects.order_by("pk").values())
    job = brought(cast.sonla_staff, cast.operation, HEAD + GOOD)
    assert job.counts == {"good": 1, "bad": 0, "unchanged": 1}
    assert list(Site.objects.order_by("pk").values()) == before
    assert len(told()) == 1


def test_a_changed_row_changes_its_site_only(cast):
    text = (
        HEAD + "14-03646-001;Tên mới;03646;1;;;;\n14-03646-002;Điểm bầu cử 2 – Nhà văn hóa tổ 2;03646;;;;;\n"
    )
    job = brought(cast.sonla_staff, cast.operation, text)
    assert job.counts == {"good": 2, "bad": 0, "changed": 1, "unchanged": 1}, faults(job)
    site = Site.objects.get(code="14-03646-001")
    assert (site.name, site.lat, site.kind) == ("Tên mới", cast.site.tohieu_1.lat, "regular")
    assert "ten moi" in site.search_key


def test_sites_may_hand_their_numbers_round(cast):
    text = HEAD + "14-03646-001;A;03646;2;;;;\n14-03646-002;B;03646;1;;;;\n"
    job = brought(cast.sonla_staff, cast.operation, text)
    assert job.counts["changed"] == 2, faults(job)
    assert dict(Site.objects.filter(unit=cast.unit.tohieu).values_list("code", "number")) == {
        "14-03646-001": 2, "14-03646-002": 1,
    }  # fmt: skip


DECOMPOSED = unicodedata.normalize("NFD", "Nhà văn hóa Tô Hiệu")
FAULTS = [
    ("14-03646-020;;03646;;;;21,3;103,9", {"missing"}),
    (";Tên;03646;;;;21,3;103,9", {"missing"}),
    ("14-03646-021;Tên;3646;;;;21,3;103,9", {"lost_zeros"}),
    ("1E5;Tên;03646;;;;21,3;103,9", {"number_not_code"}),
    ("1,4E+10;Tên;03646;;;;21,3;103,9", {"number_not_code"}),
    ("14-03646-022;Tên;03006;;;;21,3;103,9", {"no_unit"}),  # another province's
    ("14-03646-023;Tên;99999;;;;21,3;103,9", {"no_unit"}),  # nobody's: the same words
    ("14-03646-024;Tên;03646;;;;103,9;21,3", {"swapped"}),
    ("14-03646-025;Tên;03646;;;;48,85;2,35", {"abroad"}),
    ("14-03646-026;Tên;03646;;;;21,3;", {"half_a_point"}),
    ("14-03646-027;Tên;03646;;;;1.234,5;103,9", {"not_a_number"}),
    ("14-03646-028;Tên;03646;x;;;21,3;103,9", {"not_a_number"}),
    ("14-03646-029;Tên;03646;;Cung điện;;21,3;103,9", {"not_a_choice"}),
    ("14-03646-030;Tên;03646;;;có lẽ;21,3;103,9", {"yes_or_no"}),
    ("14-03646-031;" + "x" * 201 + ";03646;;;;21,3;103,9", {"too_long"}),
    ("14-03646-032;a\x07b;03646;;;;21,3;103,9", {"unreadable"}),
    ("14-03646-033;a\0b;03646;;;;21,3;103,9", {"unreadable"}),
    ("14-03646-034;Tên;03646;;;;21,3;103,9", {"twice"}),
    ("14-03646-034;Tên khác;03646;;;;21,3;103,9", {"twice"}),
    ("14-03646-035;Tên;03646;77;;;21,3;103,9", {"number_twice"}),
    ("14-03646-036;Tên;03646;77;;;21,3;103,9", {"number_twice"}),
    ("14-03646-037;Tên;03646;1;;;21,3;103,9", {"number_taken"}),
    ("14-03664-001;Tên;03646;;;;21,3;103,9", {"elsewhere"}),
    ("15-03006-001;Tên;03646;;;;21,3;103,9", {"not_free"}),  # a foreign site
    ("mã số;Tên;03646;;;;21,3;103,9", {"not_a_code"}),
    ('14-03646-038;"open;03646;;;;21,3;103,9', {"quote"}),
]
KEPT = [
    '14-03646-040;"=HYPERLINK(""http://evil.example"")";03646;;;;21,3;103,9',
    f"  14-03646-041 ; {DECOMPOSED}  ;03646 ;;;;21.3;103.9",
    "14-03646-042;-1+1;Phường Tô Hiệu;;;;21,3;103,9",
]


def test_every_planted_fault_is_told_for_its_cell_and_no_good_row_is_lost(cast):
    foreign = list(Site.objects.filter(path__startswith="vn/15/").values())
    text = HEAD + "\n".join([*KEPT, "", *(line for line, _codes in FAULTS)]) + "\n"
    job = brought(cast.sonla_staff, cast.operation, text)
    assert job.state == "refused"
    assert faults(job) == {6 + n: codes for n, (_line, codes) in enumerate(FAULTS)}
    assert not Event.objects.exists()
    assert Site.objects.count() == 8, "all or nothing"
    job = brought(cast.sonla_staff, cast.operation, text, good_rows=True)
    assert job.counts == {"good": 3, "bad": len(FAULTS), "created": 3}
    names = set(Site.objects.filter(code__startswith="14-03646-04").values_list("name", flat=True))
    assert names == {'=HYPERLINK("http://evil.example")', "Nhà văn hóa Tô Hiệu", "-1+1"}
    assert list(Site.objects.filter(path__startswith="vn/15/").values()) == foreign
    assert told() == [("site.imported", "vn/14/03646/")]


def test_columns_are_found_under_merged_headers_among_forty_unknown_ones(cast):
    unknown = ";".join(f"Cột {n}" for n in range(40))
    text = f"DANH SÁCH ĐIỂM BẦU CỬ\n\n{unknown};Mã;Tên;Xã;Tọa độ;\n{';' * 40};;;Vĩ độ;Kinh độ\n"
    text += f"{';' * 40}14-03646-050;Trường;03646;21.3;103.9\n"
    job = brought(cast.sonla_staff, cast.operation, text)
    assert job.counts.get("created") == 1, (job.error, job.headers, job.mapping, faults(job))
    assert Site.objects.get(code="14-03646-050").lat == 21.3


def test_headers_of_another_country_are_said_once_and_remembered(cast):
    text = "UPRN;Station;Ward\n14-03646-060;School;03646\n"
    Unit.objects.filter(code="03646").update(lat=21.3, lon=103.9)
    assert brought(cast.sonla_staff, cast.operation, text).error["code"] == "columns_missing"
    job = brought(cast.sonla_staff, cast.operation, text, mapping={"code": "UPRN", "name": "station"})
    assert job.counts == {"good": 1, "bad": 0, "created": 1}, (job.error, faults(job))
    assert brought(cast.sonla_staff, cast.operation, text).counts["unchanged"] == 1


def test_units_come_in_from_above_to_below_and_again_without_change(cast):
    text = "Mã;Tên;Cấp;Trực thuộc\n01111;Xã Mới;commune;77\n77;Tỉnh Mới;province;\n14;Tỉnh Sơn La;province;\n"
    job = brought(cast.secretary, cast.operation, text, "units")
    assert job.counts == {"good": 3, "bad": 0, "created": 2, "unchanged": 1}, (job.error, faults(job))
    assert Unit.objects.get(code="01111").path == "vn/77/01111/"
    assert told() == [("unit.imported", "vn/"), ("unit.imported", "vn/77/")]
    assert brought(cast.secretary, cast.operation, text, "units").counts["unchanged"] == 3
    assert len(told()) == 2


def test_units_of_another_province_are_not_there(cast):
    text = "Mã;Tên;Trực thuộc\n03006;Phường Sa Pa;14\n02839;Xã Bắc Hà;15\n00001;Xã;99\n77;Tỉnh;\nBO;Bộ;14\n"
    job = brought(cast.sonla_staff, cast.operation, text, "units")
    assert faults(job) == {
        2: {"not_free"},
        3: {"no_parent"},
        4: {"no_parent"},
        5: {"not_allowed"},
        6: {"not_free"},
    }
    assert not Event.objects.exists()


def test_accounts_come_in_with_their_roles_and_without_a_password(cast):
    text = "Tài khoản;Chức danh;Đơn vị;Vai trò;Đến ngày\nsonla.a;Trực ban A;14;Trực ban cấp tỉnh;31/12/2090\n"
    text += "thu.nobody;Cán bộ;03646;commune;\nsonla.b;Cán bộ B;03646;;\n"
    job = brought(cast.admin, cast.operation, text, "accounts")
    assert job.counts == {"good": 3, "bad": 0, "created": 2, "changed": 1}, faults(job)
    made = User.objects.get(username="sonla.a")
    assert not made.has_usable_password()
    assert [(one.path, one.role) for one in reach(made)] == [("vn/14/", "province_duty")]
    assert Appointment.objects.get(user=cast.nobody).path == "vn/14/03646/"
    assert brought(cast.admin, cast.operation, text, "accounts").counts["unchanged"] == 3


def test_accounts_that_cannot_be_are_told(cast):
    text = (
        "Tài khoản;Chức danh;Đơn vị;Vai trò;Từ;Đến\nThu.X;A;14;;;\nthu.y;B;14;commune;;\nthu.z;C;999;wall;;\n"
    )
    text += f"{cast.admin.username};D;14;province_duty;;\nthu.w;E;14;wall;02/02/2027;01/02/2027\n"
    job = brought(cast.admin, cast.operation, text, "accounts")
    assert faults(job) == {
        2: {"not_a_code"},
        3: {"wrong_role"},
        4: {"no_unit"},
        5: {"yourself"},
        6: {"period"},
    }
    assert not Event.objects.exists()


def test_a_file_is_cancelled_before_the_next_transaction(cast):
    job = jobs.begin(
        by=cast.sonla_staff,
        operation=cast.operation,
        kind=KINDS["sites"],
        file=given(HEAD + GOOD),
        file_name="a.csv",
    )
    jobs.cancel(job=job)
    finish(job)
    assert job.state == "cancelled"
    assert Site.objects.count() == 8
    assert not Part.objects.exists()


def test_an_import_ends_where_the_right_to_it_ends(cast):
    job = jobs.begin(
        by=cast.sonla_staff,
        operation=cast.operation,
        kind=KINDS["sites"],
        file=given(HEAD + GOOD),
        file_name="a.csv",
    )
    Appointment.objects.filter(user=cast.sonla_staff).delete()
    finish(job)
    assert (job.state, job.error["code"]) == ("failed", "no_right")
    assert not Event.objects.exists()


def test_two_people_with_one_file_at_once_make_one_result(committed):
    lines = "".join(f"14-03646-{n};Nhà văn hóa {n};03646;{n};;;21,3;103,9\n" for n in range(100, 400))
    jobs_made = [
        jobs.begin(
            by=by,
            operation=committed.operation,
            kind=KINDS["sites"],
            file=given(HEAD + lines),
            file_name="a.csv",
        )
        for by in (committed.sonla_staff, committed.secretary)
    ]
    wrong = []

    def work(job):
        try:
            finish(job)
        except Exception as error:  # noqa: BLE001
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(job,)) for job in (*jobs_made, *jobs_made)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    for job in jobs_made:
        finish(job)
    assert not wrong
    assert [job.state for job in jobs_made] == ["done", "done"], [job.error for job in jobs_made]
    assert sum(job.counts.get("created", 0) for job in jobs_made) == 300
    assert sum(job.counts.get("unchanged", 0) for job in jobs_made) == 300
    assert Site.objects.filter(name__startswith="Nhà văn hóa").count() == 300
    assert len(told()) == 1


def post(client, text=HEAD + GOOD, name="a.csv", **more):
    with settled():
        return client.post("/api/sites/import/", {"file": given(text, name), **more}, format="multipart")


def test_the_api_takes_a_file_and_tells_how_far_it_is(cast, api):
    client = api(cast.sonla_staff)
    answer = post(client, HEAD + GOOD + FAULTS[2][0] + "\n", dry_run="true")
    assert answer.status_code == 202, answer.content
    job = Import.objects.get(pk=answer.json()["id"])
    finish(job)
    said = client.get(f"/api/sites/import/{job.pk}/").json()
    assert (said["state"], said["progress"], said["totals"]) == ("checked", 100, {"good": 1, "bad": 1})
    assert [(one["row"], one["column"], one["code"]) for one in said["errors"]] == [(3, "unit", "lost_zeros")]
    assert "03646" in said["errors"][0]["message"]
    english = client.get(f"/api/sites/import/{job.pk}/", headers={"Accept-Language": "en"}).json()
    assert english["errors"][0]["message"].startswith("Commune: the zeros in front are lost")
    file = b"".join(client.get(said["bad_rows"]).streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(file), delimiter=";"))
    assert rows[0][:2] == ["Mã điểm", "Tên điểm"]
    assert rows[1][2] == "3646"
    assert "03646" in rows[1][-1]
    assert api(cast.secretary).get(f"/api/sites/import/{job.pk}/").status_code == 404


def test_a_key_brings_a_file_in_once(cast, api):
    client = api(cast.sonla_staff, HTTP_IDEMPOTENCY_KEY="mot-lan")
    first, again, other = post(client), post(client), post(client, HEAD)
    assert first.json() == again.json()
    assert (first.status_code, again.status_code, other.status_code) == (202, 202, 409)
    assert Import.objects.count() == 1


@pytest.mark.parametrize(("more", "field"), [
    ({"mode": "some"}, "mode"), ({"dry_run": "maybe"}, "dry_run"), ({"mapping": "{"}, "mapping"),
    ({"mapping": json.dumps({"x": "y"})}, "mapping"), ({"mapping": "[" * 5000}, "mapping"), ({"x": "y"}, "x"),
])  # fmt: skip
def test_a_request_that_is_wrong_is_refused_by_its_field(more, field, cast, api):
    answer = post(api(cast.sonla_staff), **more)
    assert answer.status_code == 400
    assert field in answer.json()["fields"]


@pytest.mark.parametrize(("content", "status"), [(b"", 400), (b"%PDF-1.7 x", 400), (b"PK\x03\x04", 400)])
def test_a_file_that_is_no_table_is_refused_at_the_door(content, status, cast, api):
    answer = post(api(cast.sonla_staff), content, "a.xlsx")
    assert answer.status_code == status
    assert not Import.objects.exists()


def test_formulas_are_defused_in_the_returned_file(cast, api):
    job = brought(cast.sonla_staff, cast.operation, HEAD + "14-03646-070;=1+1;99999;;;;@x;\n")
    file = b"".join(
        api(cast.sonla_staff).get(f"/api/sites/import/{job.pk}/bad-rows/").streaming_content
    ).decode()
    row = list(csv.reader(io.StringIO(file), delimiter=";"))[1]
    assert row[1] == "'=1+1"
    assert row[6] == "'@x"


def test_the_pages_lead_from_a_file_to_its_import(cast):
    client = Client()
    client.force_login(cast.sonla_staff, backend="django.contrib.auth.backends.ModelBackend")
    assert "Nhà" not in client.get(reverse("imports")).content.decode()
    address = reverse("import-new", args=["sites"])
    sent = client.post(address, {"file": given(HEAD + GOOD + FAULTS[2][0] + "\n")})
    assert sent.status_code == 302
    job = Import.objects.get()
    assert "hx-get" in client.get(sent.url).content.decode()
    finish(job)
    shown = client.get(sent.url).content.decode()
    assert "03646" in shown
    assert "hx-get" not in shown
    assert client.post(reverse("import-start", args=["sites", job.pk]), {"mode": "good"}).status_code == 302
    finish(job)
    assert job.state == "done"
    assert client.get(sent.url).status_code == 200
    assert client.post(address, {"file": given(b"%PDF-1")}).status_code == 400
    assert client.post(address).status_code == 400


def test_columns_are_chosen_on_the_page(cast):
    client = Client()
    client.force_login(cast.sonla_staff, backend="django.contrib.auth.backends.ModelBackend")
    Unit.objects.filter(code="03646").update(lat=21.3, lon=103.9)
    sent = client.post(
        reverse("import-new", args=["sites"]), {"file": given("UPRN;Chỗ;Ward\nA-1;Trường;03646\n")}
    )
    job = Import.objects.get()
    finish(job)
    assert job.state == "failed"
    assert "column-code" in client.get(sent.url).content.decode()
    chosen = {"column-code": "UPRN", "column-name": "Chỗ", "column-unit": "Ward"}
    assert client.post(reverse("import-columns", args=["sites", job.pk]), chosen).status_code == 302
    finish(job)
    assert (job.state, job.counts) == ("checked", {"good": 1, "bad": 0})
