"""Who is called outside the house, in which words, and what came of it?"""

from collections.abc import Iterable, Mapping
from typing import Any

from celery import shared_task

from command_center import phrases
from journal import delivery
from journal.models import Channel, Delivery, Event, Sweep
from subcommittees import scope
from subcommittees.models import Operation, User


def house() -> delivery.House:
    exercises = Operation.objects.filter(exercise=True).values_list("slug", flat=True)
    return delivery.House(words=phrases.event, exercises=frozenset(exercises), sees=_sees)


def _sees(people: Iterable[int]) -> delivery.Sees:
    """Whether a person sees an event now: who was relieved since is not called any more."""
    held = scope.reaches(people)

    def sees(person: int, event: Event) -> bool:
        return any(
            one.covers(event.path, event.topic, event.secrecy)
            or (one.path in event.audience and one.covers(one.path, event.topic, event.secrecy))
            for one in held[person]
        )

    return sees


@shared_task
def gather_notices() -> int:
    """Hand new notices to addresses. Safe to run twice or at once."""
    handed = delivery.gather(house())
    Sweep.ran("notices")
    return handed


@shared_task
def send_notices() -> int:
    """Send what is due. Safe to run twice or at once."""
    return delivery.send(house())


def calls(events: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """For each event: whose post was called, over which channel, at which (masked) address, with which result."""
    found = delivery.calls(events)
    rows = [row for messages in found.values() for row in messages]
    posts: Mapping[int, User] = User.objects.in_bulk({row.person for row in rows}) if rows else {}
    return {
        event: [_call(row, posts.get(row.person)) for row in messages] for event, messages in found.items()
    }


def _call(row: Delivery, user: User | None) -> dict[str, Any]:
    return {
        "post": str(user or ""),
        "channel": Channel(row.channel).label,
        "address": delivery.masked(row.channel, row.address),
        "state": row.state,
        "result": Delivery.State(row.state).label,
        "tries": row.tries,
        "at": row.done_at or row.created_at,
    }
