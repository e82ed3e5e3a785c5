"""Does a clerk bring in a messy workbook by herself: told in words what is wrong, nothing lost, nothing twice?"""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import expect

from journal.models import Event
from sites.models import Site
from tests.journeys.browser import NARROW, OFFICE, PHONE, Seat
from tests.journeys.sheets import GOOD, HEADER, messy
from tests.journeys.stage import Stage
from tests.journeys.test_axe import breaches

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]
Sit = Callable[..., Seat]


def mended(file: Path) -> bytes:
    """The returned file as the clerk sends it back: her own columns, what was wrong put right."""
    rows = list(csv.reader(io.StringIO(file.read_text("utf-8-sig"), newline=""), delimiter=";"))
    assert rows[0] == [*HEADER, "Dòng", "Nội dung sai"]
    assert [row[0] for row in rows[1:]] == ["14-03646-900", "14-03646-901", "14-03646-902"]
    assert all(row[-1] for row in rows[1:])
    for row in rows[1:]:
        row[2], row[1] = "03646", row[1] or "Trường tiểu học"
        if float(row[4]) > 90:
            row[4], row[5] = row[5], row[4]
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows)
    return out.getvalue().encode("utf-8-sig")


@pytest.fixture
def working(own_house: Stage) -> Stage:
    own_house.start("worker", "beat")
    return own_house


def state(seat: Seat) -> str:
    return str(seat.find("#import .state").get_attribute("data-state"))


def whole(seat: Seat) -> None:
    """This page, as it stands, breaks nothing of WCAG and fits a narrow screen."""
    assert breaches(seat) == []
    before = seat.page.viewport_size
    seat.page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    assert seat.too_wide() <= 0
    seat.page.set_viewport_size(before)  # type: ignore[arg-type]


def send(seat: Seat, file: Any) -> None:
    seat.open("/import/", live=False)
    seat.find("#file-sites").set_input_files(file)
    seat.find("form[action$='/import/sites/'] button").click()
    seat.page.wait_for_url("**/import/sites/*-*/")


def shown(seat: Seat, *states: str) -> None:
    seat.until(lambda: state(seat) in states, 40)


def test_a_messy_workbook_comes_in_by_the_clerk_alone(
    working: Stage, committed: SimpleNamespace, sit: Sit, tmp_path: Path
) -> None:
    seat = sit(committed.secretary, OFFICE)
    seat.open("/import/", live=False)
    whole(seat)
    send(seat, messy(tmp_path / "son-la.xlsx"))
    shown(seat, "failed")
    alert = seat.find("#import [role=alert]")
    expect(alert).to_contain_text("Mã khu vực bỏ phiếu")
    whole(seat)

    seat.find("#column-code").select_option("Ký hiệu")
    seat.find("form[action$='/columns/'] button").click()
    shown(seat, "checked")
    whole(seat)
    assert seat.find("#import .count-value").all_inner_texts() == ["43", "40", "3"]
    faults = seat.find("[aria-labelledby=doubtful-title] tbody tr td:nth-child(2)").all_inner_texts()
    assert [word in text for word, text in zip(("đảo chỗ", "99999", "còn trống"), faults, strict=True)] == [
        True
    ] * 3, faults
    expect(seat.find("#import")).to_contain_text("Người lập bảng")
    with seat.page.expect_download() as taken:
        seat.find("a[href$='/bad-rows/']").click()
    returned = Path(str(taken.value.path()))
    seat.find("form[action$='/start/'] button").click()
    shown(seat, "done")
    whole(seat)
    assert Site.objects.filter(code__startswith="14-0", number__gte=100).count() == GOOD
    assert Event.objects.filter(verb="site.imported").count() == 2

    send(seat, {"name": "sua.csv", "mimeType": "text/csv", "buffer": mended(returned)})
    shown(seat, "checked")  # her choice of columns is remembered
    seat.find("form[action$='/start/'] button").click()
    shown(seat, "done")
    assert Site.objects.filter(number__gte=900).count() == 3

    before = list(Site.objects.order_by("pk").values())
    send(seat, tmp_path / "son-la.xlsx")
    shown(seat, "checked")
    seat.find("form[action$='/start/'] button").click()
    shown(seat, "done")
    expect(seat.find("#import")).to_contain_text("Không đổi: 40")
    assert list(Site.objects.order_by("pk").values()) == before
    assert Event.objects.filter(verb="site.imported").count() == 3


def test_by_keys_alone_on_a_phone_the_bar_moves_and_the_import_can_be_stopped(
    own_house: Stage, committed: SimpleNamespace, sit: Sit, tmp_path: Path
) -> None:
    """Everything is reached with Tab and done with Enter; the worker is away until the bar is seen to stand."""
    seat = sit(committed.secretary, PHONE)
    seat.open("/import/", live=False)
    seat.find("#file-sites").set_input_files(messy(tmp_path / "son-la.xlsx", 4_000))
    seat.find("#file-sites").focus()  # the file itself is chosen in a window of the system
    pressed(seat, "form[action$='/import/sites/'] button")
    seat.page.wait_for_url("**/import/sites/*-*/")
    assert state(seat) == "reading"
    whole(seat)
    own_house.start("worker", "beat")
    shown(seat, "failed")
    tabbed(seat, "#column-code")
    seat.page.keyboard.type("Ký")
    expect(seat.find("#column-code")).to_have_value("Ký hiệu")
    pressed(seat, "form[action$='/columns/'] button")
    shown(seat, "checked")
    own_house.kill("worker")
    pressed(seat, "form[action$='/start/'] button")
    shown(seat, "writing")
    expect(seat.find("#import progress")).to_have_attribute("value", "34")
    whole(seat)
    tabbed(seat, "form[action$='/cancel/'] button")
    seat.page.wait_for_timeout(2_500)  # the page has asked twice: what was reached is not lost
    assert focused(seat, "form[action$='/cancel/'] button")
    seat.page.keyboard.press("Enter")
    expect(seat.find("form[action$='/cancel/'] button")).to_be_disabled()
    own_house.start("worker")
    shown(seat, "cancelled")
    whole(seat)
    assert Site.objects.filter(number__gte=100).count() == 0


def test_who_has_no_right_is_refused_and_sees_nothing_of_it(
    own_house: Stage, committed: SimpleNamespace, sit: Sit, tmp_path: Path
) -> None:
    clerk, duty = sit(committed.secretary), sit(committed.sonla)
    send(clerk, messy(tmp_path / "son-la.xlsx"))
    address = clerk.page.url.removeprefix(clerk.base)
    duty.open("/", live=False)
    assert duty.find("a[href='/import/']").count() == 0
    duty.expected = "403|404"
    assert posted(duty, "/import/sites/") == 403
    for path in ("", "columns/", "start/", "cancel/", "bad-rows/"):
        answer = (
            posted(duty, address + path)
            if path in {"columns/", "start/", "cancel/"}
            else fetched(duty, address + path)
        )
        assert answer == 404, path
    duty.open("/import/", live=False)
    expect(duty.find("main")).to_contain_text("Không thuộc chức vụ này")
    assert breaches(duty) == []


def focused(seat: Seat, selector: str) -> bool:
    return bool(seat.page.evaluate("(one) => document.activeElement.matches(one)", selector))


def tabbed(seat: Seat, selector: str) -> None:
    """Reach it with Tab alone."""
    for _ in range(120):
        if focused(seat, selector):
            return
        seat.page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached with Tab")


def pressed(seat: Seat, selector: str) -> None:
    tabbed(seat, selector)
    seat.page.keyboard.press("Enter")


def fetched(seat: Seat, path: str) -> int:
    return int(seat.page.evaluate("(path) => fetch(path).then((answer) => answer.status)", path))


POST = """async (path) => {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  return (await fetch(path, {method: "POST", headers: {"X-CSRFToken": token}})).status;
}"""


def posted(seat: Seat, path: str) -> int:
    return int(seat.page.evaluate(POST, path))
