"""What stands on the card that opens an account for the first time, or again?"""

import datetime as dt
import hashlib
import hmac

import segno
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from subcommittees.models import User

VALID = dt.timedelta(days=7)
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is read as another
GROUPS, EACH = 4, 4


def password(secret: str, username: str) -> str:
    """The one-time password that follows from `secret`: 16 letters, 79 bits.

    A form carries a secret of its own that is kept nowhere, so that a second press of its button, whose first
    answer the browser has dropped, can show the same card without anybody having kept the password.
    """
    said = f"card:{username}:{secret}".encode()
    number = int.from_bytes(hmac.new(settings.SECRET_KEY.encode(), said, hashlib.sha256).digest(), "big")
    letters = ""
    for _ in range(GROUPS * EACH):
        number, letter = divmod(number, len(LETTERS))
        letters += LETTERS[letter]
    return "-".join(letters[at : at + EACH] for at in range(0, len(letters), EACH))


def fresh(user: User, given: str) -> bool:
    """Whether this is still what opens the account: not spent, not replaced, not changed."""
    return user.card_until is not None and user.card_used_at is None and user.check_password(given)


def card(request: HttpRequest, user: User, given: str) -> dict[str, object]:
    """What is printed: the account, its password, and where to sign in, also as a picture to scan.

    The picture names the account but not the password: who photographs a desk full of cards, or finds one in a
    phone's history of scans, must still read and type the other half before its officer does.
    """
    address = request.build_absolute_uri(reverse("account_login"))
    code = segno.make(f"{address}?account={user.username}", error="m")
    picture = code.svg_data_uri(scale=4, border=2, light="#fff")
    return {"user": user, "password": given, "address": address, "picture": picture, "until": user.card_until}
