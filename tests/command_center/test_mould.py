"""Does a row drawn from its mould say what its template would say, and nothing unescaped?"""

import pytest
from django.template.loader import render_to_string
from django.urls import reverse, set_script_prefix
from django.utils.safestring import SafeString
from django.utils.translation import override

from command_center.mould import draw, link

ROW = {"answer_by": "2026-11-22T00:00:00.000Z", "said": "07:00"}


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_row_is_what_its_template_says_in_each_language(language):
    with override(language):
        assert draw("parts/countdown.html", [ROW]) == render_to_string("parts/countdown.html", ROW)


def test_only_what_is_marked_as_safe_goes_out_as_it_is():
    hostile = {"answer_by": '"><script>', "said": SafeString("<b>7</b>")}
    assert draw("parts/countdown.html", [hostile]) == render_to_string("parts/countdown.html", hostile)
    assert "<script>" not in draw("parts/countdown.html", [hostile])


def test_a_value_cannot_open_the_place_of_another():
    drawn = draw("parts/countdown.html", [{**ROW, "said": "\ue000answer_by\ue000"}])
    assert drawn.count(ROW["answer_by"]) == 1


def test_rows_follow_each_other_and_no_rows_are_nothing():
    assert draw("parts/countdown.html", []) == ""
    assert draw("parts/countdown.html", [ROW, ROW]) == 2 * draw("parts/countdown.html", [ROW])


def test_an_address_is_what_the_table_of_addresses_says():
    assert link("site", "x")("14-03646-012") == reverse("site", args=["14-03646-012"])
    assert link("desk", "vn/")("vn/14/03646/") == reverse("desk", args=["vn/14/03646/"])
    assert link("site", "x")('a"?b c') == "/sites/a%22%3Fb%20c/"


def test_addresses_stay_within_their_operation():
    try:
        set_script_prefix("/op/dien-tap/")
        assert link("site", "x")("14-03646-012") == "/op/dien-tap/sites/14-03646-012/"
    finally:
        set_script_prefix("/")
    assert link("site", "x")("14-03646-012") == "/sites/14-03646-012/"
