"""Is this process alive, and can it serve?"""

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from journal import queries
from journal.tail import tail


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"alive": True})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 while the database answers; Redis only makes things faster, so its absence is told, not punished."""
    try:
        ages, undelivered = queries.sweep_ages(), queries.undelivered()
        database = True
    except (DatabaseError, InterfaceError):
        ages, undelivered, database = {}, None, False
    lag = tail.lag
    said = {
        "database": database,
        "redis": _redis_answers(),
        "sweep_age_s": ages.get("incidents"),
        "checks_age_s": ages.get("checks"),
        "feed_lag_s": None if lag is None else round(lag, 1),
        "undelivered": undelivered,
    }
    return JsonResponse(said, status=200 if database else 503)


def _redis_answers() -> bool:
    try:
        client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
        with client:
            return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
