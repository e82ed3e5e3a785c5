"""Is what is prepared planned once, on each connection, and still right?"""

import pytest
from django.db import ProgrammingError, connection

from journal.models import Sweep
from journal.prepared import Prepared, built, columns

pytestmark = pytest.mark.django_db


def known() -> list[tuple[str, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, generic_plans, custom_plans FROM pg_prepared_statements")
        return [tuple(row) for row in cursor.fetchall() if row[0].startswith("test_")]


def test_a_list_too_is_planned_once():
    doubled = Prepared("test_doubled", "SELECT n * 2 FROM unnest($1::int[]) AS n WHERE n <> $2 OR n = $2")
    assert [doubled.rows([1, 2], 2) for _ in range(3)] == [[(2,), (4,)]] * 3
    assert known() == [("test_doubled", 3, 0)]
    connection.cursor().execute("DEALLOCATE test_doubled")


def test_another_connection_plans_for_itself():
    one = Prepared("test_one", "SELECT 1")
    one.rows()
    Prepared._known[connection.connection].discard("test_one")  # as for one that was opened anew
    connection.cursor().execute("DEALLOCATE test_one")
    assert one.row() == (1,)


def test_nothing_found_is_none_and_a_fault_is_djangos():
    assert Prepared("test_none", "SELECT 1 WHERE $1 = 2").row(1) is None
    with pytest.raises(ProgrammingError):
        Prepared("test_fault", "SELECT nothing").rows()


def test_a_row_becomes_its_object_and_the_rest_is_left():
    Sweep.ran("test")
    row = Prepared("test_sweep", f"SELECT {columns(Sweep, 's')}, 7 FROM journal_sweep s").row()
    assert row
    sweep, rest = built(Sweep, row)
    assert (sweep, sweep.ran_at, list(rest)) == (Sweep.objects.get(), Sweep.objects.get().ran_at, [7])
