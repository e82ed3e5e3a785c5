"""Has this account failed to sign in too often from this network?"""

import datetime as dt
import hashlib
import ipaddress
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet

from journal import clock
from subcommittees.models import SignInFailure

FREE = 5  # attempts before the first pause
FIRST_PAUSE = dt.timedelta(seconds=30)
LONGEST_PAUSE = dt.timedelta(minutes=15)
FORGOTTEN_AFTER = dt.timedelta(days=1)

# Counted before the password is looked at and in one statement, so that attempts made at the same time count too.
_COUNT = """
INSERT INTO subcommittees_signinfailure AS known (account, network, count, last_at, locked_until)
VALUES (%(account)s, %(network)s, 1, journal_now(), NULL)
ON CONFLICT (account, network) DO UPDATE SET
  count = CASE WHEN known.last_at < journal_now() - %(forgotten)s THEN 1 ELSE known.count + 1 END,
  last_at = journal_now(),
  locked_until = CASE
    WHEN known.last_at < journal_now() - %(forgotten)s OR known.count + 1 < %(free)s THEN NULL
    ELSE journal_now() + least(%(longest)s, %(first)s * power(2, least(known.count + 1 - %(free)s, 10)))
  END
WHERE known.locked_until IS NULL OR known.locked_until <= journal_now()
RETURNING count
"""


def attempt(account: str, address: str) -> dt.timedelta | None:
    """Count one attempt: None if the password may be looked at, else how long this account pauses here.

    What is counted is the account as typed, known or not, from one network: the rest of a headquarters behind
    another account, and the same officer elsewhere, are never shut out.
    """
    said: dict[str, Any] = {
        "account": _mark(account),
        "network": network(address),
        "free": FREE,
        "first": FIRST_PAUSE,
        "longest": LONGEST_PAUSE,
        "forgotten": FORGOTTEN_AFTER,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, said)
        if cursor.fetchone():
            return None
    left = _rows(account, address).values_list(F("locked_until") - clock.Now(), flat=True).first()
    return max(left or dt.timedelta(0), dt.timedelta(seconds=1))


def succeeded(account: str, address: str) -> None:
    """Forget what this account failed from this network."""
    _rows(account, address).delete()


def forget() -> int:
    """Drop the counts that are older than they are kept for; how many."""
    return SignInFailure.objects.filter(last_at__lt=clock.Now() - FORGOTTEN_AFTER).delete()[0]


def network(address: str) -> str:
    """The /24 or /64 around `address`; an address that is none is a network of its own."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "local"
    mapped = getattr(found, "ipv4_mapped", None)
    if mapped or found.version == 4:
        return str(ipaddress.ip_network((mapped or found, 24), strict=False))
    return str(ipaddress.ip_network((found, 64), strict=False))


def _rows(account: str, address: str) -> QuerySet[SignInFailure]:
    return SignInFailure.objects.filter(account=_mark(account), network=network(address))


def _mark(account: str) -> str:
    """What is kept of the account's name: people also type passwords into this field."""
    return hashlib.sha256(account.strip().casefold().encode()).hexdigest()
