"""How is a long list filtered and cut on a page, with all of it in the address?"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

M = TypeVar("M", bound=Model)
EACH = 25
DEEP = 500  # from here on it is cheaper to find the keys first
LONGEST = 500
WITHOUT_FIELD = ("unit", "parent", "all")  # filters that an address brings and no field of the list sets


def asked(request: HttpRequest, *names: str) -> dict[str, str]:
    """The filters in the address, "" where one is not set."""
    return checked({name: request.GET.get(name, "") for name in names})


def checked(filters: Mapping[str, str]) -> dict[str, str]:
    given = {name: value.strip() for name, value in filters.items()}
    errors = {name: _("Too long.") for name, value in given.items() if len(value) > LONGEST}
    if errors:
        raise ValidationError(errors)
    return given


def part(rows: QuerySet[M], first: int, last: int) -> QuerySet[M]:
    """The rows from `first` to before `last`; what stands before them is counted off by key, without what is joined."""
    if first < DEEP:
        return rows[first:last]
    return rows.filter(pk__in=rows.values("pk")[first:last])


class Pages(Paginator):
    """The first page is read before anything is counted: where it is not full, it has all there is."""

    def __init__(self, rows: QuerySet[Any], each: int, read: Callable[[Any], list[Any]]) -> None:
        super().__init__(rows, each)
        self.read = read

    def get_page(self, number: float | str | None) -> "Page[Any]":
        if number not in {None, "", "1"}:
            return super().get_page(number or 1)
        shown = self.read(self.object_list[: self.per_page])
        if len(shown) < self.per_page:
            self.count = len(shown)
        return Page(shown, 1, self)

    def page(self, number: int | str) -> "Page[Any]":
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        rows: Any = self.object_list
        return Page(self.read(part(rows, first, first + self.per_page)), number, self)


def cut(
    request: HttpRequest,
    rows: QuerySet[Any],
    filters: Mapping[str, str],
    words: Mapping[str, Callable[[str], object]],
    each: int = EACH,
    read: Callable[[Any], list[Any]] = list,
) -> dict[str, Any]:
    """One page of `rows`, and what the page says of its filters; `words` tells how each is called on its tag.

    `read` takes what a page shows out of its rows; it comes after the cut, or what only they need would be counted too.
    """
    force = {name: value for name, value in filters.items() if value}
    tags = [
        (str(words.get(name, str)(value)), _address(request, {**force, name: ""}))
        for name, value in force.items()
    ]
    query = urlencode(force)
    return {
        "page": Pages(rows, each, read).get_page(request.GET.get("page")),
        "filters": filters,
        "hidden": [(name, value) for name, value in force.items() if name in WITHOUT_FIELD],
        "tags": tags,
        "clear_url": request.path,
        "query": f"{query}&" if query else "",
    }


def quoted(text: str) -> str:
    return f"“{text}”"


def _address(request: HttpRequest, filters: Mapping[str, str]) -> str:
    query = urlencode({name: value for name, value in filters.items() if value})
    return f"{request.path}?{query}" if query else request.path
