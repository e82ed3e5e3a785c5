"""How many? The one counted source of every number that is shown anywhere."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from incidents import categories, states
from incidents.models import Incident
from journal import clock
from journal.cursor import Cursor
from journal.written import sql_of, written_once
from sites.checks import queries as checks
from sites.readiness import queries as readiness
from subcommittees import scope
from subcommittees.models import Operation, Unit
from subcommittees.scope import Reach

Counts = dict[str, Any]
FACE = ("path", "code", "name", "kind")


@dataclass(frozen=True)
class Picture:
    """The counts of one unit and of its children as one viewer may count them, at one moment."""

    unit: dict[str, str]
    as_of: dt.datetime
    cursor: str
    incidents: Counts
    readiness: Counts
    units: Counts
    findings: Counts
    judged: dict[str, dt.datetime | None]  # by track: when what ran out last was due
    children: list[dict[str, Any]]

    def wire(self) -> dict[str, Any]:
        return {
            "unit": self.unit,
            "as_of": clock.wire(self.as_of),
            "cursor": self.cursor,
            "incidents": self.incidents,
            "readiness": self.readiness,
            "units": self.units,
            "findings": self.findings,
            "judged": {track: clock.wire(due) for track, due in self.judged.items()},
            "children": self.children,
        }


# Rows and heads in one statement are one snapshot under READ COMMITTED: the cursor fits the counts exactly.
_COUNT = """
WITH {standing}, shown AS ({shown}), grouped AS (
  SELECT split_part(substr(path, %s), '/', 1) AS child,
         count(*) AS open,
         count(*) FILTER (WHERE severity = 1) AS s1, count(*) FILTER (WHERE severity = 2) AS s2,
         count(*) FILTER (WHERE severity = 3) AS s3, count(*) FILTER (WHERE severity = 4) AS s4,
         count(*) FILTER (WHERE state = 'reported') AS unacknowledged,
         count(*) FILTER (WHERE state = 'reported' AND answer_by <= (SELECT journal_now())) AS overdue
    FROM shown GROUP BY 1), found AS ({found}), unmended AS (
  SELECT split_part(substr(path, %s), '/', 1) AS child,
         count(*) AS open, count(*) FILTER (WHERE critical) AS critical
    FROM found GROUP BY 1)
SELECT journal_now(),
       (SELECT name FROM journal_epoch ORDER BY id DESC LIMIT 1),
       (SELECT coalesce(jsonb_object_agg(stream, seq), '{{}}') FROM journal_head),
       (SELECT coalesce(jsonb_agg(to_jsonb(grouped)), '[]') FROM grouped),
       (SELECT coalesce(jsonb_agg(to_jsonb(stood)), '[]') FROM (
          SELECT * FROM owing FULL JOIN answering USING (child)
            FULL JOIN units_owing USING (child) FULL JOIN units_answering USING (child)) stood),
       (SELECT coalesce(jsonb_agg(to_jsonb(unmended)), '[]') FROM unmended),
       (SELECT nullif(regular, '-infinity') FROM now_due), (SELECT nullif(early, '-infinity') FROM now_due)
"""


def count(unit: Unit, held: tuple[Reach, ...], operation: Operation) -> Picture:
    """Count what of `unit` and everything below it these roles may see."""
    shown, values = _shown(held, operation.pk, unit.path)
    standing, stands = readiness.standing(held, operation.pk, unit.path)
    found, finds = checks.open_under(held, operation.pk, unit.path)
    sql = _COUNT.format(standing=standing, shown=shown, found=found)
    start = len(unit.path) + 1
    with connection.cursor() as cursor:
        cursor.execute(sql, [*stands, *values, start, *finds, start])
        as_of, epoch, heads, grouped, stood, unmended, regular, early = cursor.fetchone()
    per_child = {row["child"]: _counts(row) for row in _loaded(grouped)}
    findings = {row["child"]: _unmended(row["open"], row["critical"]) for row in _loaded(unmended)}
    sites, forces = {}, {}
    for row in _loaded(stood):
        sites[row["child"]] = _stands(row["sites"], row["ready"], row["conditional"], row["not_ready"])
        forces[row["child"]] = _stands(row["units"], row["u_ready"], row["u_conditional"], row["u_not_ready"])
    children = []
    for below in _below(unit.pk):
        child = dict(zip(FACE, below, strict=True))
        step = child["path"].split("/")[-2]
        children.append(
            {
                "unit": child,
                "incidents": per_child.get(step, nothing()),
                "readiness": sites.get(step, _stands()),
                "units": forces.get(step, _stands()),
                "findings": findings.get(step, _unmended()),
            }
        )
    return Picture(
        unit=face(unit),
        as_of=as_of,
        cursor=cursor_at(operation, held, _loaded(heads), epoch[:16]).encode(),
        incidents=_sum(per_child.values()),
        readiness=_added(sites.values(), _stands()),
        units=_added(forces.values(), _stands()),
        findings=_added(findings.values(), _unmended()),
        judged={"regular": regular, "early": early},
        children=children,
    )


def moves(verb: str) -> bool:
    """Whether what was done can change a number of a picture."""
    return verb.startswith(("incident.", "readiness.", "finding.", "site.imported", "unit.imported"))


@sql_of
def _shown(held: tuple[Reach, ...], operation: int, path: str) -> QuerySet[Incident, Any]:
    rows = Incident.objects.filter(scope.condition(held, Incident), operation=operation)
    rows = rows.filter(path__startswith=path, state__in=sorted(states.OPEN))
    return rows.values("path", "severity", "state", "answer_by")


@written_once
def _below(unit: int) -> QuerySet[Unit, Any]:
    return Unit.objects.filter(parent=unit).order_by("sort_key").values_list(*FACE)


def counts_for(held: Iterable[Reach]) -> bool:
    """Whether these roles see incidents of any kind: to others a zero would be a false number."""
    topics = set(categories.TOPICS)
    return any(one.can.topics is None or topics & one.can.topics for one in held)


def face(unit: Unit) -> dict[str, str]:
    return {name: getattr(unit, name) for name in FACE}


def nothing() -> Counts:
    return {"open": 0, "by_severity": dict.fromkeys("1234", 0), "unacknowledged": 0, "overdue": 0}


def mark(operation: str, held: Iterable[Reach]) -> str:
    """What binds a cursor to an operation and a reach: with more in reach, older cursors are void."""
    text = "|".join([operation, *sorted(f"{one.path}:{one.role}" for one in held)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def cursor_at(operation: Operation, held: tuple[Reach, ...], heads: Mapping[str, int], epoch: str) -> Cursor:
    """The cursor of these viewers where every stream stands at `heads`."""
    mine = scope.streams(held, heads, operation.slug)
    return Cursor(
        epoch=epoch,
        mark=mark(operation.slug, held),
        at={stream.rpartition("/")[2]: heads.get(stream, 0) for stream in mine},
        seen=None if scope.whole_operation(held) else {},
    )


def replayed(events: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The state of every subject after these events: `state[subject] = after`, and nothing else."""
    state: dict[str, dict[str, Any]] = {}
    for event in events:
        state.update(event["after"])
    return state


def tally(state: Mapping[str, Mapping[str, Any]], path: str, at: dt.datetime) -> Counts:
    """What `count` would have said of the unit at `path` at that moment, from replayed events alone."""
    total = nothing()
    for subject, row in state.items():
        if not subject.startswith("incident:") or not row["path"].startswith(path):
            continue
        if row["state"] in states.ENDED:
            continue
        answer_by = clock.moment(row["answer_by"])
        waiting = row["state"] == "reported"
        total["open"] += 1
        total["by_severity"][str(row["severity"])] += 1
        total["unacknowledged"] += waiting
        total["overdue"] += waiting and answer_by is not None and answer_by <= at
    return total


def tally_sites(
    state: Mapping[str, Mapping[str, Any]],
    sites: Iterable[tuple[str, str, bool]],
    judged: Mapping[str, dt.datetime | None],
) -> Counts:
    """What `count` would have said of these sites (code, path, early) where the slots `judged` have run out."""
    total = _stands()
    for code, _path, early in sites:
        row = state.get(f"site:{code}", {})
        due, needed = clock.moment(row.get("due")), judged["early" if early else "regular"]
        answered = due is not None and (needed is None or due >= needed)
        total[row["verdict"] if answered else "silent"] += 1
    return total


def tally_units(
    state: Mapping[str, Mapping[str, Any]], paths: Iterable[str], judged: Mapping[str, dt.datetime | None]
) -> Counts:
    """What `count` would have said of these units' own reports where the slots `judged` have run out."""
    total = _stands()
    for path in paths:
        row = state.get(f"unit_readiness:{path}", {})
        due, needed = clock.moment(row.get("due")), judged["regular"]
        answered = due is not None and (needed is None or due >= needed)
        total[row["verdict"] if answered else "silent"] += 1
    return total


def tally_findings(state: Mapping[str, Mapping[str, Any]], path: str) -> Counts:
    """What `count` would have said of the findings under `path`, from replayed events alone."""
    rows = [row for subject, row in state.items() if subject.startswith("finding:") and row["open"]]
    under = [row for row in rows if row["path"].startswith(path)]
    return _unmended(len(under), sum(row["critical"] for row in under))


def _loaded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _counts(row: Mapping[str, int]) -> Counts:
    return {
        "open": row["open"],
        "by_severity": {level: row[f"s{level}"] for level in "1234"},
        "unacknowledged": row["unacknowledged"],
        "overdue": row["overdue"],
    }


def _stands(
    owing: int | None = 0, ready: int | None = 0, conditional: int | None = 0, not_ready: int | None = 0
) -> Counts:
    """Of those that owe an answer; whoever gave none is silent."""
    said = {"ready": ready or 0, "conditional": conditional or 0, "not_ready": not_ready or 0}
    return {**said, "silent": (owing or 0) - sum(said.values())}


def _unmended(found: int = 0, critical: int = 0) -> Counts:
    return {"open": found, "critical": critical}


def _added(rows: Iterable[Counts], total: Counts) -> Counts:
    for row in rows:
        for name in total:
            total[name] += row[name]
    return total


def _sum(rows: Iterable[Counts]) -> Counts:
    total = nothing()
    for row in rows:
        for name in ("open", "unacknowledged", "overdue"):
            total[name] += row[name]
        for level in "1234":
            total["by_severity"][level] += row["by_severity"][level]
    return total
