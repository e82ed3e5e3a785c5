"""How is a measured thing kept and told?"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def plain(value: float) -> str:
    """Three digits that mean something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def middle(values: Sequence[float]) -> float:
    return statistics.median(values)


def spread(values: Sequence[float]) -> str:
    """Median (lowest-highest)."""
    return f"{plain(statistics.median(values))} ({plain(min(values))}–{plain(max(values))})"


@dataclass
class Figure:
    """One line of the table: floor and product measured by turns, pair by pair."""

    row: str
    what: str
    unit: str
    target: str = ""
    most: float | None = None  # the ratio product ÷ floor may be at most this,
    least: float | None = None  # or must be at least this
    limit: float | None = None  # and the product's own value at most this
    floor: list[float] = field(default_factory=list)
    product: list[float] = field(default_factory=list)
    tail: list[float] = field(default_factory=list)  # the product's p95 of each round, where that is judged
    tail_limit: float | None = None
    note: str = ""

    @property
    def ratios(self) -> list[float]:
        return [mine / bare for bare, mine in zip(self.floor, self.product, strict=False) if bare]

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        said = []
        if self.most is not None and self.ratios:
            said.append(statistics.median(self.ratios) <= self.most)
        if self.least is not None and self.ratios:
            said.append(statistics.median(self.ratios) >= self.least)
        if self.limit is not None and self.product:
            said.append(statistics.median(self.product) <= self.limit)
        if self.tail_limit is not None and self.tail:
            said.append(statistics.median(self.tail) <= self.tail_limit)
        return all(said) if said else None

    def cells(self) -> list[str]:
        verdict = {True: "met", False: "missed", None: ""}[self.met]
        return [
            self.row,
            self.what,
            spread(self.floor) if self.floor else "–",
            spread(self.product) if self.product else "–",
            self.unit,
            spread(self.ratios) if self.ratios else "–",
            self.target,
            verdict,
            self.note if not self.tail else f"p95 {spread(self.tail)}; {self.note}",
        ]


HEAD = ["row", "act", "floor", "product", "unit", "ratio", "target", "", "exact"]


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table whose columns also stand straight on a terminal."""
    rows = [HEAD, *(one.cells() for one in figures)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEAD))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
