"""Does a large list arrive as a file, with its progress seen, from its own page?"""

import io
from collections.abc import Callable
from types import SimpleNamespace

import openpyxl
import pytest
from playwright.sync_api import expect

from reports import exports
from reports.models import Export
from tests.journeys.browser import NARROW, PHONE, Seat
from tests.journeys.stage import Stage
from tests.journeys.test_axe import breaches

pytestmark = pytest.mark.browser
Sit = Callable[..., Seat]


@pytest.mark.parametrize("size", [PHONE, (1366, 768)], ids=["phone", "office"])
def test_the_progress_is_seen_and_the_file_is_taken(
    house: Stage, committed: SimpleNamespace, sit: Sit, size: tuple[int, int]
) -> None:
    made, _ = exports.asked(
        user=committed.sonla,
        operation=committed.operation,
        listing="sites",
        filters={},
        language="vi",
        file_name="diem-bau-cu.xlsx",
        total=72_195,
    )
    Export.objects.filter(pk=made.pk).update(state="making", run=1, done=20_000)
    seat = sit(committed.sonla, size).open(f"/exports/{made.token}/", live=False)
    expect(seat.find("#export progress")).to_have_attribute("value", "20000")
    assert breaches(seat) == []
    Export.objects.filter(pk=made.pk).update(done=60_000)
    expect(seat.find("#export progress")).to_have_attribute("value", "60000")
    made.parts.create(run=1, number=0, data=b"x" * 10)
    Export.objects.filter(pk=made.pk).update(state="ready", size=10)
    link = seat.find("#export a.button")
    expect(link).to_be_visible()
    assert breaches(seat) == []
    for width, height in (NARROW, size):
        seat.page.set_viewport_size({"width": width, "height": height})
        assert seat.too_wide() <= 0
    with seat.page.expect_download() as taken:
        link.click()
    assert taken.value.suggested_filename == "diem-bau-cu.xlsx"
    assert taken.value.path().read_bytes() == b"x" * 10
    Export.objects.all().delete()


def test_a_short_list_comes_at_once(house: Stage, committed: SimpleNamespace, sit: Sit) -> None:
    seat = sit(committed.sonla).open("/sites/?q=to+hieu")
    with seat.page.expect_download() as taken:
        seat.find('main a[href*="format=xlsx"]').click()
    assert taken.value.suggested_filename.startswith("diem-bau-cu_bau-cu_")
    book = openpyxl.load_workbook(io.BytesIO(taken.value.path().read_bytes()))
    assert [row[0] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)] == [
        "14-03646-001",
        "14-03646-002",
    ]
