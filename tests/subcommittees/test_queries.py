"""Who is in the chain, as each officer may see it?"""

import datetime as dt

import pytest
from django.utils import timezone

from subcommittees import queries
from subcommittees.models import Appointment, Unit, User


def names(rows):
    return {user.username.removeprefix("thu.") for user in rows}


@pytest.mark.parametrize(
    ("who", "found"),
    [
        ("sonla", {"sonla", "sonla-head", "sonla-staff", "tohieu", "chiengan"}),
        ("sonla_staff", {"sonla", "sonla-head", "sonla-staff", "tohieu", "chiengan", "nobody"}),
        ("tohieu", {"tohieu"}),
        ("laocai", {"laocai", "sapa"}),
        ("k02", {"k02"}),
        ("health", set()),
        ("nobody", set()),
    ],
)
def test_people_are_seen_through_their_posts(cast, who, found):
    assert names(queries.people(cast.officers[who])) == found


def test_the_ministry_and_the_account_administrator_see_everybody_with_a_post(cast):
    everybody = names(cast.officers.values())
    assert names(queries.people(cast.duty)) == everybody - {"nobody"}
    assert names(queries.people(cast.admin)) == everybody


def test_a_post_that_ended_is_not_shown_but_its_holder_is(cast):
    Appointment.objects.filter(user=cast.chiengan).update(ends_at=timezone.now() - dt.timedelta(hours=1))
    posts = {user.username: user.posts for user in queries.people(cast.sonla)}
    assert posts["thu.chiengan"] == []
    assert [post.post for post in posts["thu.tohieu"]] == ["Công an cấp xã · Phường Tô Hiệu"]


def test_a_post_elsewhere_is_not_told(cast):
    Appointment.objects.create(
        user=cast.tohieu,
        unit=cast.unit.sapa,
        path=cast.unit.sapa.path,
        role="commune",
        starts_at=timezone.now() - dt.timedelta(days=1),
    )
    for user, path in ((cast.sonla, "vn/14/03646/"), (cast.laocai, "vn/15/03006/")):
        assert [post.path for post in queries.people(user, "tohieu").get().posts] == [path]


@pytest.mark.parametrize(
    ("typed", "found"), [("to hieu", {"tohieu"}), ("Tô Hiệu", {"tohieu"}), ("zzz", set())]
)
def test_people_are_found_by_account_and_by_unit(cast, typed, found):
    assert names(queries.people(cast.sonla, typed)) == found


def test_people_cost_the_same_however_many(cast, django_assert_num_queries):
    for user in (cast.tohieu, cast.duty):
        queries.people(user).exists()
        with django_assert_num_queries(2):
            assert all(person.posts is not None for person in queries.people(user))


def test_an_account_out_of_reach_is_absent(cast):
    assert queries.found_user(cast.sonla, "thu.tohieu") == cast.tohieu
    for username in ("thu.sapa", "thu.duty", "thu.khong-co"):
        with pytest.raises(User.DoesNotExist):
            queries.found_user(cast.sonla, username)


def test_units_are_found_without_accents_and_only_in_reach(cast):
    assert [unit.name for unit in queries.units(cast.duty, q="to hieu")] == ["Phường Tô Hiệu"]
    assert not queries.units(cast.laocai, q="to hieu")
    assert [unit.code for unit in queries.units(cast.sonla, parent="vn/14/")] == ["03664", "03646"]
    assert not queries.units(cast.laocai, parent="vn/14/")
    with pytest.raises(Unit.DoesNotExist):
        queries.found_unit(cast.laocai, "vn/14/")


def test_a_filter_by_place_tells_nothing_of_posts_elsewhere(cast):
    """Who in Sơn La also serves in Lào Cai is for Lào Cai and the ministry to know."""
    Appointment.objects.create(
        user=cast.tohieu, unit=cast.unit.sapa, path="vn/15/03006/", role="commune", starts_at=timezone.now()
    )
    assert names(queries.people(cast.sonla_staff, unit="vn/15/")) == set()
    assert names(queries.people(cast.sonla_staff, unit="vn/14/03646/")) == {"tohieu"}
    assert "tohieu" in names(queries.people(cast.duty, unit="vn/15/"))
