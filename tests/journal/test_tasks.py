"""Do the journal's own clocks take only what nobody can still want?"""

import datetime as dt

from journal import clock, tasks
from journal.models import Key


def test_keys_are_kept_for_as_long_as_a_client_may_repeat_them(cast, move_clock):
    Key.objects.create(user=cast.sonla.pk, key="one", fingerprint="f", at=clock.now())
    assert tasks.forget_keys() == 0
    move_clock(days=31)
    Key.objects.create(user=cast.sonla.pk, key="two", fingerprint="f", at=clock.now() - dt.timedelta(days=29))
    assert tasks.forget_keys() == 1
    assert Key.objects.get().key == "two"
