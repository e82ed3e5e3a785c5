"""Is a page deep in a long list the same rows, however they are found?"""

from types import SimpleNamespace

import pytest

from incidents import actions
from incidents import queries as incidents
from sites import queries as sites
from subcommittees import lists


@pytest.mark.parametrize("first", [0, 1, 3])
def test_a_deep_part_is_the_same_part(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, first: int
) -> None:
    for number in range(5):
        site = [cast.site.tohieu_1, cast.site.chiengan_2][number % 2]
        actions.report(by=cast.sonla, operation=cast.operation, site=site, category="POWER", severity=1)
    listed = [
        incidents.listed(cast.sonla, cast.operation, state=["open"], severity=[1], q="mat dien"),
        sites.listed(cast.duty, cast.operation, q="to 1", state="ready"),
        sites.listed(cast.duty, cast.operation),
    ]
    for rows in listed:
        wanted = list(rows[first : first + 2])
        assert wanted
        monkeypatch.setattr(lists, "DEEP", 0)
        assert list(lists.part(rows, first, first + 2)) == wanted
        monkeypatch.setattr(lists, "DEEP", 500)


@pytest.mark.parametrize(
    ("each", "asked"), [(9, ["SELECT"]), (5, ["SELECT", "COUNT"]), (2, ["SELECT", "COUNT"])]
)
def test_a_first_page_that_is_not_full_is_all_there_is(cast, django_assert_num_queries, each, asked):
    """Five of each: where the page holds more, its rows are their own count; where it may go on, they are counted."""
    for _ in range(5):
        actions.report(
            by=cast.sonla, operation=cast.operation, site=cast.site.tohieu_1, category="POWER", severity=1
        )
    rows = incidents.listed(cast.sonla, cast.operation)
    with django_assert_num_queries(len(asked)) as said:
        page = lists.Pages(rows, each, incidents.in_rows).get_page("1")
        assert page.paginator.count == 5
    assert len(page.object_list) == min(5, each)
    assert ["COUNT" if "COUNT(*)" in one["sql"] else "SELECT" for one in said] == asked


@pytest.mark.parametrize(("number", "first"), [(None, 0), ("", 0), ("x", 0), ("2", 2), ("3", 4), ("99", 4)])
def test_every_page_has_its_rows(cast, number, first):
    for _ in range(5):
        actions.report(
            by=cast.sonla, operation=cast.operation, site=cast.site.tohieu_1, category="POWER", severity=1
        )
    rows = incidents.listed(cast.sonla, cast.operation)
    page = lists.Pages(rows, 2, incidents.in_rows).get_page(number)
    assert [one.pk for one in page.object_list] == [one.pk for one in rows[first : first + 2]]
    assert page.paginator.count == 5
