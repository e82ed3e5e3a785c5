"""How is the demo the same every time? Chance that begins at a name."""

from random import Random


def chance(name: str) -> Random:
    return Random(f"bau-cu {name}")  # noqa: S311 - nothing here is a secret
