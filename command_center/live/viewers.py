"""Who opened this socket, and does the right to it still stand?"""

from collections.abc import Sequence
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from rest_framework.authtoken.models import Token

from subcommittees import queries, scope
from subcommittees.models import User
from subcommittees.scope import Reach

SIGNED_OUT, NO_REACH, TOO_SLOW, CHANGED, TOO_MANY = 4401, 4403, 4408, 4409, 4429


@dataclass(frozen=True)
class Viewer:
    """A signed-in user with a reach, by right of a session or of a token."""

    user: User
    held: tuple[Reach, ...]
    session: str = ""
    token: str = ""
    by: User | None = None  # who looks through the user's eyes, by right of what
    by_held: tuple[Reach, ...] = ()
    viewing: int = 0


def header(asgi: dict[str, Any], name: bytes) -> str:
    values = [value for key, value in asgi["headers"] if key == name]
    return values[0].decode("latin-1") if len(values) == 1 else ""


def query(asgi: dict[str, Any]) -> dict[str, str]:
    given = parse_qs(asgi["query_string"].decode("latin-1"), max_num_fields=10)
    return {name: values[-1] for name, values in given.items()}


def own_origin(asgi: dict[str, Any]) -> bool:
    """Whether a browser page of ours opens the socket; a program with a token has no origin to show."""
    if header(asgi, b"authorization"):
        return True
    origin = header(asgi, b"origin")
    return origin in settings.CSRF_TRUSTED_ORIGINS or (
        urlsplit(origin).scheme in {"http", "https"} and urlsplit(origin).netloc == header(asgi, b"host")
    )


def viewer(asgi: dict[str, Any]) -> Viewer | None:
    """Who is there; None where nobody is signed in."""
    authorization = header(asgi, b"authorization")
    if authorization:
        return _by_token(authorization)
    return _by_session(header(asgi, b"cookie"))


def _by_token(authorization: str) -> Viewer | None:
    word, _, key = authorization.partition(" ")
    if word != "Token" or not key.isascii():
        return None
    token = Token.objects.select_related("user").filter(key=key, user__is_active=True).first()
    return Viewer(token.user, scope.reach(token.user), token=key) if token else None


def _by_session(cookies: str) -> Viewer | None:
    try:
        cookie = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    key = cookie.value if cookie else ""
    if not key.isalnum():  # a quoted cookie can carry any byte, NUL too
        return None
    row = Session.objects.filter(session_key=key, expire_date__gt=timezone.now()).first()
    data = row.get_decoded() if row else {}
    user = User.objects.filter(pk=data.get(SESSION_KEY) or 0, is_active=True).first()
    if user is None:
        return None
    if not constant_time_compare(data.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
        return None
    seen = queries.seen_through(user, data["viewing"]) if "viewing" in data else None
    if seen is not None:
        more: dict[str, Any] = {"by": user, "by_held": scope.reach(user), "viewing": data["viewing"]}
        return Viewer(seen, scope.reach(seen), session=key, **more)
    return Viewer(user, scope.reach(user), session=key)


def verdicts(viewers: Sequence[Viewer]) -> list[int]:
    """For each viewer the code to close with, or 0 while the right stands: few statements for any number."""
    concerned = {one.user.pk for one in viewers} | {one.by.pk for one in viewers if one.by}
    users = {user.pk: user for user in User.objects.filter(pk__in=concerned)}
    held = scope.reaches(pk for pk, user in users.items() if user.is_active)
    sessions = set(
        Session.objects.filter(
            session_key__in={one.session for one in viewers if one.session}, expire_date__gt=timezone.now()
        ).values_list("session_key", flat=True)
    )
    keys = {one.token for one in viewers if one.token}
    tokens = set(Token.objects.filter(key__in=keys).values_list("key", flat=True))
    looks = {one.viewing for one in viewers if one.viewing}
    open_looks = queries.open_views(looks) if looks else set()
    answers = []
    for one in viewers:
        own = one.by or one.user  # whose sign-in it is
        user = users.get(own.pk)
        signed_in = one.token in tokens if one.token else one.session in sessions
        same_password = user is not None and user.password == own.password
        if user is None or not user.is_active or not signed_in or not (one.token or same_password):
            answers.append(SIGNED_OUT)
        else:
            same = held.get(one.user.pk, ()) == one.held
            if one.by:
                same = same and held[one.by.pk] == one.by_held and one.viewing in open_looks
            answers.append(0 if same else CHANGED)
    return answers
