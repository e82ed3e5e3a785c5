"""Is what is too old to matter dropped?"""

import datetime as dt

from django.contrib.sessions.models import Session
from django.utils import timezone

from subcommittees import tasks


def test_sessions_that_ran_out_are_dropped(cast):
    """Nobody else does: every sign-in would leave a row for ever, and each row is read when an account is shut."""
    for key, hours in [("old", -1), ("new", 1)]:
        Session.objects.create(session_key=key, expire_date=timezone.now() + dt.timedelta(hours=hours))
    tasks.forget_failed_sign_ins()
    assert [one.session_key for one in Session.objects.all()] == ["new"]
