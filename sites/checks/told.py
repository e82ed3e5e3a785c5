"""What is said of a check, a reminder, an escalation, where, and to whom?"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from journal import clock
from sites.checks import queries
from sites.readiness.models import Check, Slot
from sites.readiness.queries import VERDICTS
from subcommittees.models import Unit
from subcommittees.queries import on_duty
from subcommittees.roles import Level
from subcommittees.scope import NATION

TOPIC = "sites"
WORST = 5  # units named in the line of an escalation
Told = dict[str, Any]


def checked(slot: Slot, province: Unit, row: Check) -> Told:
    """What is told of the whole province: the counts, and how they moved since the slot before."""
    counts = {verdict: getattr(row, verdict) for verdict in VERDICTS}
    last = queries.before(slot, province)
    line = {
        **about(slot),
        **counts,
        "moved": {name: counts[name] - getattr(last, name) for name in VERDICTS} if last else None,
        "units": row.units,
        "opened": row.opened,
        "closed": row.closed,
        "late": row.late,
    }
    return {"verb": "readiness.checked", "unit": province.place, "line": line}


def found(
    slot: Slot,
    opened: list[dict[str, Any]],
    closed: list[dict[str, Any]],
    righted: tuple[Iterable[int], Iterable[int]],
    silent: Mapping[str, Mapping[str, int]],
) -> list[Told]:
    """An event at each unit where findings were opened or closed; its officers are told of a silence that is new."""
    changed: dict[str, dict[str, Any]] = {}
    new = {row["path"] for row in opened if row["kind"] == "silent"}
    for rows, still in ((opened, True), (closed, False)):
        for row in rows:
            after = {name: row[name] for name in ("path", "kind", "critical", "level")}
            changed.setdefault(row["path"], {})[f"finding:{row['id']}"] = {**after, "open": still}
    for status in queries.statuses(righted[0]):
        changed.setdefault(status.path, {})[f"site:{status.site.code}"] = status.counted
    for of_unit in queries.unit_statuses(righted[1]):
        changed.setdefault(of_unit.path, {})[of_unit.key] = of_unit.counted
    names, officers = queries.places(changed), queries.officers(new)
    return [
        {
            "verb": "readiness.silent" if path in new else "finding.reconciled",
            "unit": names[path].place,
            "line": {**about(slot), **silent.get(path, {"sites": 0, "own": 0})},
            "also": changed[path],
            "notify": officers.get(path, ()) if path in new else (),
        }
        for path in sorted(changed)
    ]


def reminded(slot: Slot, missing: Mapping[str, Mapping[str, int]]) -> list[Told]:
    """An event at each unit that has not answered, for those who file there."""
    names, officers = queries.places(missing), queries.officers(missing)
    return [
        {
            "verb": "readiness.reminded",
            "unit": names[path].place,
            "line": {**about(slot), **missing[path]},
            "notify": officers.get(path, ()),
        }
        for path in sorted(missing)
    ]


def climbed(unit: Unit, level: int, rows: list[dict[str, Any]]) -> Told:
    """What the province or the ministry is told: how many, of what, and where most; its duty officers by name."""
    step = 3 if level == 1 else 2  # communes to a province, provinces to the ministry
    where = Counter("/".join(row["path"].rstrip("/").split("/")[:step]) + "/" for row in rows)
    worst = sorted(where.items(), key=lambda one: (-one[1], one[0]))[:WORST]
    known = queries.places(path for path, _count in worst)
    kinds = Counter(row["kind"] for row in rows)
    line = {
        "level": level,
        "findings": len(rows),
        "kinds": dict(sorted(kinds.items())),
        "places": len(where),
        "worst": [
            {"path": path, "name": known[path].name, "findings": count}
            for path, count in worst
            if path in known
        ],
    }
    levels = {Level.MINISTRY} if unit.path == NATION else {Level.PROVINCE, Level.COMMAND}
    return {
        "verb": "finding.escalated",
        "unit": unit.place,
        "line": line,
        "also": {
            f"finding:{row['id']}": {
                **{name: row[name] for name in ("path", "kind", "critical", "level")},
                "open": True,
            }
            for row in rows
        },
        "notify": on_duty(unit.path, levels, topic=TOPIC),
    }


def about(slot: Slot) -> Told:
    return {"slot": slot.pk, "due": clock.wire(slot.due_at), "track": slot.track, "phase": slot.phase}
