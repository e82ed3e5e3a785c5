"""Does everybody find the sites in reach, and only those?"""

import pytest
from django.utils import timezone

from sites import queries
from sites.models import Site, SiteStatus
from subcommittees.scope import visible


def codes(rows):
    return [site.code for site in rows]


@pytest.fixture
def third(cast):
    """A twelfth site in Tô Hiệu, about which this operation has said nothing yet."""
    return Site.objects.create(
        code="14-03646-012",
        number=12,
        name="Điểm bầu cử 12 – Trường Tiểu học Đằng Hải",
        unit=cast.unit.tohieu,
        lat=21.3,
        lon=103.9,
    )


@pytest.mark.parametrize(
    ("who", "found"),
    [
        ("duty", 8), ("wall", 8), ("health", 8), ("sonla", 4), ("sonla_staff", 4), ("laocai", 4),
        ("tohieu", 2), ("chiengan", 2), ("sapa", 2), ("k02", 0), ("admin", 0), ("nobody", 0),
    ],
)  # fmt: skip
def test_a_role_sees_the_sites_of_its_unit(cast, who, found):
    rows = queries.listed(cast.officers[who], cast.operation)
    assert rows.count() == len(rows) == found


@pytest.mark.parametrize(
    "typed",
    [
        "bau cu 12 to hieu",
        "Điểm bầu cử 12",
        "TRƯỜNG TIỂU HỌC ĐẰNG HẢI",
        "14-03646-012",
        "dang hai 12",
        "truong ti",
    ],
)
def test_a_site_is_found_as_it_is_typed(cast, third, typed):
    assert codes(queries.listed(cast.sonla, cast.operation, q=typed)) == [third.code]
    assert codes(queries.listed(cast.tohieu, cast.operation, q=typed)) == [third.code]
    assert codes(queries.listed(cast.laocai, cast.operation, q=typed)) == []


@pytest.mark.parametrize("typed", ["bau cu", "d", "ĐIỂM", "bầu"])
def test_words_of_every_name_leave_nothing_out(cast, third, typed):
    assert queries.listed(cast.tohieu, cast.operation, q=typed).count() == 3


@pytest.mark.parametrize("typed", ["!&|", "–", "không có điểm nào", "' OR 1=1 --", "\0"])
def test_what_matches_nothing_finds_nothing(cast, typed):
    assert codes(queries.listed(cast.duty, cast.operation, q=typed)) == []


def test_sites_stand_in_the_order_of_their_numbers(cast, third):
    rows = codes(queries.listed(cast.tohieu, cast.operation))
    assert rows == ["14-03646-001", "14-03646-002", "14-03646-012"]


def test_a_unit_narrows_and_never_widens(cast):
    assert queries.listed(cast.duty, cast.operation, unit="vn/15/").count() == 4
    assert queries.listed(cast.sonla, cast.operation, unit="vn/14/03664/").count() == 2
    assert queries.listed(cast.sonla, cast.operation, unit="vn/15/").count() == 0
    assert queries.listed(cast.sonla, cast.operation, unit="vn/").count() == 4


def test_the_kind_narrows(cast):
    assert codes(queries.listed(cast.sonla, cast.operation, kind="hospital")) == ["14-03664-002"]


def test_a_state_belongs_to_one_operation(cast, third):
    SiteStatus.objects.create(
        operation=cast.exercise,
        site=cast.site.tohieu_1,
        path="vn/14/03646/",
        state="voting",
        since=timezone.now(),
    )
    here = {site.code: site.state for site in queries.listed(cast.tohieu, cast.operation)}
    assert here == {"14-03646-001": "ready", "14-03646-002": "ready", third.code: "unsurveyed"}
    there = {site.code: site.state for site in queries.listed(cast.tohieu, cast.exercise)}
    assert there == {"14-03646-001": "voting", "14-03646-002": "unsurveyed", third.code: "unsurveyed"}


def test_the_state_narrows_also_where_nothing_was_said(cast, third):
    assert codes(queries.listed(cast.tohieu, cast.operation, state="unsurveyed")) == [third.code]
    assert queries.listed(cast.tohieu, cast.operation, state="ready").count() == 2
    assert queries.listed(cast.tohieu, cast.exercise, state="unsurveyed").count() == 3


def test_one_query_however_many_rows(cast, third, django_assert_num_queries):
    for unit, rows in (("vn/14/03646/", 3), ("vn/14/03664/", 2)):
        queries.listed(cast.sonla, cast.operation).exists()  # the reach is read once a request
        with django_assert_num_queries(1):
            found = list(queries.listed(cast.sonla, cast.operation, unit=unit))
            assert [site.unit.name for site in found if site.state]
        assert len(found) == rows


def test_out_of_reach_is_absent(cast):
    assert queries.found(cast.tohieu, "14-03646-001") == cast.site.tohieu_1
    for user, code in (
        (cast.tohieu, "14-03664-001"),
        (cast.laocai, "14-03646-001"),
        (cast.duty, "99-00000-001"),
    ):
        with pytest.raises(Site.DoesNotExist):
            queries.found(user, code)


def test_the_one_that_is_found_is_one_that_is_visible(cast):
    for user in cast.officers.values():
        seen = set(visible(Site.objects.all(), user))
        for site in Site.objects.all():
            try:
                assert (queries.found(user, site.code) in seen) is True
            except Site.DoesNotExist:
                assert site not in seen
