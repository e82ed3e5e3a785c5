"""How are many like rows drawn? Their template is rendered once, then each row's values are set in its places."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from html import escape
from urllib.parse import quote

from django.conf import settings
from django.template.loader import get_template
from django.urls import get_script_prefix, reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

SAFE = "/~:@!$&'()*+,;="  # what `reverse` leaves as it is
PLACE = "\ue000"  # of the private use area: no text of a page has it


def draw(template: str, rows: Iterable[Mapping[str, object]]) -> SafeString:
    """The rows one after the other."""
    one: Callable[[Mapping[str, object]], SafeString] | None = None
    drawn = []
    for row in rows:
        one = one or mould(template, *row)
        drawn.append(one(row))
    return SafeString("".join(drawn))


def mould(template: str, *names: str) -> Callable[[Mapping[str, object]], SafeString]:
    """What draws one row. The template can only say the values of these names: it is rendered before they are known."""
    of = _pieces.__wrapped__ if settings.DEBUG else _pieces
    pieces = of(template, names, get_language(), get_script_prefix())

    def one(row: Mapping[str, object]) -> SafeString:
        drawn = []
        for text, name in pieces:
            value = row[name] if name else ""
            # Only what is marked as safe, by its very type, goes out as it is.
            drawn.append(text)
            drawn.append(value if type(value) is SafeString else escape(str(value)))
        return SafeString("".join(drawn))

    return one


@lru_cache(maxsize=256)
def _pieces(template: str, names: tuple[str, ...], language: str, prefix: str) -> list[tuple[str, str]]:
    """The texts between the places, each with the name of the place that follows."""
    parts = get_template(template).render({name: f"{PLACE}{name}{PLACE}" for name in names}).split(PLACE)
    return list(zip(parts[::2], [*parts[1::2], ""], strict=True))


def link(door: str, sample: str, *more: str) -> Callable[[object], str]:
    """The addresses of one door for many things, made from that of `sample`."""
    before, _, after = reverse(door, args=[sample, *more]).rpartition(sample)
    return lambda thing: f"{before}{quote(str(thing), safe=SAFE)}{after}"
