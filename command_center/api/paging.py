"""How are long lists cut?"""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request

from subcommittees import lists

DEEPEST = 10_000_000


class Paging(LimitOffsetPagination):
    """`limit` (25, at most 200) and `offset`; nonsense is refused, not guessed."""

    default_limit = 25
    max_limit = 200

    def get_limit(self, request: Request) -> int | None:
        return min(whole(request, "limit", 25, least=1), self.max_limit)

    def get_offset(self, request: Request) -> int:
        return whole(request, "offset", 0, least=0)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request, self.limit, self.offset = request, self.get_limit(request), self.get_offset(request)
        most = self.limit or self.default_limit
        page = list(lists.part(queryset, self.offset, self.offset + most))
        ends_here = len(page) < most and (page or not self.offset)
        if ends_here:  # nothing has to be counted then
            self.count = self.offset + len(page)
        else:
            self.count = self.get_count(queryset)
        return page


def whole(request: Request, name: str, default: int, *, least: int) -> int:
    given: Any = request.query_params.get(name)
    if given is None:
        return default
    if not given.isascii() or not given.isdigit() or len(given) > 8 or not least <= int(given) <= DEEPEST:
        raise ValidationError({name: _("Give a whole number.")})
    return int(given)
