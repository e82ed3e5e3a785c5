"""Which rows answer a few typed words best?"""

from collections.abc import Iterable
from typing import Any, TypeVar, cast

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Model, QuerySet

from subcommittees.vietnamese import fold

M = TypeVar("M", bound=Model)
CANDIDATES = 200  # of so many matches the best are chosen: a word that stands everywhere singles out nothing
MOST_WORDS = 16
FEW = 4


def matching(rows: QuerySet[M], terms: str) -> QuerySet[M]:
    """The rows whose `search_key` has all of these words, by the index over them; `terms` is a raw tsquery."""
    query = SearchQuery(terms, search_type="raw", config="simple")
    found = rows.alias(words=SearchVector("search_key", config="simple")).filter(words=query)
    return cast("QuerySet[M]", found)


def best(rows: QuerySet[M], q: str, most: int, *, dull: Iterable[str] = ()) -> list[M]:
    """At most `most` of `rows` for `q`: what begins so first, whole words before beginnings, then by sort key.

    `dull` words stand in every row. The rows have columns `search_key` and `sort_key`; their own order is not kept.
    """
    typed = fold(q[:400]).split()[:MOST_WORDS]
    words = telling(typed, dull)
    rows = rows.order_by()
    if not words:
        return list(rows.order_by("sort_key")[:most]) if typed else []
    found: dict[Any, M] = {}
    for terms in terms_by_width(words):
        found |= {row.pk: row for row in matching(rows, terms)[:CANDIDATES]}
        if len(found) >= most or (found and terms.endswith(":*")):
            break
    return sorted(found.values(), key=lambda row: _rank(row, " ".join(typed), words))[:most]


def telling(words: Iterable[str], dull: Iterable[str]) -> list[str]:
    """The words that single something out: neither of `dull` nor a beginning of one."""
    return [word for word in words if not any(one.startswith(word) for one in dull)]


def terms_by_width(words: list[str]) -> list[str]:
    """Questions ever wider: these words; the last one only begun, as it is while typing; a few of them all begun.

    A beginning gathers every word of the index that begins so: the narrow question is the quick one.
    """
    begun = [f"{word}:*" for word in words]
    asked = [words, [*words[:-1], begun[-1]], *([begun] if len(words) <= FEW else [])]
    return list(dict.fromkeys(" & ".join(one) for one in asked))


def _rank(row: Any, typed: str, words: list[str]) -> tuple[bool, int, str]:
    has = set(row.search_key.split())
    return not f"{row.search_key} ".startswith(typed), sum(word not in has for word in words), row.sort_key
