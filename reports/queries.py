"""What is asked about lists that become files?"""

from typing import Any

from django.db.models import QuerySet


def size(rows: QuerySet[Any]) -> int:
    """How many rows a file of these has."""
    return rows.count()
