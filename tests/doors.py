"""Which doors does the site have?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

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
