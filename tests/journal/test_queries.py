"""Is what stands under a place read from its own stream, and is that all of it?"""

import pytest
from django.db.models import Q

from incidents import actions
from journal import queries
from journal.models import Entry
from journal.streams import stream_under
from subcommittees import actions as chain

PATHS = [
    "",
    "v",
    "vn",
    "vn/",
    "vn/1",
    "vn/14",
    "vn/14/",
    "vn/14/0",
    "vn/14/03646/",
    "vn/15/",
    "vn/K02/",
    "vn/99/",
    "/",
    "//x/",
]


@pytest.fixture
def filled(cast, number):
    given = {"operation": cast.operation, "category": "FIRE", "severity": 2}
    for site in (cast.site.tohieu_1, cast.site.chiengan_1, cast.site.sapa_1):
        actions.report(by=cast.duty, site=site, **given)
    for unit, role in [
        (cast.unit.k02, "command_duty"),
        (cast.unit.bo, "wall"),
        (cast.unit.tohieu, "commune"),
    ]:
        chain.grant(by=cast.admin, operation=cast.operation, user=cast.nobody, unit=unit, role=role)
    number()


@pytest.mark.parametrize("path", PATHS)
def test_the_stream_of_a_place_holds_all_that_happened_there(path, filled):
    told = set(queries.under(path, Entry.objects.all(), "bau-cu").values_list("event__path", flat=True))
    everything = set(Entry.objects.values_list("event__path", flat=True))
    assert told == {one for one in everything if one.startswith(path)}


@pytest.mark.parametrize(("path", "stream"), [
    ("", None), ("vn", None), ("vn/", None), ("vn/14", None), ("vn/14/", "x/14"), ("vn/14/03646/", "x/14"),
    ("vn/K02/", "x/bo"),
])  # fmt: skip
def test_below_the_nation_one_stream_is_read(path, stream):
    """Looking for a commune's last words among everybody's took 1.8 s with 300,000 events; in its stream 11 ms."""
    assert stream_under("x", path) == stream


def test_the_feed_of_a_place_reads_no_other_stream(filled, django_assert_num_queries):
    with django_assert_num_queries(1) as asked:
        list(queries.latest(Q(), "bau-cu", "vn/14/03646/", 30))
    assert "\"stream\" = 'bau-cu/14'" in asked[0]["sql"]


def test_the_journal_of_a_province_reads_no_other_stream(cast, filled, client, django_assert_max_num_queries):
    client.force_login(cast.sonla, backend="django.contrib.auth.backends.ModelBackend")
    with django_assert_max_num_queries(10) as asked:
        assert client.get("/journal/").status_code == 200
    read = [one["sql"] for one in asked if 'FROM "journal_entry"' in one["sql"]]
    assert read
    assert all("\"stream\" IN ('bau-cu/14')" in sql for sql in read)
