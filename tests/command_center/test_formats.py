"""Are dates and numbers read and written as in Viet Nam, in both languages?"""

import datetime as dt

import pytest
from django import forms
from django.template import Context, Template
from django.utils import formats, translation

from command_center.templatetags import wording

MARCH = dt.datetime(2026, 3, 5, 7, 7, 9, tzinfo=dt.UTC)  # 14:07:09 in Viet Nam


@pytest.fixture(params=["vi", "en"])
def language(request: pytest.FixtureRequest) -> str:
    with translation.override(request.param):
        yield request.param


@pytest.mark.parametrize("written", ["05/03/2026", "5/3/2026", "05-03-2026", "05.03.2026", "2026-03-05"])
def test_05_03_2026_is_the_fifth_of_march(language: str, written: str) -> None:
    assert forms.DateField().clean(written) == dt.date(2026, 3, 5)


def test_25_12_2026_is_a_date(language: str) -> None:
    assert forms.DateField().clean("25/12/2026") == dt.date(2026, 12, 25)


def test_03_25_2026_is_none(language: str) -> None:
    with pytest.raises(forms.ValidationError):
        forms.DateField().clean("03/25/2026")


def test_a_moment_is_read_day_first(language: str) -> None:
    read = forms.DateTimeField().clean("05/03/2026 14:07")
    assert (read.day, read.month, read.hour, read.minute) == (5, 3, 14, 7)


def test_the_week_begins_on_monday(language: str) -> None:
    assert formats.get_format("FIRST_DAY_OF_WEEK") == 1


@pytest.mark.parametrize(("language_code", "written"), [("vi", "72.195"), ("en", "72,195")])
def test_thousands(language_code: str, written: str) -> None:
    with translation.override(language_code):
        assert wording.number(72195) == written
        assert wording.number(0) == "0"
        assert wording.number(None) == ""


@pytest.mark.parametrize(("language_code", "written"), [("vi", "98,6\u00a0%"), ("en", "98.6\u00a0%")])
def test_percent(language_code: str, written: str) -> None:
    with translation.override(language_code):
        assert wording.percent(98.64) == written
        assert wording.percent(100) == "100\u00a0%"
        assert wording.percent(0) == "0\u00a0%"
        assert wording.percent(None) == ""


def test_a_moment_is_written_in_vietnamese_time(language: str) -> None:
    assert wording.moment(MARCH) == "05/03/2026 14:07"
    assert wording.day(MARCH) == "05/03/2026"
    assert wording.day(dt.date(2026, 3, 5)) == "05/03/2026"
    assert wording.clock(MARCH) == "14:07:09"
    assert wording.moment("2026-03-05T07:07:09Z") == "05/03/2026 14:07"


def test_the_machine_gets_utc(language: str) -> None:
    assert wording.wire(MARCH) == "2026-03-05T07:07:09.000Z"


def test_nothing_is_written_of_nothing(language: str) -> None:
    assert wording.moment(None) == wording.day(None) == wording.clock(None) == wording.wire("") == ""


def test_a_moment_just_before_midnight_in_utc_is_the_next_day_here() -> None:
    assert wording.day(dt.datetime(2026, 3, 4, 17, 30, tzinfo=dt.UTC)) == "05/03/2026"


@pytest.mark.parametrize(("days", "written"), [(1, "D-1"), (0, "D"), (-2, "D+2")])
def test_days_to_election_day(days: int, written: str) -> None:
    with translation.override("en"):
        assert wording.d_day(days) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0 seconds ago"),
        (1, "1 second ago"),
        (90, "1 minute ago"),
        (7200, "2 hours ago"),
        (200_000, "2 days ago"),
    ],
)
def test_age(seconds: int, written: str) -> None:
    with translation.override("en"):
        assert wording.ago(MARCH, MARCH + dt.timedelta(seconds=seconds)) == written


def test_an_age_carries_its_moment_for_the_browser() -> None:
    drawn = Template('{% load wording %}{% age then "updated {age}" %}').render(
        Context({"then": MARCH, "bar": {"now": MARCH + dt.timedelta(minutes=7)}})
    )
    assert 'datetime="2026-03-05T07:07:09.000Z"' in drawn
    assert 'data-age="updated {age}"' in drawn


def test_severity_is_a_level_and_a_word(language: str) -> None:
    for level in (1, 2, 3, 4):
        drawn = wording.sev(level)
        assert f'data-level="{level}"' in drawn
        assert wording.severity(level) in drawn
    assert wording.sev(None) == '<span class="sev" data-level=""></span>'


def test_words_are_escaped() -> None:
    assert "<b>" not in wording.state("<b>")
