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
