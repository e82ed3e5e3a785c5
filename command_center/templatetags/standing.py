"""How is readiness drawn: a share, a bar, a trend?"""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from command_center.mould import draw
from command_center.templatetags.wording import percent
from sites import checklist
from sites.trends.queries import Point

register = template.Library()
PARTS = ("ready", "conditional", "not_ready", "silent")
WIDE, HIGH, LOW = 720, 120, 28  # of a trend: its line, and the bars below it
LABELS = 12


@register.filter
def share(counts: Mapping[str, int]) -> float | None:
    """How many of a hundred are ready; never rounded to none or to all."""
    return part(counts["ready"], sum(counts.values()))


def part(some: int, all_: int) -> float | None:
    if not all_:
        return None
    exact = 100 * some / all_
    return exact if some in {0, all_} else min(max(exact, 0.1), 99.9)


@register.filter
def verdict(code: str) -> str:
    return str(checklist.VERDICTS.get(code, code))


MARKS = {"ok": "✓", "no": "✗", "na": "–", "returned": "↩", "none": "?"}
SIGNS = {"ready": "✓", "conditional": "◐", "not_ready": "✗", "silent": "…"}


@register.filter
def mark(code: str) -> str:
    return MARKS.get(code, "")


@register.filter
def sign(code: str) -> str:
    return SIGNS.get(code, "")


@register.filter
def answer(code: str) -> str:
    """An answer in words."""
    if code in checklist.ANSWERS:
        return str(checklist.ANSWERS[code])
    return _("sent back") if code == "returned" else _("not answered")


@register.filter
def moved(points: float | None) -> str:
    """A change in points of a hundred: `+1,2`, `−7,0`, `±0`."""
    if points is None:
        return ""
    number = percent(round(abs(points), 1)).removesuffix("\u00a0%")
    return "±0" if round(points, 1) == 0 else f"{'+' if points > 0 else '−'}{number}"


@register.filter
def minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


@register.filter
def of(counts: Mapping[str, Any], name: str) -> Any:
    return counts.get(name, 0)


@register.simple_tag
def stand(counts: Mapping[str, int], path: str = "", judged: object = True) -> SafeString:
    """The bar of four parts and the share; before the first slot has run out there is neither 0 nor 100 %."""
    all_ = sum(counts.values())
    none = not all_ or not judged
    of = None if none else share(counts)
    at = 0.0
    row: dict[str, object] = {}
    for name in PARTS:
        width = 1000 * counts[name] / all_ if all_ else 0
        row |= {f"{name}_x": f"{at:.2f}", f"{name}_width": f"{width:.2f}"}
        at += width
    row |= {
        "path": path,
        "kind": "none" if none else "full" if of == 100 else "zero" if of == 0 else "part",
        "said": "–" if none else percent(of),
        "words": _("no site") if not all_ else _("not due yet"),
    }
    return draw("readiness/stand.html", [row])


@register.inclusion_tag("readiness/trend.html")
def trend(points: Sequence[Point], path: str, areas: int = 0) -> dict[str, Any]:
    """The share of the ready over the slots; each point leads to why it moved."""
    shares = [share(one.counts) or 0 for one in points]
    low = max(0, min(shares, default=0) // 10 * 10 - (10 if min(shares, default=0) % 10 < 2 else 0))
    step = WIDE / max(len(points), 1)
    every = -(-len(points) // LABELS)
    drawn, before = [], None
    for place, (one, ready) in enumerate(zip(points, shares, strict=True)):
        at, rects = 0.0, []
        for name in PARTS:
            height = LOW * one.counts[name] / one.total if one.total else 0
            at += height
            rects.append({"name": name, "y": f"{HIGH + 40 - at:.2f}", "height": f"{height:.2f}"})
        drawn.append(
            {
                "point": one,
                "share": ready,
                "moved": None if before is None else ready - before,
                "before": points[place - 1].slot if place else None,
                "x": f"{step * place:.1f}",
                "middle": f"{step * (place + 0.5):.1f}",
                "wide": f"{step:.1f}",
                "bar": f"{max(step - 2, 1):.1f}",
                "y": f"{HIGH - (ready - low) / (100 - low) * (HIGH - 12):.1f}",
                "rects": rects,
                "day": _label(points, place) if place % every == 0 else "",
                "incomplete": bool(areas) and one.areas < areas,
            }
        )
        before = ready
    return {
        "drawn": drawn,
        "line": " ".join(f"{one['middle']},{one['y']}" for one in drawn),
        "low": low,
        "path": path,
        "wide": WIDE,
        "high": HIGH,
    }


def _label(points: Sequence[Point], place: int) -> str:
    """The day, or the hour where there are several slots a day."""
    due, last = (timezone.localtime(points[at].slot.due_at) for at in (place, max(place - 1, 0)))
    return f"{due:%H:%M}" if place and due.date() == last.date() else f"{due:%d/%m}"
