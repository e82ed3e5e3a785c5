"""How did the last twenty hours pass? Told through the same actions that people use, at past moments."""

import datetime as dt
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from django.db.models import QuerySet

from command_center.demo import incidents as stories
from command_center.demo import places
from command_center.demo.chance import chance
from command_center.demo.incidents import Open, Story
from incidents import actions, escalation
from incidents.models import Incident
from journal import clock
from journal.log import Fact, record_all
from journal.models import Notice
from sites.models import Site
from subcommittees.models import Operation, Unit, User
from subcommittees.scope import SYSTEM

AT_ONCE = 500  # events in one statement
BEGIN, END = 1190, 110  # minutes ago, between which the small incidents are reported
MINISTRY, HEALTH = "bo.trucban", "yte.lienlac"


@dataclass
class Told:
    """One incident while it is being told."""

    site: Site
    category: str
    severity: int
    summary: str
    reporter: str
    row: Incident | None = None


@dataclass(frozen=True, order=True)
class Step:
    at: dt.datetime
    order: int
    verb: str = field(compare=False)
    by: str = field(compare=False)
    text: str = field(compare=False)
    told: Told = field(compare=False)


class Day:
    """The steps of all incidents, in the order of time."""

    def __init__(self, operation: Operation, now: dt.datetime) -> None:
        self.operation, self.now = operation, now
        self.dice = chance("a calm day")
        self.duty = _duty_officers()
        self.steps: list[Step] = []
        self._small_ones()
        for minutes, number, story in stories.IN_TO_HIEU:
            site = _sites(f"vn/14/{places.TO_HIEU}/").get(number=number)
            self._ended(story, minutes, site, reporter="sonla.tohieu")
        for one in stories.STILL_OPEN:
            self._open(one)
        self._late()
        self.steps.sort()

    def play(self, facts: Sequence[Fact] = ()) -> Iterator[Step]:
        """Do every step at its moment by the product's clock, which stands right again afterwards.

        What else was said in these days, `facts` in the order of time, comes into the journal between them.
        """
        waiting = deque(facts)
        begun, started = clock.now(), time.monotonic()
        last: dt.datetime | None = None
        people = {person.username: person for person in User.objects.filter(is_active=True)}
        with clock.shifted() as move:
            for step in self.steps:
                elapsed = dt.timedelta(seconds=time.monotonic() - started)
                _write(waiting, step.at, last)
                move(step.at - begun - elapsed)
                _act(self.operation, step, people)
                last = clock.now()
                yield step
        _write(waiting, self.now, last)
        Notice.objects.filter(operation=self.operation.slug).update(seen_at=clock.Now())

    def _small_ones(self) -> None:
        apart = (BEGIN - END) / (len(stories.PROVINCES) - 1)
        for count, province in enumerate(stories.PROVINCES):
            story = stories.STORIES[count % len(stories.STORIES)]
            minutes = BEGIN - count * apart + self.dice.uniform(-8, 8)
            self._ended(story, minutes, self._somewhere(province))
        self._ended(stories.AT_THE_BORDER, 610, self._somewhere("11", "border"))
        self._ended(stories.AT_SEA, 430, self._somewhere("56", "island"))

    def _ended(self, story: Story, minutes: float, site: Site, reporter: str = "") -> None:
        told = self._reported(story, minutes, site, reporter)
        duty = self._duty(site)
        within = escalation.answer_within(story.category, story.severity) / dt.timedelta(minutes=1)
        after = within * self.dice.uniform(0.15, 0.8)
        self._add(told, minutes - after, "acknowledge", duty)
        after += self.dice.uniform(3, 9)
        self._add(told, minutes - after, "verify", duty, story.note)
        if story.severity > 1:
            after += self.dice.uniform(3, 9)
            self._add(told, minutes - after, "respond", duty)
            after += self.dice.uniform(10, 30)
            self._add(told, minutes - after, "resolve", duty)
        if story.category in {"MED", "EPI"}:
            after += self.dice.uniform(2, 6)
            self._add(
                told,
                minutes - after,
                "note",
                HEALTH,
                "Ngành y tế đã nắm thông tin, trạm y tế tiếp tục theo dõi.",
            )
        after += self.dice.uniform(6, 35)
        self._add(told, minutes - after, story.verb, duty, story.reason)

    def _open(self, one: Open) -> None:
        site = self._somewhere(one.province, one.kind)
        told = self._reported(one, one.minutes_ago, site)
        by = {"province": self._duty(site), "ministry": MINISTRY}
        for after, verb, post, text in one.steps:
            self._add(told, one.minutes_ago - after, verb, by[post], text)

    def _late(self) -> None:
        story, minutes = stories.LATE, 512.0
        site = self._somewhere(stories.LATE_PROVINCE)
        told = self._reported(story, minutes, site)
        within = escalation.answer_within(story.category, story.severity) / dt.timedelta(minutes=1)
        self._add(told, minutes - within - 0.02, "call_out", "")
        for after, verb, text in (
            (4, "acknowledge", ""),
            (9, "verify", story.note),
            (30, "close", story.reason),
        ):
            self._add(told, minutes - within - after, verb, self._duty(site), text)

    def _reported(self, one: Story | Open, minutes: float, site: Site, reporter: str = "") -> Told:
        told = Told(site, one.category, one.severity, one.summary, reporter or self._duty(site))
        self._add(told, minutes, "report", told.reporter)
        return told

    def _add(self, told: Told, minutes: float, verb: str, by: str, text: str = "") -> None:
        at = self.now - dt.timedelta(minutes=minutes)
        self.steps.append(Step(at, len(self.steps), verb, by, text, told))

    def _duty(self, site: Site) -> str:
        return self.duty[site.path[:6]]

    def _somewhere(self, province: str, kind: str = "regular") -> Site:
        rows = (
            _sites(f"vn/{province}/")
            .filter(kind=kind)
            .exclude(path=f"vn/14/{places.TO_HIEU}/")
            .order_by("id")
        )
        return rows[self.dice.randrange(rows.count())]


def _write(waiting: deque[Fact], until: dt.datetime, last: dt.datetime | None) -> None:
    """Write what was said until then, nothing of it before the `last` step: that took a moment of its own."""
    while waiting and waiting[0].at <= until:
        facts = [waiting.popleft() for _ in range(AT_ONCE) if waiting and waiting[0].at <= until]
        record_all([replace(fact, at=last) if last and fact.at < last else fact for fact in facts])


def _sites(path: str) -> QuerySet[Site]:
    return Site.objects.select_related("unit__parent").filter(path__startswith=path)


def _duty_officers() -> dict[str, str]:
    """The duty officer of each province, by its path."""
    held = User.objects.filter(
        appointments__role="province_duty", appointments__unit__kind=Unit.Kind.PROVINCE
    )
    return dict(held.values_list("appointments__path", "username"))


def _act(operation: Operation, step: Step, people: dict[str, User]) -> None:
    told = step.told
    if step.verb == "report":
        told.row = actions.report(
            by=people[step.by],
            operation=operation,
            site=told.site,
            category=told.category,
            severity=told.severity,
            summary=told.summary,
        )
        return
    if told.row is None:
        raise RuntimeError("an incident is reported before anything else happens to it")
    match step.verb:
        case "call_out":
            actions.call_out(by=SYSTEM, incident_id=told.row.pk)
        case "close" | "false_alarm" as verb:
            getattr(actions, verb)(by=people[step.by], incident=told.row, reason=step.text)
        case "acknowledge":
            actions.acknowledge(by=people[step.by], incident=told.row)
        case verb:
            getattr(actions, verb)(by=people[step.by], incident=told.row, text=step.text)
