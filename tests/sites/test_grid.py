"""Does a commune's grid keep what is typed, tell what differs, and file what its officer saw?"""

import datetime as dt
import json
from io import BytesIO

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from journal import clock
from journal.models import Event
from sites import checklist
from sites.grid import actions, cells, queries, sheets
from sites.grid.actions import Typed
from sites.models import Site
from sites.readiness import actions as readiness
from sites.readiness import queries as ready
from sites.readiness.actions import Closed, Given
from sites.readiness.models import DraftCell, SiteReport, Slot
from subcommittees.vietnamese import fold
from tests.doors import settled
from tests.pages import main, signed_in

PATH = "vn/14/03646/"
ONE, TWO = "14-03646-001", "14-03646-002"


@pytest.fixture
def slot(cast):
    """The slot that is open at the cast's election, whose days are planned around now."""
    cast.operation.election_day = clock.now().date() + dt.timedelta(days=10)
    cast.operation.save()
    readiness.plan(by=cast.secretary, operation=cast.operation)
    return ready.asked_now(cast.operation)


def save(cast, slot, *typed, by=None):
    given = [Typed(*one) for one in typed]
    return actions.save(
        by=by or cast.tohieu, operation=cast.operation, unit=cast.unit.tohieu, slot=slot, typed=given
    )


def grid(cast, slot, by=None):
    return queries.read(by or cast.tohieu, cast.operation, cast.unit.tohieu, slot)


def file(cast, slot, **answers):
    said = dict.fromkeys((item.code for item in checklist.asked("regular", "before")), "ok") | answers
    return readiness.file(
        by=cast.tohieu,
        operation=cast.operation,
        slot=slot,
        unit=cast.unit.tohieu,
        given=[Given(cast.site.tohieu_1, said), Given(cast.site.tohieu_2, said)],
    )


def address(name, slot):
    return f"{reverse(name, args=[PATH])}?slot={slot.pk}"


def handed(cast, slot, by=None, **rows):
    """Hand in `rows`, by site, as the page does."""
    page = signed_in(by or cast.tohieu)
    body = {"grid": json.dumps(rows), "idempotency_key": "mot"}
    with settled():
        return page.post(address("readiness-grid-file", slot), body, headers={"Accept": "application/json"})


def whole(cast, slot, letter="o", **more):
    one = grid(cast, slot)
    letters = dict.fromkeys((item.code for item in one.items), letter) | more
    return cells.packed(one.items, letters, one.rows[0].asked)


class TestTyping:
    def test_what_is_typed_is_kept_and_told_to_nobody(self, cast, slot):
        before = Event.objects.count()
        done = save(cast, slot, (ONE, "1", "o", ""), (ONE, "5", "n", ""), (ONE, "note", "Đã sửa", ""))
        assert (done.saved, done.met, done.refused) == (3, [], [])
        row = grid(cast, slot).rows[0]
        assert (row.shown, row.note, row.filed) == ({"1": "o", "5": "n"}, "Đã sửa", {})
        assert Event.objects.count() == before

    def test_a_second_officer_is_told_what_stands_there_and_by_whom(self, cast, slot):
        save(cast, slot, (ONE, "1", "o", ""))
        done = save(cast, slot, (ONE, "1", "n", ""), (ONE, "2", "o", ""), by=cast.sonla)
        assert [(one.site, one.item, one.value, one.by) for one in done.met] == [
            (ONE, "1", "o", "Cán bộ tohieu")
        ]
        assert grid(cast, slot).rows[0].shown == {"1": "o", "2": "o"}
        assert save(cast, slot, (ONE, "1", "n", "o"), by=cast.sonla).met == []
        assert grid(cast, slot).rows[0].shown["1"] == "n"

    def test_the_same_again_is_no_conflict(self, cast, slot):
        save(cast, slot, (ONE, "1", "o", ""))
        assert save(cast, slot, (ONE, "1", "o", "")).met == []

    def test_back_to_what_was_filed_leaves_no_draft(self, cast, slot):
        file(cast, slot)
        save(cast, slot, (ONE, "1", "n", "o"))
        assert DraftCell.objects.count() == 1
        save(cast, slot, (ONE, "1", "o", "n"))
        assert not DraftCell.objects.exists()

    def test_an_answer_is_taken_away(self, cast, slot):
        file(cast, slot)
        save(cast, slot, (ONE, "1", "", "o"))
        assert "1" not in grid(cast, slot).rows[0].shown

    @pytest.mark.parametrize(
        "typed",
        [
            (ONE, "1", "x", ""), (ONE, "1", "r", ""), (ONE, "1", "a", ""), (ONE, "33", "o", ""),
            (ONE, "x9", "o", ""), ("15-03006-001", "1", "o", ""), (ONE, "note", "a" * 1001, ""),
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_refused_alone(self, cast, slot, typed):
        done = save(cast, slot, typed, (TWO, "1", "o", ""))
        assert [(site, item) for site, item, _why in done.refused] == [typed[:2]]
        assert done.refused[0][2]
        assert DraftCell.objects.count() == 1

    def test_a_closed_slot_takes_nothing(self, cast, slot, move_clock):
        save(cast, slot, (ONE, "1", "o", ""))
        move_clock(days=3)
        with pytest.raises(Closed), settled():
            save(cast, slot, (ONE, "1", "n", "o"))
        assert grid(cast, slot).rows[0].shown == {"1": "o"}

    @pytest.mark.parametrize("who", ["chiengan", "laocai", "wall", "health", "admin", "nobody"])
    def test_who_may_not_file_keeps_nothing(self, cast, slot, who):
        with pytest.raises(PermissionDenied):
            save(cast, slot, (ONE, "1", "o", ""), by=cast.officers[who])


class TestHandingIn:
    def test_the_whole_grid_once(self, cast, slot):
        save(cast, slot, (ONE, "1", "o", ""))
        rows = {code: {"rev": 0, "now": whole(cast, slot), "note": ""} for code in (ONE, TWO)}
        first = handed(cast, slot, **rows)
        assert first.status_code == 200, first.content
        assert handed(cast, slot, **rows).json() == first.json()
        assert (
            list(SiteReport.objects.values_list("verdict", "source", "revision")) == [("ready", "own", 1)] * 2
        )
        assert not DraftCell.objects.exists()

    def test_of_a_higher_level_is_on_behalf(self, cast, slot):
        handed(cast, slot, by=cast.sonla, **{ONE: {"rev": 0, "now": whole(cast, slot), "note": ""}})
        assert SiteReport.objects.get().source == "on_behalf"
        assert "Ghi hộ" in main(signed_in(cast.sonla).get(address("readiness-grid", slot)))
        assert "Ghi hộ" not in main(signed_in(cast.tohieu).get(address("readiness-grid", slot)))

    def test_a_site_without_an_answer_stays_silent(self, cast, slot):
        rows = {
            ONE: {"rev": 0, "now": whole(cast, slot), "note": ""},
            TWO: {"rev": 0, "now": whole(cast, slot, ""), "note": ""},
        }
        handed(cast, slot, **rows)
        assert SiteReport.objects.get().site.code == ONE

    def test_who_did_not_see_the_latest_report_is_told_by_whom(self, cast, slot):
        file(cast, slot)
        said = handed(cast, slot, **{ONE: {"rev": 0, "now": whole(cast, slot, **{"5": "n"}), "note": ""}})
        assert (said.status_code, said.json()["code"]) == (409, "stale")
        assert "Công an cấp xã" in said.json()["message"]
        assert SiteReport.objects.filter(site=cast.site.tohieu_1).count() == 1

    @pytest.mark.parametrize("who", ["sonla", "tohieu"])
    @pytest.mark.parametrize("typed", [(ONE, "5", "n", ""), (ONE, "note", "Mái dột", "")])
    def test_what_was_typed_out_of_view_is_not_taken_away(self, cast, slot, typed, who):
        """Also at another desk of the same account."""
        save(cast, slot, (ONE, "1", "o", ""))
        save(cast, slot, typed, (TWO, "5", "n", ""), by=cast.officers[who])
        rows = {ONE: {"rev": 0, "now": whole(cast, slot, **{"5": "."}), "note": ""}}
        said = handed(cast, slot, **rows)
        assert (said.status_code, said.json()["code"]) == (409, "stale")
        assert DraftCell.objects.count() == 3
        seen = {"rev": 0, "now": whole(cast, slot, **{"5": typed[2][0]}), "note": typed[2]}
        now = {ONE: {**seen, "note": ""} if typed[1] == "5" else {**seen, "now": whole(cast, slot)}}
        assert handed(cast, slot, **now).status_code == 200
        assert DraftCell.objects.get().site.code == TWO

    def test_a_closed_slot_says_so_and_keeps_the_cells(self, cast, slot, move_clock):
        save(cast, slot, (ONE, "1", "o", ""))
        rows = {ONE: {"rev": 0, "now": whole(cast, slot), "note": ""}}
        move_clock(days=3)
        said = handed(cast, slot, **rows)
        assert (said.status_code, said.json()["code"]) == (409, "slot_closed")
        assert DraftCell.objects.count() == 1

    @pytest.mark.parametrize(
        "text",
        ["", "[]", "1", '{"x": 1}', '{"14-03646-001": {"rev": 0, "now": "oo", "note": ""}}', "{" * 5000],
    )
    def test_what_is_no_grid_is_refused(self, cast, slot, text):
        with settled():
            said = signed_in(cast.tohieu).post(
                address("readiness-grid-file", slot), {"grid": text}, headers={"Accept": "application/json"}
            )
        assert said.status_code == 400
        assert not SiteReport.objects.exists()

    def test_what_is_open_from_an_earlier_phase_is_asked_again(self, cast, slot, move_clock):
        file(cast, slot, **{"1": "no"})
        move_clock(days=10, hours=-2)
        day = next(one for one in ready.slots(cast.operation, "regular") if one.phase == "day")
        assert "1" in grid(cast, day).rows[0].asked
        assert grid(cast, day).rows[0].before == {"1": "n"}


class TestStates:
    def state(self, cast, slot):
        return next(
            one.state
            for one in queries.tasks(cast.tohieu, cast.operation, cast.unit.tohieu, slot)
            if one.slot == slot
        )

    def test_from_the_beginning_to_the_return(self, cast, slot):
        assert self.state(cast, slot) == "new"
        save(cast, slot, (ONE, "1", "o", ""))
        assert self.state(cast, slot) == "begun"
        file(cast, slot)
        assert self.state(cast, slot) == "filed"
        last = SiteReport.objects.filter(site=cast.site.tohieu_1).get()
        returned = checklist.unpacked(last.answers) | {"5": "returned"}
        last.pk, last.revision, last.source = None, 2, "returned"
        last.answers, last.reasons, last.verdict = checklist.packed(returned), {"5": "Ảnh mờ"}, "conditional"
        last.save()
        assert self.state(cast, slot) == "returned"
        page = main(signed_in(cast.tohieu).get(address("readiness-grid", slot)))
        assert "Bị trả lại" in page
        assert "Ảnh mờ" in page
        save(cast, slot, (ONE, "5", "o", "r"))
        assert grid(cast, slot).rows[0].reasons == {}


class TestWorkbook:
    def taken(self, cast, slot, change=bool, by=None):
        page = signed_in(by or cast.tohieu)
        book = openpyxl.load_workbook(BytesIO(page.get(address("readiness-grid-sheet", slot)).content))
        change(book.worksheets[0])
        kept = BytesIO()
        book.save(kept)
        return self.sent(page, slot, kept.getvalue())

    def sent(self, page, slot, content, name="bang.xlsx"):
        with settled():
            return page.post(
                address("readiness-grid-sheet", slot), {"file": SimpleUploadedFile(name, content)}
            )

    def test_filled_in_and_sent_back_it_stands_in_the_grid(self, cast, slot):
        def fill(sheet):
            sheet.cell(2, 3).value, sheet.cell(2, 4).value, sheet.cell(3, 7).value = (
                "Đạt",
                "chưa  đạt",
                "không áp dụng",
            )
            sheet.cell(2, sheet.max_column).value = "=1+1"[1:]

        assert self.taken(cast, slot, fill).status_code == 302
        one, two = grid(cast, slot).rows
        assert (one.shown, one.note, two.shown) == ({"1": "o", "2": "n"}, "1+1", {"5": "a"})

    def test_what_goes_out_comes_back_the_same(self, cast, slot):
        save(cast, slot, (ONE, "1", "o", ""), (ONE, "5", "a", ""), (ONE, "note", "=SUM(1)", ""))
        before = [(row.shown, row.note) for row in grid(cast, slot).rows]
        assert self.taken(cast, slot).status_code == 302
        assert [(row.shown, row.note) for row in grid(cast, slot).rows] == before

    def test_one_wrong_cell_and_nothing_is_taken(self, cast, slot):
        def spoil(sheet):
            sheet.cell(2, 3).value, sheet.cell(2, 5).value, sheet.cell(3, 4).value = "Đạt", "tạm được", "=A1"
            sheet.cell(3, 3).value = "Không áp dụng"

        said = self.taken(cast, slot, spoil)
        assert said.status_code == 400
        page = main(said)
        assert all(text in page for text in ("tạm được", "=A1", "trọng yếu"))
        assert not DraftCell.objects.exists()

    @pytest.mark.parametrize(
        ("row", "column", "value"),
        [
            (2, 1, "15-03006-001"),
            (3, 1, ONE),
            (1, 1, "Mã khác"),
            (1, 3, "99. Không có"),
            (1, 4, "1. Lần hai"),
            (2, 3, 1),
            (2, 3, True),
        ],
    )
    def test_what_belongs_elsewhere_is_told_by_row(self, cast, slot, row, column, value):
        def spoil(sheet):
            sheet.cell(2, 4).value = "Đạt"
            sheet.cell(row, column).value = value

        assert self.taken(cast, slot, spoil).status_code == 400
        assert not DraftCell.objects.exists()

    @pytest.mark.parametrize(
        "content", [b"", b"PK\x03\x04", b"%PDF-1.7", b"\xd0\xcf\x11\xe0" * 9, b"\x00" * 500]
    )
    def test_what_is_no_workbook_is_refused_in_words(self, cast, slot, content):
        said = self.sent(signed_in(cast.tohieu), slot, content)
        assert said.status_code in {400, 413}
        assert "Không lấy gì từ tệp" in main(said)

    def test_text_of_separators_is_taken_too(self, cast, slot):
        content = f"Mã điểm;1. Phương án\n{ONE};đ\n".encode()
        assert self.sent(signed_in(cast.tohieu), slot, content, "bang.csv").status_code == 302
        assert grid(cast, slot).rows[0].shown == {"1": "o"}

    def test_who_only_looks_takes_the_file_and_sends_none(self, cast, slot):
        assert self.taken(cast, slot, by=cast.health).status_code == 403

    def test_a_screen_on_a_wall_takes_no_file(self, cast, slot):
        assert signed_in(cast.wall).get(address("readiness-grid-sheet", slot)).status_code == 403
        assert "/sheet/" not in main(signed_in(cast.wall).get(address("readiness-grid", slot)))


def test_every_word_is_found_as_it_is_looked_up():
    assert all(fold(word) == word for word in cells.WORDS)
    assert [cells.letter(text) for text in ("Đạt", " ĐẠT ", "đ", "D", "✓", "Chưa đạt", "n/a", "", "–")] == [
        "o"
    ] * 5 + ["n", "a", "", ""]
    assert [cells.letter(one) for one in ("x", "không", "1", 1, True, None, "=A1", ["at", "2026"])] == [
        None
    ] * 8


def test_the_page_asks_as_much_for_many_sites_as_for_two(cast, slot, django_assert_max_num_queries):
    page = signed_in(cast.tohieu)
    page.get(address("readiness-grid", slot))
    with django_assert_max_num_queries(24) as few:
        page.get(address("readiness-grid", slot))
    for number in range(3, 23):
        Site.objects.create(
            code=f"14-03646-{number:03d}",
            number=number,
            name=f"Điểm {number}",
            unit=cast.unit.tohieu,
            lat=21,
            lon=103,
        )
    with django_assert_max_num_queries(len(few.captured_queries)):
        said = page.get(address("readiness-grid", slot))
    assert len(said.content) < 400_000


def test_a_unit_without_sites_of_its_own_has_no_grid(cast, slot):
    assert signed_in(cast.sonla).get(reverse("readiness-grid", args=["vn/14/"])).status_code == 404


def test_without_a_script_a_site_is_answered_by_its_form(cast, slot):
    page = signed_in(cast.tohieu)
    with settled():
        page.post(
            address("readiness-grid-save", slot),
            {"site": TWO, "item-1": "o", "item-5": "n", "note": "Thiếu biển"},
        )
        page.post(address("readiness-grid-save", slot), {"fill": "ok"})
    one, two = grid(cast, slot).rows
    assert set(one.shown.values()) == {"o"}
    assert (two.shown["5"], two.note) == ("n", "Thiếu biển")
    asked = main(page.get(address("readiness-grid", slot) + "&confirm=1"))
    assert "5. Sơ đồ điểm" in asked
    assert sheets.heading(checklist.ITEMS["5"]).startswith("5. ")


def test_the_number_of_a_slot_is_no_number_to_read(cast, slot):
    names = ("operation", "phase", "opens_at", "silent_at", "closes_at", "remind_at")
    given = {name: getattr(slot, name) for name in names}
    one = Slot.objects.create(pk=12345678, due_at=slot.due_at + dt.timedelta(seconds=1), **given)
    page = main(signed_in(cast.tohieu).get(address("readiness-grid", one)))
    assert "slot=12345678" in page
    assert "12.345.678" not in page
