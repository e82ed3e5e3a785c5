"""How is a page asked for, and what does it say?"""

import re
import uuid
from types import SimpleNamespace
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from incidents import actions
from incidents.models import Incident
from subcommittees.models import User
from tests.doors import settled

HX = {"HX-Request": "true"}


def report(
    stage: SimpleNamespace, by: User, site: Any, category: str = "FIRE", severity: int = 2, **more: Any
) -> Incident:
    return actions.report(
        by=by, operation=stage.operation, site=site, category=category, severity=severity, **more
    )


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def get(user: User, name: str, *args: Any, query: str = "") -> HttpResponse:
    return signed_in(user).get(reverse(name, args=args) + query)


def post(user: User, name: str, *args: Any, data: Any = None, **more: Any) -> HttpResponse:
    with settled():
        return signed_in(user).post(reverse(name, args=args), data or {}, **more)


def text(answer: HttpResponse) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def main(answer: HttpResponse) -> str:
    """What stands between the bar and the end."""
    whole = text(answer)
    return whole[whole.index("<main") : whole.index("</main>")]


def form(**more: str) -> dict[str, str]:
    """A report form as a browser sends it."""
    given = {"site": "14-03646-001", "category": "POWER", "severity": "2"}
    return {**given, "idempotency_key": uuid.uuid4().hex, **more}
