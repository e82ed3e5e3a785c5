"""What do all doors of the API and of the pages have in common?"""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import APIView

from journal import keys
from subcommittees.models import Operation, User

Post = Callable[..., Response]
# A cursor of the whole nation has some 600 characters, one of a liaison some 1,100.
LONGEST = {"after": 2000}


def keyed(post: Post) -> Post:
    """Answer a POST once for each Idempotency-Key: a repeat gets the first answer, in a race too.

    The key, the act and its answer are one transaction; what fails leaves no key behind.
    """

    @wraps(post)
    def once(door: APIView, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return post(door, request, *args, **kwargs)
        said = json.dumps(request.data, sort_keys=True, ensure_ascii=False, default=_mark_of).encode()
        mark = keys.fingerprint(str(request.method).encode(), request.path.encode(), said)
        with transaction.atomic():
            claim = keys.claim(user_id=user_of(request).pk, key=key, mark=mark)
            if claim.status is not None:
                return Response(json.loads(claim.answer), claim.status, headers={"Idempotent-Replay": "true"})
            response = post(door, request, *args, **kwargs)
            kept = getattr(response, "kept", response.data)  # without what is told only once
            answer = json.dumps(kept, cls=JSONEncoder, ensure_ascii=False)
            keys.answered(claim, status=response.status_code, answer=answer)
            return response

    once.keyed = True  # type: ignore[attr-defined]
    return once


def _mark_of(file: Any) -> str:
    """What stands for a file in the content of a request."""
    if not isinstance(file, UploadedFile):
        message = "a body of texts and files only"
        raise TypeError(message)
    digest = hashlib.sha256()
    for piece in file.chunks():
        digest.update(piece)
    file.seek(0)
    return f"{file.name} {digest.hexdigest()}"


def once(request: HttpRequest, act: Callable[[], str], *, secret: bool = False) -> str:
    """Do what a form of a page asks once for each hidden `idempotency_key`, and say where that leads.

    A second press, a resend or a race gets the first answer. What fails leaves no key behind. Of a `secret` key,
    from which one-time passwords follow, only the hash is kept.
    """
    given = {name: request.POST.getlist(name) for name in sorted(request.POST)}
    given.pop("csrfmiddlewaretoken", None)
    key = given.pop("idempotency_key", [""])[-1]
    mark = keys.fingerprint(b"page", request.path.encode(), json.dumps(given).encode())
    if key and secret:
        key = keys.fingerprint(b"secret", key.encode())
    with transaction.atomic():
        if not key:
            return act()
        claim = keys.claim(user_id=user_of(request).pk, key=key, mark=mark)
        if claim.status is not None:
            return claim.answer
        answer = act()
        keys.answered(claim, status=303, answer=answer)
        return answer


def only(request: Request, *names: str) -> dict[str, str]:
    """The query parameters by name; an unknown or doubled one is refused rather than ignored."""
    allowed = {*names, "limit", "offset", "format"}
    errors = {}
    for name, values in request.query_params.lists():
        if name not in allowed:
            errors[name] = _("Unknown parameter.")
        elif len(values) > 1:
            errors[name] = _("Given more than once.")
        elif len(values[0]) > LONGEST.get(name, 500):
            errors[name] = _("Too long.")
    if errors:
        raise ValidationError(errors)
    return {name: request.query_params.get(name, "") for name in names}


def chosen(name: str, given: str, allowed: Any) -> list[str]:
    """The comma-separated values of a filter, each of which must be allowed."""
    values = [value for value in given.split(",") if value]
    if any(value not in allowed for value in values):
        raise ValidationError({name: _("Unknown value.")})
    return values


def operation_of(request: Request | HttpRequest) -> Operation:
    return request.operation  # type: ignore[union-attr]


def user_of(request: Request | HttpRequest) -> User:
    """The signed-in user; every door of the API and every page asks for one first."""
    user = request.user
    if not isinstance(user, User):
        message = "a door without a sign-in asked for its user"
        raise TypeError(message)
    return user
