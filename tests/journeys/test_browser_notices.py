"""Does the bell ring by itself, and does a notice lead to where it is answered?"""

from django.db import transaction

from journal import clock
from tests.command_center.test_notices import tell
from tests.journeys.browser import OFFICE


def test_the_bell_rings_and_a_notice_leads_to_its_answer(house, sit, committed):
    due = clock.wire(clock.now())
    seat = sit(committed.sonla, OFFICE)
    seat.page.goto(f"{house.base}/notices/")
    seat.page.wait_for_selector("[data-link-state][data-state=live]")
    bell = seat.page.locator("[data-unread]").first
    assert bell.text_content() == "0"
    with transaction.atomic():
        tell(committed, "readiness.reminded", due=due, sites=2, slot=7)
        tell(committed, "readiness.reminded", "vn/14/03664/", "Phường Chiềng An", due=due, sites=2, slot=7)
        tell(committed, "finding.escalated", "vn/14/", "Tỉnh Sơn La", findings=3)
    rows = seat.page.locator("#notice-list a")
    rows.nth(1).wait_for()
    seat.page.wait_for_function("() => document.querySelector('[data-unread]').textContent === '3'")
    assert "Nhắc báo cáo · 2" in (rows.nth(1).text_content() or "")
    rows.nth(0).click()
    seat.page.wait_for_url("**/findings/?unit=vn%2F14%2F")
