"""Is a database that went away told from a fault of ours?"""

import psycopg2
import pytest
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, OperationalError
from django.test import RequestFactory

from command_center import errors


def caused(error, by):
    error.__cause__ = by
    return error


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (OperationalError("gone"), True),
        (InterfaceError("closed"), True),
        # What psycopg2 makes of a backend that is killed in the middle of an answer.
        (caused(DatabaseError("server closed the connection"), psycopg2.DatabaseError("closed")), True),
        (DatabaseError("Save with update_fields did not affect any rows."), False),
        (caused(IntegrityError("twice"), psycopg2.IntegrityError("twice")), False),
        (caused(DataError("too long"), psycopg2.DataError("too long")), False),
        (ValueError("x"), False),
    ],
    ids=str,
)
@pytest.mark.loud
def test_only_a_database_that_is_away_asks_to_come_back(error, away):
    answer = errors.answer(RequestFactory().get("/api/sites/"), error)
    assert (answer is not None) == away
    assert not away or (answer.status_code, answer["Retry-After"]) == (503, "5")
