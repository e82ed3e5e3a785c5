"""Is the picture what the events say, whoever reports, sends back, confirms, edits and judges in whatever order?"""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from sites.checks import tasks
from sites.models import SiteReport, SiteStatus
from sites.readiness import actions, answers, queries
from sites.slots import actions as calendar
from tests.doors import settled
from tests.reports.test_picture import check
from tests.sites.readiness.stage import planned

SITES = ("tohieu_1", "tohieu_2", "chiengan_2")
OFFICERS = ("tohieu", "tohieu", "chiengan", "sonla", "duty", "laocai")
REFUSED = (actions.Closed, actions.Stale, ValidationError, PermissionDenied)


class Reports(RuleBasedStateMachine):
    """From three days before the election to its evening, anybody does anything."""

    def __init__(self, cast, move_clock):
        super().__init__()
        self.cast, self.move, self.hours, self.refusals = cast, move_clock, 0, 0
        self.tried = transaction.atomic()
        self.tried.__enter__()
        move_clock()

    def teardown(self):
        transaction.set_rollback(True)
        self.tried.__exit__(None, None, None)

    @initialize()
    def begin(self):
        planned(self.cast, days=3)

    def slot(self, late):
        """What is asked now, or the one before that still takes late answers."""
        found = list(queries.open_slots(self.cast.operation).filter(track="regular"))
        return found[0 if late else -1] if found else None

    @rule(
        site=st.sampled_from(SITES), who=st.sampled_from(OFFICERS), late=st.booleans(),
        wrong=st.sets(st.sampled_from(["1", "5", "9", "33", "36", "39"]), max_size=2), left=st.booleans(),
        revision=st.sampled_from([None, None, 0, 1]),
    )  # fmt: skip
    def file(self, site, who, late, wrong, left, revision):
        slot, place = self.slot(late), getattr(self.cast.site, site)
        if slot is None:
            return
        said = {
            item.code: "no" if item.code in wrong else "ok" for item in answers.asked(place, slot.phase, {})
        }
        if left:
            said.popitem()
        given = answers.Given(place, said, revision=revision)
        self.tried_by(who, actions.file, slot=slot, unit=place.unit, given=[given])

    @rule(site=st.sampled_from(SITES), who=st.sampled_from(OFFICERS), item=st.sampled_from(["1", "5", "33"]))
    def send_back(self, site, who, item):
        place = getattr(self.cast.site, site)
        last = SiteReport.objects.filter(site=place).order_by("pk").last()
        if last:
            self.tried_by(who, actions.send_back, slot=last.slot, site=place, items=[item], reason="Chưa rõ")

    @rule(who=st.sampled_from(OFFICERS))
    def verify(self, who):
        last = SiteReport.objects.order_by("pk").last()
        if last:
            self.tried_by(who, actions.verify, slot=last.slot, unit=last.site.unit)

    @rule(cancel=st.booleans())
    def edit(self, cancel):
        slot = self.slot(late=False)
        if slot:
            times = {} if cancel else {"silent_at": slot.closes_at}
            self.tried_by(
                "secretary", calendar.edit, slot=slot, reason="Giao ban", times=times, cancel=cancel or None
            )

    @rule(hours=st.sampled_from([1, 3, 9, 22]))
    def wait(self, hours):
        self.hours += hours
        self.move(hours=self.hours)

    @rule()
    def sweep(self):
        tasks.check()

    def tried_by(self, who, act, **given):
        try:
            with settled():
                act(by=self.cast.officers[who], operation=self.cast.operation, **given)
        except REFUSED:
            self.refusals += 1

    @invariant()
    def replay_is_the_picture(self):
        check(self.cast, [("duty", "bo"), ("sonla", "sonla"), ("tohieu", "tohieu"), ("laocai", "laocai")])

    @invariant()
    def a_site_stands_by_its_last_word(self):
        for status in SiteStatus.objects.exclude(report=None).select_related("report"):
            last = SiteReport.objects.filter(site=status.site_id, slot=status.report.slot_id).latest(
                "revision"
            )
            assert (status.report_id, status.verdict) == (last.pk, last.verdict)


def test_the_events_replayed_are_the_picture_whatever_is_reported(cast, move_clock):
    few = settings(
        max_examples=8, stateful_step_count=12, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(lambda: Reports(cast, move_clock), settings=few)
