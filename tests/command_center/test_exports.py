"""Is a list that becomes a file the list that was seen, for whoever may see it, and nobody else's?"""

import csv
import datetime as dt
import io

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from command_center import exporting, phrases
from command_center import taking as door
from command_center.exports import LISTINGS
from journal import clock
from journal.models import Event
from reports import exports
from reports.models import Export, Part
from sites.models import Site
from subcommittees import actions as chain
from subcommittees.models import Appointment
from tests.cast import OFFICERS
from tests.pages import signed_in
from tests.test_access import MARKS, fill


@pytest.fixture
def stage(cast, number):
    cast.incident = fill(cast)
    number()
    return cast


def body(answer):
    assert answer.status_code == 200, answer.status_code
    return answer.getvalue()


def plain(user, listing, query=""):
    """Rows of the CSV by the names of its columns."""
    said = body(signed_in(user).get(reverse("export", args=[listing]) + query)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(said, newline=""), delimiter=";"))


def workbook(user, listing, query="?format=xlsx"):
    data = body(signed_in(user).get(reverse("export", args=[listing]) + query))
    return openpyxl.load_workbook(io.BytesIO(data))


def cells(book):
    return "\n".join(
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell
    )


@pytest.mark.parametrize("who", sorted(OFFICERS))
@pytest.mark.parametrize("listing", sorted({*LISTINGS} - {"readiness"}))  # a board is no list of pages
def test_a_file_has_as_many_rows_as_its_list_and_nothing_foreign(stage, who, listing):
    user = stage.officers[who]
    listed = signed_in(user).get(reverse(listing)).context["page"].paginator.count
    if who in {"wall", "nobody"}:
        assert signed_in(user).get(reverse("export", args=[listing])).status_code == 403
        return
    rows = plain(user, listing)
    book = workbook(user, listing)
    assert len(rows) == listed == book.worksheets[0].max_row - 1
    place = OFFICERS[who][1]
    whole = place in {"bo", None}
    own = {"laocai": "laocai", "sapa": "laocai"}.get(place, "sonla" if place not in {"k02", None} else "")
    foreign = [mark for name, marks in MARKS.items() if name != own and not whole for mark in marks]
    said = str(rows) + cells(book)
    assert [mark for mark in foreign if mark in said] == []


def test_filters_and_search_narrow_the_file_as_they_do_the_list(stage):
    assert [row["Mã điểm"] for row in plain(stage.duty, "sites", "?q=to hieu 2")] == ["14-03646-002"]
    assert [row["Mã điểm"] for row in plain(stage.sonla, "sites", "?kind=hospital")] == ["14-03664-002"]
    assert len(plain(stage.duty, "incidents", "?category=FIRE&unit=vn/14/")) == 1
    assert plain(stage.sonla, "sites", "?unit=vn/15/") == []
    for query in ("?kind=x", "?format=pdf", "?q=" + "x" * 501):
        assert signed_in(stage.duty).get(reverse("export", args=["sites"]) + query).status_code == 400
    assert signed_in(stage.sonla).get(reverse("export", args=["units"]) + "?parent=vn/15/").status_code == 404


def test_who_sees_a_topic_only_gets_it_only(stage):
    assert len(plain(stage.health, "incidents")) == 2
    assert plain(stage.admin, "incidents") == plain(stage.admin, "sites") == []
    assert {"BÍ MẬT SƠN LA"} == {row["Summary"] for row in rows_of(plain(stage.sonla, "incidents"))}


def rows_of(rows):
    """By English names of the columns, whatever the catalogue calls them."""
    return [dict(zip(ENGLISH, row.values(), strict=True)) for row in rows]


ENGLISH = [
    "Number", "Severity", "Severity in words", "Category", "State", "Summary", "Site code", "Polling site",
    "Unit code", "Unit", "Happened", "Reported", "Reported by", "Answer by", "Acknowledged", "Acknowledged by",
    "Last changed", "Last changed by",
]  # fmt: skip


def test_the_columns_of_sites_are_those_the_import_knows(stage):
    rows = plain(stage.sonla, "sites")
    assert list(rows[0]) == [
        "Mã điểm", "Số", "Tên điểm", "Mã đơn vị", "Loại", "Bỏ phiếu sớm", "Vĩ độ", "Kinh độ", "Trạng thái",
    ]  # fmt: skip
    one = next(row for row in rows if row["Mã điểm"] == "14-03646-001")
    assert (one["Số"], one["Mã đơn vị"], one["Bỏ phiếu sớm"], one["Kinh độ"]) == (
        "1",
        "03646",
        "Không",
        "103,9",
    )
    client = signed_in(stage.sonla)
    client.cookies["lang"] = "en"
    said = body(client.get(reverse("export", args=["sites"]))).decode("utf-8-sig")
    assert said.splitlines()[0] == "Code,Number,Name,Unit code,Kind,Early,Latitude,Longitude,State"


def test_the_name_the_kind_and_no_guessing(stage):
    answer = signed_in(stage.sonla).get(reverse("export", args=["sites"]))
    named = answer["Content-Disposition"]
    assert named.startswith('attachment; filename="diem-bau-cu_bau-cu_2')
    assert named.endswith('.csv"')
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"
    small = signed_in(stage.sonla).get(reverse("export", args=["sites"]) + "?format=xlsx")
    assert small["Content-Type"] == door.TYPES["xlsx"]
    assert small["Content-Disposition"].endswith('.xlsx"')


def test_a_formula_in_a_name_is_text_in_both(stage):
    Site.objects.filter(pk=stage.site.tohieu_1.pk).update(name="=1+1")
    assert "'=1+1" in [row["Tên điểm"] for row in plain(stage.sonla, "sites")]
    cell = workbook(stage.sonla, "sites")[next(iter(workbook(stage.sonla, "sites").sheetnames))]["C2"]
    assert (cell.data_type, cell.value) in {("s", "=1+1"), ("inlineStr", "=1+1")} or cell.value != "=1+1"


def test_the_second_sheet_says_what_the_file_is(stage):
    said = cells(workbook(stage.sonla, "sites", "?format=xlsx&q=to+hieu"))
    for words in ("to hieu", "thu.sonla", "Bầu cử", "Tỉnh Sơn La"):
        assert words in said


def test_another_operation_is_another_file(stage):
    answer = signed_in(stage.sonla).get("/op/dien-tap" + reverse("export", args=["incidents"]))
    assert "_dien-tap_" in answer["Content-Disposition"]
    assert body(answer).decode("utf-8-sig").count("\n") == 1


@pytest.mark.parametrize(
    ("listing", "most"), [("sites", 12), ("incidents", 12), ("units", 12), ("people", 13), ("journal", 12)]
)
def test_no_more_questions_for_many_rows_than_for_one(stage, listing, most, django_assert_max_num_queries):
    for user in (stage.tohieu, stage.duty):
        client = signed_in(user)
        with django_assert_max_num_queries(most):
            body(client.get(reverse("export", args=[listing])))


@pytest.fixture
def large(stage, monkeypatch, django_capture_on_commit_callbacks):
    """Everything is too large for a request, and the worker works at once."""
    monkeypatch.setattr(door, "AT_ONCE", 1)
    monkeypatch.setattr(exporting.make_export, "apply_async", lambda args, **_: exporting.make_export(*args))
    monkeypatch.setattr(exports, "PIECE", 1_000)

    def ordered(user, listing="sites", query="?format=xlsx"):
        client = signed_in(user)
        assert b"<form" in client.get(reverse("export", args=[listing]) + query).content
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(reverse("export", args=[listing]) + query)
        assert answer.status_code == 302
        return client, answer.url

    return ordered


def test_a_large_workbook_is_made_beside_and_taken_by_its_reader_alone(stage, large):
    client, page = large(stage.sonla)
    shown = client.get(page)
    made = shown.context["export"]
    assert (made.state, made.total, made.done) == ("ready", 4, 4)
    assert len(made.token) == 43
    assert Part.objects.filter(export=made).count() > 1
    answer = client.get(reverse("export-download", args=[made.token]))
    data = body(answer)
    assert len(data) == int(answer["Content-Length"]) == made.size
    assert openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].max_row == 5
    for who in ("sonla_head", "duty", "laocai", "admin", "nobody"):
        for name in ("export-file", "export-download"):
            assert signed_in(stage.officers[who]).get(reverse(name, args=[made.token])).status_code == 404
    assert Client().get(reverse("export-download", args=[made.token])).status_code == 302
    assert client.get("/op/dien-tap" + reverse("export-download", args=[made.token])).status_code == 404


def test_after_a_short_while_it_is_gone(stage, large, move_clock):
    client, page = large(stage.sonla)
    assert exports.forget() == 0
    move_clock(minutes=16)
    assert client.get(page).status_code == 404
    assert exports.forget() == 1
    assert not Part.objects.exists()


def test_authority_that_ends_takes_the_file_along(stage, large):
    client, page = large(stage.sonla)
    made = Export.objects.get()
    chain.relieve(
        by=stage.admin, operation=stage.operation, appointment=Appointment.objects.get(user=stage.sonla)
    )
    assert client.get(reverse("export-download", args=[made.token])).status_code == 404
    assert not Part.objects.exists()
    assert client.get(page).context["export"].state == "withdrawn"


def ask(user, operation):
    return exports.asked(
        user=user, operation=operation, listing="sites", filters={"q": "", "unit": "", "state": "", "kind": ""},
        language="vi", file_name="x.xlsx", total=4,
    )  # fmt: skip


def test_authority_that_ends_before_or_while_it_is_made_stops_it(stage, monkeypatch):
    made, _ = ask(stage.sonla, stage.operation)
    Appointment.objects.filter(user=stage.sonla).update(ends_at=clock.now() - dt.timedelta(seconds=1))
    exporting.make_export(made.pk)
    assert Export.objects.get(pk=made.pk).state == "withdrawn"
    other, _ = ask(stage.laocai, stage.operation)
    seen = iter([other.reach, other.reach])
    monkeypatch.setattr("command_center.exports.EVERY", 1)
    monkeypatch.setattr(exports, "standing", lambda _: next(seen, "nothing"))
    exporting.make_export(other.pk)
    assert Export.objects.get(pk=other.pk).state == "withdrawn"
    assert not Part.objects.exists()


def test_a_text_file_that_is_stopped_says_so(stage, monkeypatch):
    seen = iter(["all"])
    monkeypatch.setattr("command_center.exports.EVERY", 1)
    monkeypatch.setattr(exports, "standing", lambda _: next(seen, "nothing"))
    said = body(signed_in(stage.sonla).get(reverse("export", args=["sites"]))).decode()
    assert len([line for line in said.splitlines() if line.startswith("14-")]) < 4
    assert len(said.splitlines()[-1]) > 20


def test_the_same_question_twice_is_one_file_and_the_later_attempt_wins(stage):
    first, fresh = ask(stage.sonla, stage.operation)
    again, twice = ask(stage.sonla, stage.operation)
    assert (fresh, twice, again.pk) == (True, False, first.pk)

    def overtaken(place, done):
        Export.objects.filter(pk=first.pk).update(run=7)
        done(1)

    with pytest.raises(exports.Superseded):
        exports.make(first, overtaken)
    assert Export.objects.get(pk=first.pk).state == "making"


def told(stage):
    """What the journal holds of the lists that were taken."""
    return [one.said for one in Event.objects.filter(verb="list.exported").order_by("n")]


def test_who_took_which_list_with_which_filters_stands_in_the_journal(stage, large):
    plain(stage.sonla, "sites", "?q=to hieu 2")
    signed_in(stage.duty).get("/op/dien-tap" + reverse("export", args=["people"]))
    large(stage.laocai, "sites", "?format=xlsx&kind=regular")
    one, two, three = told(stage)
    assert (one["stream"], one["unit"]["path"], one["actor"], one["secrecy"]) == (
        "bau-cu/14", "vn/14/", "thu.sonla", 3,
    )  # fmt: skip
    assert one["post"] == "Trực ban cấp tỉnh · Tỉnh Sơn La"
    assert one["line"] == {
        "by": one["post"], "filters": {"q": "to hieu 2"}, "format": "csv", "rows": 1,
        "text": "CSV: 1 · q=to hieu 2",
    }  # fmt: skip
    assert (two["stream"], two["topic"], two["line"]["rows"]) == ("dien-tap/bo", "people", 14)
    assert (three["stream"], three["line"]["format"], three["line"]["rows"]) == ("bau-cu/15", "xlsx", 4)


def test_the_event_stands_before_the_first_row_leaves_and_a_refusal_leaves_none(stage):
    answer = signed_in(stage.sonla).get(reverse("export", args=["sites"]))
    assert len(told(stage)) == 1
    body(answer)
    for user, query in (
        (stage.wall, ""),
        (stage.nobody, ""),
        (stage.sonla, "?kind=x"),
        (stage.sonla, "?format=pdf"),
    ):
        assert signed_in(user).get(reverse("export", args=["sites"]) + query).status_code in {400, 403}
    assert len(told(stage)) == 1


def test_what_was_taken_is_seen_by_those_who_answer_for_the_unit_and_in_words(stage, number):
    plain(stage.sonla, "sites", "?q=to hieu")
    number()
    for who, sees in (
        ("sonla_head", 1),
        ("duty", 1),
        ("laocai", 0),
        ("tohieu", 0),
        ("wall", 0),
        ("admin", 0),
    ):
        page = signed_in(stage.officers[who]).get(reverse("journal") + "?verb=list.exported").content.decode()
        assert ("CSV: 2 · q=to hieu" in page) == bool(sees), who
        assert (f">{phrases.LISTS['sites']}</td>" in page) == bool(sees), who


def test_where_it_may_not_be_taken_no_button_says_so(stage):
    link = reverse("export", args=["sites"])
    for who, shown in (("sonla", True), ("wall", False)):
        assert (link in signed_in(stage.officers[who]).get(reverse("sites")).content.decode()) == shown


def test_a_program_takes_the_same_file_with_its_token(stage, api):
    for listing in LISTINGS:
        answer = api(stage.sonla).get(
            reverse("api-export", args=[listing]), headers={"Accept-Language": "vi"}
        )
        assert body(answer) == body(signed_in(stage.sonla).get(reverse("export", args=[listing])))
    small = api(stage.sonla).get("/api/exports/sites/?format=xlsx&q=to+hieu")
    assert openpyxl.load_workbook(io.BytesIO(body(small))).worksheets[0].max_row == 3
    english = body(api(stage.sonla).get("/api/exports/sites/", headers={"Accept-Language": "en"}))
    assert english.decode("utf-8-sig").startswith("Code,Number,Name,")
    assert body(api(stage.sonla).get("/api/exports/sites/?unit=vn/15/")).decode().count("\n") == 1


@pytest.mark.parametrize(
    ("query", "status"),
    [("format=pdf", 400), ("colour=red", 400), ("q=a&q=b", 400), ("kind=x", 400), ("q=" + "x" * 501, 400)],
)
def test_a_program_is_refused_in_words(stage, api, query, status):
    answer = api(stage.sonla).get(f"/api/exports/sites/?{query}")
    assert answer.status_code == status
    assert {"code", "message"} <= set(answer.json())
    assert api(stage.sonla).get("/api/exports/units/?parent=vn/15/").status_code == 404
    assert api(stage.sonla).get("/api/exports/votes/").status_code == 404


def test_a_program_asks_until_a_large_workbook_is_ready(
    stage, api, large, django_capture_on_commit_callbacks
):
    client = api(stage.sonla)
    with django_capture_on_commit_callbacks(execute=True):
        begun = client.get("/api/exports/sites/?format=xlsx")
    assert begun.status_code == 202
    assert begun["Location"] == begun.json()["url"]
    assert (begun.json()["state"], begun.json()["file"]) == ("waiting", None)
    ready = client.get(begun.json()["url"]).json()
    assert (ready["state"], ready["done"], ready["total"]) == ("ready", 4, 4)
    assert openpyxl.load_workbook(io.BytesIO(body(client.get(ready["file"])))).worksheets[0].max_row == 5
    for who in ("sonla_head", "laocai", "duty"):
        for address in (ready["url"], ready["file"]):
            assert api(stage.officers[who]).get(address).status_code == 404
    assert len(told(stage)) == 1


def test_without_a_worker_it_says_so(stage, monkeypatch, django_capture_on_commit_callbacks):
    def nobody(args, **more):
        raise ConnectionError

    monkeypatch.setattr(door, "AT_ONCE", 1)
    monkeypatch.setattr(exporting.make_export, "apply_async", nobody)
    client = signed_in(stage.sonla)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("export", args=["sites"]) + "?format=xlsx")
    assert client.get(answer.url).context["export"].state == "failed"


def test_too_many_rows_for_a_workbook_are_refused_in_words(stage, monkeypatch):
    monkeypatch.setattr(door, "MOST", 30)
    client = signed_in(stage.sonla)
    for answer in (client.get("/export/sites/?format=xlsx"), client.post("/export/sites/?format=xlsx")):
        assert answer.status_code == 400
    assert len(plain(stage.sonla, "sites")) == 4
