"""Is everybody's silence called out, whatever is wrong with one incident?"""

import pytest

from incidents import actions, tasks
from journal.models import Event


@pytest.mark.loud
def test_one_that_cannot_be_called_out_keeps_no_other_from_it(committed, move_clock, monkeypatch):
    cast = committed
    given = {"by": cast.tohieu, "operation": cast.operation, "category": "FIRE", "severity": 2}
    broken = actions.report(site=cast.site.tohieu_1, **given)
    other = actions.report(site=cast.site.tohieu_2, **given)
    told = actions._told_of_silence

    def fails_once(row):
        if row.pk == broken.pk:
            raise KeyError(row.severity)
        return told(row)

    monkeypatch.setattr(actions, "_told_of_silence", fails_once)
    move_clock(minutes=30)
    for _ in range(2):
        tasks.call_out_unanswered()
    assert [event.subject for event in Event.objects.filter(verb="incident.unanswered")] == [
        f"incident:{other.pk}"
    ]
