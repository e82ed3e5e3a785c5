"""Is the picture always what the events say, for everybody, and at what price?"""

import ast
import datetime as dt
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from incidents import actions, queries, tasks
from incidents.categories import CATEGORIES
from incidents.models import Incident
from journal import clock
from journal.models import Event
from reports import actions as lists
from reports import picture
from sites import actions as places
from sites.models import Finding, Site, UnitStatus
from sites.readiness import queries as readiness
from subcommittees import actions as chain
from subcommittees import scope
from subcommittees import tasks as chain_tasks
from subcommittees.imports import actions as chain_imports
from subcommittees.models import Appointment, Unit, User
from subcommittees.scope import SYSTEM
from tests.doors import settled
from tests.reports import check_cases, desk_cases, readiness_cases

ROOT = Path(__file__).parents[2]
VIEWERS = [
    ("duty", "bo"), ("wall", "bo"), ("health", "bo"), ("duty", "sonla"), ("sonla", "sonla"), ("sonla", "tohieu"),
    ("tohieu", "tohieu"), ("chiengan", "chiengan"), ("laocai", "laocai"), ("admin", "bo"),
]  # fmt: skip


def stands(row):
    """What is counted of an incident, read from its row and not from the code that writes events."""
    return {
        "path": row.site.unit.path,
        "topic": CATEGORIES[row.category].topic,
        "secrecy": CATEGORIES[row.category].secrecy,
        "category": row.category,
        "severity": row.severity,
        "state": row.state,
        "answer_by": clock.wire(row.answer_by),
    }


def unmended(row):
    """What is counted of a finding, read from its row and not from the code that writes events."""
    return {
        "path": (row.site.unit if row.site else row.unit).path,
        "kind": row.kind,
        "critical": row.critical,
        "level": row.level,
        "open": row.closed_at is None,
    }


def due_of(slot):
    return slot.due_at if slot else None


def check(cast, viewers=VIEWERS):
    """The events replayed are the rows; tallied they are the picture, for each viewer with what they may see."""
    mine = Event.objects.filter(operation=cast.operation.slug).order_by("n")
    rows = Incident.objects.filter(operation=cast.operation).select_related("site__unit")
    everything = picture.replayed(event.said for event in mine)
    assert {subject: row for subject, row in everything.items() if subject.startswith("incident:")} == {
        f"incident:{row.pk}": stands(row) for row in rows
    }
    found = Finding.objects.filter(operation=cast.operation).select_related("site__unit", "unit")
    assert {subject: row for subject, row in everything.items() if subject.startswith("finding:")} == {
        f"finding:{row.pk}": unmended(row) for row in found
    }
    judged = {track: due_of(readiness.judged_now(cast.operation, track)) for track in ("regular", "early")}
    for who, place in viewers:
        user = User.objects.get(pk=cast.officers[who].pk)
        held, unit = scope.reach(user), getattr(cast.unit, place)
        if not held:
            continue
        counted = picture.count(unit, held, cast.operation)
        state = picture.replayed(event.said for event in mine.filter(scope.condition(held, Event)))
        assert counted.incidents == picture.tally(state, unit.path, counted.as_of), who
        for child in counted.children:
            assert child["incidents"] == picture.tally(state, child["unit"]["path"], counted.as_of), (
                who,
                child,
            )
        assert counted.findings == picture.tally_findings(state, unit.path), who
        for child in counted.children:
            assert child["findings"] == picture.tally_findings(state, child["unit"]["path"]), (who, child)
        sites = Site.objects.filter(scope.condition(held, Site), path__startswith=unit.path)
        facts = list(sites.values_list("code", "path", "early"))
        assert counted.readiness == picture.tally_sites(state, facts, judged), who
        owing = Unit.objects.filter(scope.condition(held, UnitStatus), kind__in=readiness.OWES)
        paths = list(owing.filter(path__startswith=unit.path).values_list("path", flat=True))
        assert counted.units == picture.tally_units(state, paths, judged), who
        listed = queries.listed(user, cast.operation, state=["open"], unit=unit.path)
        assert counted.incidents["open"] == listed.count(), who


def fire(cast, **more):
    given = {"by": cast.tohieu, "site": cast.site.tohieu_1, "category": "FIRE", "severity": 2} | more
    return actions.report(operation=cast.operation, **given)


def led_to(cast, *verbs, **more):
    row = fire(cast, **more)
    for verb in verbs:
        row = actions.act(verb, by=cast.sonla, incident=row, reason="Đã kiểm tra")
    return row


def granted(cast, **more):
    given = {"by": cast.admin, "operation": cast.operation, "user": cast.nobody, "unit": cast.unit.tohieu}
    return chain.grant(**given, role="commune", **more)


def carded(cast):
    return chain.reset_account(by=cast.admin, operation=cast.operation, user=cast.chiengan)[0]


def viewed(cast):
    return chain.start_view(by=cast.duty, operation=cast.operation, user=cast.sonla)


def overdue(cast):
    row = fire(cast)
    cast.move_clock(minutes=6)
    return row.pk


def ran_out(cast):
    row = granted(cast, ends_at=clock.now() + dt.timedelta(hours=1))
    cast.move_clock(hours=2)
    return row.pk


# One case for every public function of every actions.py; a house test compares the keys with the source.
CASES = {
    "incidents.report": lambda cast: [
        fire(cast), fire(cast, category="MED"), fire(cast, category="VIP", severity=4),
        fire(cast, by=cast.sapa, site=cast.site.sapa_1), fire(cast, by=cast.duty, site=cast.site.chiengan_2),
    ],
    "incidents.acknowledge": lambda cast: actions.acknowledge(by=cast.sonla, incident=fire(cast)),
    "incidents.verify": lambda cast: actions.verify(by=cast.sonla, incident=led_to(cast, "acknowledge")),
    "incidents.respond": lambda cast: actions.respond(by=cast.tohieu, incident=led_to(cast, "acknowledge")),
    "incidents.resolve": lambda cast: actions.resolve(
        by=cast.tohieu, incident=led_to(cast, "acknowledge", "verify")
    ),
    "incidents.note": lambda cast: actions.note(by=cast.tohieu, incident=fire(cast), text="Đã cử tổ"),
    "incidents.close": lambda cast: actions.close(
        by=cast.sonla, incident=led_to(cast, "acknowledge", "verify"), reason="Xong"
    ),
    "incidents.false_alarm": lambda cast: actions.false_alarm(by=cast.sonla, incident=fire(cast), reason="Nhầm"),
    "incidents.reopen": lambda cast: actions.reopen(
        by=cast.sonla, incident=led_to(cast, "false_alarm", category="MED"), reason="Có thật"
    ),
    "incidents.raise_severity": lambda cast: actions.raise_severity(
        by=cast.tohieu, incident=fire(cast, category="FAKE", severity=1), severity=4
    ),
    "incidents.lower_severity": lambda cast: actions.lower_severity(
        by=cast.sonla, incident=fire(cast, severity=4), severity=1, reason="Nhẹ"
    ),
    "incidents.act": lambda cast: actions.act("raise", by=cast.sonla, incident=fire(cast), severity=3),
    "incidents.call_out": lambda cast: actions.call_out(by=SYSTEM, incident_id=overdue(cast)),
    "subcommittees.create_account": lambda cast: chain.create_account(
        by=cast.admin, operation=cast.operation, unit=cast.unit.tohieu, username="thu.moi", title="Cán bộ mới"
    ),
    "subcommittees.grant": granted,
    "subcommittees.relieve": lambda cast: chain.relieve(
        by=cast.admin, operation=cast.operation, appointment=granted(cast)
    ),
    "subcommittees.transfer": lambda cast: chain.transfer(
        by=cast.admin, operation=cast.operation, appointment=granted(cast), unit=cast.unit.sapa, role="commune"
    ),
    "subcommittees.disable_account": lambda cast: chain.disable_account(
        by=cast.admin, operation=cast.operation, user=cast.chiengan
    ),
    "subcommittees.enable_account": lambda cast: chain.enable_account(
        by=cast.admin,
        operation=cast.operation,
        user=chain.disable_account(by=cast.admin, operation=cast.operation, user=cast.chiengan),
    ),
    "subcommittees.reset_account": lambda cast: chain.reset_account(
        by=cast.admin, operation=cast.operation, user=cast.chiengan
    ),
    "subcommittees.spend_card": lambda cast: chain.spend_card(by=carded(cast)),
    "subcommittees.start_view": viewed,
    "subcommittees.end_view": lambda cast: chain.end_view(by=cast.duty, viewing_id=viewed(cast).pk),
    "subcommittees.tidy": lambda cast: chain.tidy(by=SYSTEM, appointment_id=ran_out(cast)),
    "sites.import_sites": lambda cast: places.import_sites(
        by=cast.sonla_staff, operation=cast.operation, place="vn/14/",
        rows=[(1, {"code": "14-1", "path": "vn/14/03646/", "name": "Trường", "lat": 21.3, "lon": 103.9})],
    ).became == {1: "created"},
    **check_cases.CASES,
    **readiness_cases.CASES,
    **desk_cases.CASES,
    "imports.import_units": lambda cast: chain_imports.import_units(
        by=cast.secretary, operation=cast.operation, place="vn/",
        rows=[(1, {"code": "77", "path": "vn/77/", "kind": "province", "name": "Tỉnh Mới"})],
    ).became == {1: "created"},
    "imports.import_accounts": lambda cast: chain_imports.import_accounts(
        by=cast.admin, operation=cast.operation, place="vn/14/",
        rows=[(1, {"username": "thu.moi", "title": "Cán bộ", "path": "vn/14/", "role": "province_duty"})],
    ).became == {1: "created"},
    "reports.export": lambda cast: lists.export(
        by=cast.sonla, operation=cast.operation, listing="sites", filters={"q": "to hieu"}, form="csv", rows=2
    ),
    "subcommittees.renew_token": lambda cast: chain.renew_token(by=cast.sonla),
    "subcommittees.withdraw_token": lambda cast: chain.withdraw_token(by=cast.sonla) is None,
    "subcommittees.change_own_password": lambda cast: chain.change_own_password(
        by=cast.sonla, password="mot-mat-khau-khac-han"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_events_replayed_are_the_picture(name, cast, move_clock):
    cast.move_clock = move_clock
    fire(cast, by=cast.sapa, site=cast.site.sapa_2)
    actions.report(
        by=cast.tohieu, operation=cast.exercise, site=cast.site.tohieu_1, category="FIRE", severity=3
    )
    check(cast)
    assert CASES[name](cast), "the action did nothing"
    check(cast)
    for minutes in (4, 11, 60 * 3):
        move_clock(minutes=minutes)
        check(cast)
    tasks.call_out_unanswered()
    chain_tasks.tidy_ended_authority()
    check(cast)


def test_every_action_has_its_case():
    written = {
        f"{path.parent.name}.{one.name}"
        for path in [*ROOT.glob("*/actions.py"), *ROOT.glob("*/*/actions.py")]
        for one in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(one, ast.FunctionDef) and not one.name.startswith("_")
    }
    assert written == set(CASES)


class Life(RuleBasedStateMachine):
    """Anybody tries any verb on anything, and time passes."""

    def __init__(self, cast, move_clock):
        super().__init__()
        self.cast, self.move, self.minutes = cast, move_clock, 0
        self.incidents = []
        self.tried = transaction.atomic()
        self.tried.__enter__()
        move_clock()

    def teardown(self):
        transaction.set_rollback(True)
        self.tried.__exit__(None, None, None)

    @initialize()
    def begin(self):
        self.report("tohieu_1", "FIRE", 2)

    @rule(
        site=st.sampled_from(["tohieu_1", "chiengan_1", "sapa_1"]),
        category=st.sampled_from(["FIRE", "MED", "VIP", "WEAPON", "FAKE"]),
        severity=st.integers(1, 4),
    )
    def report(self, site, category, severity):
        place = getattr(self.cast.site, site)
        self.incidents.append(
            fire(self.cast, by=self.cast.duty, site=place, category=category, severity=severity)
        )

    @rule(
        verb=st.sampled_from(sorted(actions.VERBS)),
        who=st.sampled_from(["sonla", "sonla", "duty", "tohieu", "laocai"]),
        which=st.integers(0, 5),
        severity=st.integers(1, 4),
    )
    def act(self, verb, who, which, severity):
        row = self.incidents[which % len(self.incidents)]
        try:
            with settled():
                actions.act(
                    verb, by=self.cast.officers[who], incident=row, severity=severity, reason="Đã kiểm tra"
                )
        except (actions.Moved, ValidationError, PermissionDenied):
            pass

    @rule(minutes=st.integers(1, 9))
    def wait(self, minutes):
        self.minutes += minutes
        self.move(minutes=self.minutes)

    @rule()
    def sweep(self):
        silent = Incident.objects.filter(
            state="reported", unanswered_at=None, answer_by__lte=clock.Now()
        ).count()
        assert tasks.call_out_unanswered() == silent
        assert tasks.call_out_unanswered() == 0

    @invariant()
    def replay_is_the_picture(self):
        check(self.cast, [("duty", "bo"), ("health", "bo"), ("sonla", "sonla"), ("laocai", "laocai")])


def test_the_events_replayed_are_the_picture_whatever_happens(cast, move_clock):
    few = settings(
        max_examples=10, stateful_step_count=10, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(lambda: Life(cast, move_clock), settings=few)


def test_silence_and_delay_are_counted_by_the_clock_alone(cast, move_clock):
    """No event says "overdue": it follows from the deadline and the moment."""
    fire(cast, severity=2)
    held = scope.reach(cast.sonla)
    assert picture.count(cast.unit.sonla, held, cast.operation).incidents["overdue"] == 0
    move_clock(minutes=5, seconds=1)
    assert picture.count(cast.unit.sonla, held, cast.operation).incidents["overdue"] == 1


def test_the_cursor_of_a_picture_is_where_its_counts_stand(cast, api, number):
    client = api(cast.sonla)
    fire(cast)
    number()
    counted = client.get(reverse("api-picture")).json()
    fire(cast)
    number()
    since = client.get(reverse("api-journal"), {"after": counted["cursor"]}).json()
    assert [fact["seq"] for fact in since["results"]] == [2]
    again = client.get(reverse("api-picture")).json()
    assert again["incidents"]["open"] == counted["incidents"]["open"] + 1 == 2


@pytest.mark.parametrize(("who", "place"), VIEWERS)
def test_a_picture_costs_two_statements(who, place, cast, django_assert_num_queries):
    held = scope.reach(cast.officers[who])
    for _ in range(2):
        with django_assert_num_queries(2):
            picture.count(getattr(cast.unit, place), held, cast.operation)
        fire(cast)


LISTS = {  # token, reach, rows, which are their own count; and the operation where rows belong to one
    "api-incidents": 4,
    "api-sites": 4,
    "api-findings": 4,
    "api-units": 3,
    "api-appointments": 3,
}


@pytest.mark.parametrize(("name", "statements"), LISTS.items())
def test_a_list_costs_the_same_at_one_row_and_at_three(name, statements, cast, api):
    def cost(who):
        with CaptureQueriesContext(connection) as said:
            answer = api(cast.officers[who]).get(reverse(name))
        assert answer.status_code == 200
        # the fixture looks the token up once more
        return len(said) - 1, len(answer.json()["results"])

    fire(cast)
    at_one = {who: cost(who)[0] for who in ("duty", "sonla", "tohieu")}
    fire(cast)
    fire(cast)
    at_three = {who: cost(who)[0] for who in ("duty", "sonla", "tohieu")}
    assert at_one == at_three == dict.fromkeys(at_one, statements)


def test_an_answer_without_rows_costs_no_more(cast, api, django_assert_num_queries):
    client = api(cast.nobody)
    for name, statements in LISTS.items():
        with CaptureQueriesContext(connection) as said:
            assert client.get(reverse(name)).json()["results"] == []
        assert len(said) <= statements


def test_a_report_is_one_transaction_of_few_statements(committed, api):
    """Intake in a storm: what every statement more would cost, each of thousands of reports would pay."""
    client = api(committed.tohieu, HTTP_IDEMPOTENCY_KEY="mot-lan")
    body = {"site": committed.site.tohieu_1.code, "category": "FIRE", "severity": 2, "summary": "Khói"}
    with CaptureQueriesContext(connection) as said:
        assert client.post(reverse("api-incidents"), body, format="json").status_code == 201
    texts = [one["sql"] for one in said]
    assert len([text for text in texts if text not in {"BEGIN", "COMMIT"}]) <= 14, texts
    assert texts.count("BEGIN") == texts.count("COMMIT") == 1
    assert not [text for text in texts if "SAVEPOINT" in text]
    assert Appointment.objects.filter(user=committed.tohieu).exists()
