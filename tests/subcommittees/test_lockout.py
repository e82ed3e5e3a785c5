"""Does an account pause where it failed, longer each time, and nowhere else?"""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from subcommittees import lockout
from subcommittees.models import SignInFailure

HERE, NEXT_DOOR, ELSEWHERE = "10.14.3.7", "10.14.3.200", "10.15.3.7"


def fail(account="sonla.trucban", address=HERE, times=1):
    return [lockout.attempt(account, address) for _ in range(times)]


def seconds(left):
    return None if left is None else round(left.total_seconds())


def test_five_attempts_are_free_and_the_sixth_waits(cast):
    assert fail(times=5) == [None] * 5
    assert seconds(fail()[0]) in {29, 30}


def test_what_is_tried_during_a_pause_neither_counts_nor_prolongs_it(cast):
    fail(times=5)
    first, *_, last = fail(times=20)
    assert first >= last
    assert SignInFailure.objects.get().count == 5


def test_pauses_grow_to_a_quarter_of_an_hour_and_no_further(cast, move_clock):
    fail(times=5)
    at, pauses = dt.timedelta(0), []
    for _ in range(8):
        left = fail()[0]
        pauses.append(round(left.total_seconds()))
        at += left + dt.timedelta(seconds=2)
        move_clock(seconds=at.total_seconds())
        assert fail() == [None]
    assert [round(pause / 30) * 30 for pause in pauses] == [30, 60, 120, 240, 480, 900, 900, 900]


def test_a_success_clears(cast):
    fail(times=4)
    lockout.succeeded("sonla.trucban", HERE)
    assert fail(times=5) == [None] * 5


def test_a_whole_network_shares_the_count_of_one_account(cast):
    fail(times=5)
    assert fail(address=NEXT_DOOR)[0] is not None


def test_the_same_officer_elsewhere_and_a_colleague_here_are_not_shut_out(cast):
    fail(times=9)
    assert fail(address=ELSEWHERE) == [None]
    assert fail(account="laocai.trucban") == [None]


def test_writing_the_account_otherwise_is_no_way_round(cast):
    fail(times=5)
    assert fail(account="  Sonla.TrucBan ")[0] is not None


def test_what_was_typed_is_not_kept(cast):
    fail(account="mat-khau-go-nham")
    assert "mat-khau" not in SignInFailure.objects.get().account


def test_after_a_day_everything_is_forgotten(cast, move_clock):
    fail(times=5)
    move_clock(days=1, minutes=1)
    assert fail(times=5) == [None] * 5
    assert lockout.forget() == 0
    move_clock(days=2, minutes=2)
    assert lockout.forget() == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.14.3.7", "10.14.3.0/24"),
        ("::ffff:10.14.3.7", "10.14.3.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "local"),
        ("không phải địa chỉ", "local"),
    ],
)
def test_what_counts_as_one_network(address, network):
    assert lockout.network(address) == network


def test_attempts_at_the_same_moment_all_count(committed):
    def one(_):
        try:
            return lockout.attempt("sonla.trucban", HERE)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(24)))
    assert answers.count(None) == lockout.FREE
