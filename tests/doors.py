"""Which doors does the site have, and how is one tried without leaving a trace?"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from django.db import transaction
from django.urls import URLPattern, URLResolver


@dataclass(frozen=True)
class Door:
    name: str
    route: str
    callback: Callable[..., Any]


def walk(resolver: URLResolver, before: str = "") -> Iterator[Door]:
    """Every pattern below `resolver`, by its URL name."""
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from walk(one, before + str(one.pattern))
        elif isinstance(one, URLPattern):
            yield Door(one.name or before + str(one.pattern), before + str(one.pattern), one.callback)


@contextmanager
def undone() -> Iterator[None]:
    """Try something and take it back: what a door did, and what a refusal left broken."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def settled() -> Iterator[None]:
    """Where a refusal inside rolls back to here, as it does at a real request's end."""
    with transaction.atomic():
        yield


Given = Callable[[SimpleNamespace], dict[str, Any]]


def nothing(stage: SimpleNamespace) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Row:
    """A door, its method and the status each of WHO gets, for something that belongs to phường Tô Hiệu."""

    name: str
    method: str
    said: str
    args: Given = nothing
    body: Given = nothing
    query: Given = nothing
    note: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.method} {self.name} {self.note}".strip()


KNOWN = {
    "bad_request", "invalid", "parse_error", "not_found", "method_not_allowed", "unsupported_media_type", "too_large",
    "conflict", "forbidden", "not_authenticated", "key_reused",
}  # fmt: skip


def told(answer, *statuses):
    """A refusal with a code of the list and words for a person, in both languages alike."""
    assert answer.status_code in statuses, (answer.status_code, answer.content[:300])
    said = answer.json()
    assert said["code"] in KNOWN, said
    assert len(said["message"]) > 5
    assert "Traceback" not in answer.content.decode()
