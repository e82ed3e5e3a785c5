"""How did sites and units report on themselves lately? Province by province, and what the journal says of it."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from command_center.demo import checked, days, fates, forces, places
from command_center.demo.chance import chance
from command_center.demo.climbing import Climbing
from command_center.demo.days import BEFORE, LAST, OLDER, Track
from command_center.demo.fates import Fate
from command_center.demo.rows import Rows
from journal import clock
from journal.log import Fact
from sites import checklist
from sites.checks import told
from sites.models import Site
from sites.readiness import escalation
from sites.readiness.models import Finding, Slot
from subcommittees.models import Appointment, Operation, Unit, User
from subcommittees.roles import ROLES
from subcommittees.scope import SYSTEM

BY_TELEPHONE = 0.02  # of the batches; the province writes them down
FILES = ("commune", "province_duty", "command_duty")
Drawn = dict[tuple[str, str], tuple[list[Fate], list[bool]]]  # by track and commune


@dataclass
class Batch:
    """What one unit hands in for one slot: when, by whom, and what it changes."""

    slot: Slot
    unit: Unit
    at: dt.datetime
    by: User | None
    post: str
    level: int
    verdicts: Counter[str] = field(default_factory=Counter)
    also: dict[str, Any] = field(default_factory=dict)
    alike: dict[str, dict[str, Any]] = field(default_factory=dict)

    def after(self, track: Track, verdict: str) -> dict[str, Any]:
        """How a site is counted after it: one for all that stand alike, for they are many."""
        if verdict not in self.alike:
            self.alike[verdict] = {
                "path": self.unit.path,
                "state": track.state(verdict, self.at)[0],
                "due": clock.wire(self.slot.due_at),
                "verdict": verdict,
            }
        return self.alike[verdict]

    @property
    def who(self) -> dict[str, Any]:
        return {"at": self.at, "by": self.by, "post": self.post, "level": self.level}


class Readiness:
    """Everything that is known of readiness: rows are written province by province, `facts` wait for their time."""

    def __init__(self, operation: Operation, units: list[Unit], users: list[User], now: dt.datetime) -> None:
        self.operation, self.now = operation, now
        self.units = {unit.path: unit for unit in units}
        planner = next(user for user in users if user.username == "bo.truongtieuban")
        self.tracks = days.plan(operation, planner, now)
        held = Appointment.objects.select_related("user").filter(role__in=FILES)
        self.officers = {one.path: one.user for one in held}
        self.climbing = Climbing(now)
        self.rows = Rows(operation)
        self.tallies: checked.Tallies = defaultdict(checked.Tally)
        self.facts: list[Fact] = []
        self.open: dict[str, dict[str, Finding]] = {}  # by site or unit, then by item ("": silent)
        self.found: list[Finding] = []
        self.dice = chance("numbers of findings")

    # One province.

    def load(self, sites: Sequence[Site]) -> None:
        """Write what is known of the sites of one province and of its units."""
        province = self.units[sites[0].path[:6]]
        communes = {unit.path: unit for unit in self.units.values() if unit.parent_id == province.pk}
        drawn: Drawn = {}
        for path, group in groupby(sites, attrgetter("path")):
            for early, some in groupby(group, attrgetter("early")):
                track = self.tracks["early" if early else "regular"]
                drawn[track.name, path] = fates.of_commune(f"{track.name} {path}", list(some), track.phases)
        if province.code == fates.SON_LA:
            self._rain(drawn, communes)
        self._own(province, 0)
        for path, commune in communes.items():
            here, quiet = drawn.get(("regular", path), ([], [False] * 4))
            self._own(commune, len(here), quiet)
            for track in self.tracks.values():
                if (track.name, path) in drawn:
                    self._commune(commune, track, drawn[track.name, path][0])
        self.rows.write()

    def end(self) -> None:
        """Write what belongs to no province: the command, findings, checks; and let what is open climb until now."""
        for unit in self.units.values():
            if unit.kind == Unit.Kind.COMMAND:
                self._own(unit, 0)
        for row in self.found:
            if row.closed_at is None:
                self.climbing.climb(row)
        self.rows.findings(self.found)
        self.rows.end()
        areas = [unit for unit in self.units.values() if unit.kind in checked.AREAS]
        self.facts += checked.load(self.operation, self.tracks, areas, self.tallies, self.now)
        self.facts += self.climbing.facts(self.operation, self.units)
        self.facts.sort(key=attrgetter("at"))

    def _rain(self, drawn: Drawn, communes: dict[str, Unit]) -> None:
        some = [
            fate for (track, _path), (here, _quiet) in drawn.items() if track == "regular" for fate in here
        ]
        names = places.BORDER[fates.SON_LA]
        fates.rain(
            some,
            self.tracks["regular"].phases,
            {path for path, one in communes.items() if one.short in names},
        )

    # One commune: its sites at each of the slots that are told.

    def _commune(self, commune: Unit, track: Track, some: list[Fate]) -> None:
        dice = chance(f"{track.name} hours of {commune.code}")
        share, by_telephone = dice.triangular(0.55, 0.99, 0.88), dice.random() < BY_TELEPHONE
        last: dict[int, tuple[Batch, str, int]] = {}
        for told_at, slot in enumerate(track.told):
            here = [(fate, wrong) for fate in some if (wrong := fate.said[told_at]) is not None]
            if slot is None:
                continue
            batch = self._batch(slot, commune, share, by_telephone=by_telephone and told_at == LAST)
            if batch.at <= self.now and here:
                for fate, wrong in here:
                    last[fate.site.pk] = self._site(batch, track, fate.site, wrong)
                self._tell("readiness.filed", batch, sites=len(here))
            if told_at in {BEFORE, LAST}:
                tally = self.tallies[track.name, told_at, _area(commune.path)]
                tally.verdicts.update(batch.verdicts)
                tally.items.update(item for _fate, wrong in here for item in wrong)
                silent = [fate.site for fate in some if fate.said[told_at] is None]
                tally.verdicts["silent"] += len(silent)
                self._silence(slot, commune, silent, tally)
        for fate in some:
            self._status(fate.site, track, last.get(fate.site.pk))

    def _batch(self, slot: Slot, unit: Unit, share: float, *, by_telephone: bool = False) -> Batch:
        area = self.units[_area(unit.path)]
        writer = area if by_telephone else unit
        role = ROLES["commune"] if writer.kind == Unit.Kind.COMMUNE else ROLES["province_duty"]
        if writer.kind == Unit.Kind.COMMAND:
            role = ROLES["command_duty"]
        post = f"{role.name.vi} · {writer.name}"
        return Batch(
            slot, unit, days.moment(slot, share), self.officers.get(writer.path), post, int(by_telephone)
        )

    def _site(self, batch: Batch, track: Track, site: Site, wrong: fates.Wrong) -> tuple[Batch, str, int]:
        mended = frozenset(self.open.get(site.code, ())) - wrong
        said = fates.answered(site.kind, batch.slot.phase, wrong, mended - {""})
        verdict = said[1]
        batch.verdicts[verdict] += 1
        batch.also[f"site:{site.code}"] = batch.after(track, verdict)
        for item in mended:
            self._mend(batch, site.code, item)
        for item in wrong:
            self._open(
                batch.slot,
                batch.at,
                site.code,
                item,
                batch.also,
                critical=checklist.ITEMS[item].critical,
                site=site,
            )
        return batch, verdict, self.rows.report(batch.slot, site, said, **batch.who)

    def _status(self, site: Site, track: Track, last: tuple[Batch, str, int] | None) -> None:
        if last is None:
            self.rows.status(site, "unsurveyed", self.now, "", None, "", None)
            return
        batch, verdict, report = last
        state, since = track.state(verdict, self.now)
        self.rows.status(site, state, since or batch.at, batch.post, batch.slot.due_at, verdict, report)

    # A unit's own report, in the batch of its sites' or alone.

    def _own(self, unit: Unit, sites: int, quiet: Sequence[bool] = (False,) * 4) -> None:
        share = chance(f"hours of {unit.code}").triangular(0.55, 0.99, 0.88)
        last = None
        told_slots = self.tracks["regular"].told
        for told_at, said in enumerate(forces.of(unit, sites, len(told_slots))):
            slot = told_slots[told_at]
            if slot is None or (told_at == OLDER and not (quiet[BEFORE] and quiet[LAST])):
                continue
            batch = self._batch(slot, unit, share)
            if batch.at <= self.now and not quiet[told_at]:
                last = batch, said[2], self._unit(batch, said)
            if told_at in {BEFORE, LAST}:
                tally = self.tallies["regular", told_at, _area(unit.path)]
                tally.units["silent" if quiet[told_at] else said[2]] += 1
                if quiet[told_at]:
                    self._silence(slot, unit, [], tally, own=True)
        if last is not None:
            batch, verdict, report = last
            self.rows.unit_status(unit, batch.slot.due_at, verdict, report)

    def _unit(self, batch: Batch, said: forces.Said) -> int:
        answers, numbers, verdict = said
        unit = batch.unit
        after = {"path": unit.path, "due": clock.wire(batch.slot.due_at), "verdict": verdict}
        batch.also[f"unit_readiness:{unit.path}"] = after
        wrong = {item for item, answer in answers.items() if answer == "no"}
        for item in set(self.open.get(unit.path, ())) - wrong:
            self._mend(batch, unit.path, item)
        for item in wrong:
            critical = checklist.UNIT_ITEMS[item].critical
            self._open(batch.slot, batch.at, unit.path, item, batch.also, critical=critical, unit=unit)
        self._tell("readiness.unit_filed", batch, own=1, verdict=verdict)
        return self.rows.unit_report(batch.slot, unit, answers, numbers, verdict, **batch.who)

    # What is not in order, and what the journal says.

    def _silence(
        self, slot: Slot, unit: Unit, sites: list[Site], tally: checked.Tally, *, own: bool = False
    ) -> None:
        at, also = checked.moment(slot), dict[str, Any]()
        for site in sites:
            self._open(slot, at, site.code, "", also, critical=True, site=site)
        if own:
            self._open(slot, at, unit.path, "", also, critical=True, unit=unit)
        tally.opened += len(also)
        if also:
            line = {"text": "", "by": SYSTEM.title, **told.about(slot), "sites": len(sites), "own": int(own)}
            self.facts.append(checked.fact("readiness.silent", self.operation, unit, at, line, also))

    def _open(
        self,
        slot: Slot,
        at: dt.datetime,
        owner: str,
        item: str,
        also: dict[str, Any],
        *,
        critical: bool,
        site: Site | None = None,
        unit: Unit | None = None,
    ) -> None:
        """One that is open already stays the one it is."""
        mine = self.open.setdefault(owner, {})
        if item in mine:
            return
        kind = "item" if item else "silent"
        row = Finding(
            id=UUID(int=self.dice.getrandbits(128), version=4), operation=self.operation, site=site, unit=unit,
            path=site.path if site else unit.path if unit else "", kind=kind, item=item, critical=critical,
            slot=slot, opened_at=at,
            escalate_at=escalation.climbs_at(kind, slot.phase, 0, at) if critical else None,
        )  # fmt: skip
        mine[item] = row
        self.found.append(row)
        also[row.key] = row.counted

    def _mend(self, batch: Batch, owner: str, item: str) -> None:
        row = self.open[owner].pop(item)
        self.climbing.climb(row, until=batch.at)
        row.closed_at, row.closed_post = batch.at, batch.post
        batch.also[row.key] = row.counted

    def _tell(self, verb: str, batch: Batch, **line: Any) -> None:
        counts = {verdict: batch.verdicts[verdict] for verdict in ("ready", "conditional", "not_ready")}
        said = {
            "text": "", "by": batch.post, "slot": batch.slot.pk, "due": clock.wire(batch.slot.due_at),
            "source": "on_behalf" if batch.level else "own", "late": False,
            **(counts if "sites" in line else {}), **line,
        }  # fmt: skip
        by = batch.by.username if batch.by else ""
        fact = checked.fact(
            verb, self.operation, batch.unit, batch.at, said, batch.also, by=by, post=batch.post
        )
        self.facts.append(fact)


def _area(path: str) -> str:
    """The province, or the command, at or above."""
    return "/".join(path.split("/")[:2]) + "/"
