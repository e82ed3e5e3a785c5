"""Which door of readiness opens for whom? Rows of the table in test_doors, as (anonymous, …, nobody)."""

from types import SimpleNamespace
from typing import Any

from journal import clock
from sites.models import Finding
from tests.doors import Row


def because(stage: SimpleNamespace) -> dict[str, Any]:
    return {"reason": "Đã kiểm tra"}


def unmended(stage: SimpleNamespace) -> dict[str, Any]:
    """Something not in order at a site of Tô Hiệu."""
    site = stage.site.tohieu_1
    given = {"operation": stage.operation, "site": site, "path": site.path, "kind": "item", "item": "9"}
    return {"finding": Finding.objects.get_or_create(**given, defaults={"opened_at": clock.now()})[0].pk}


SIGNED_IN = "401  200 200 200 200  200 200 200 200  200"
PAGE = "302  200 200 200 200  200 200 200 200  200"
#                                  anon  tohieu chiengan sonla laocai  duty wall health admin  nobody
TABLE = [
    Row("api-findings", "get",       SIGNED_IN),
    Row("api-finding-close", "post", "401  403 404 200 404  200 403 403 404  404", unmended, because),
    Row("findings", "get",           PAGE),
    Row("finding-close", "post",     "302  403 404 302 404  302 403 403 404  404", unmended, because),
]  # fmt: skip
