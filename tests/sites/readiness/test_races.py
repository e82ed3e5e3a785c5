"""Do officers who report, send back, edit and judge at the same moment leave one truth?"""

import threading
from collections import Counter

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from journal.models import Event
from reports import picture
from sites.checks import actions as checks
from sites.models import Site, SiteStatus
from sites.readiness import actions
from sites.readiness.models import Finding, SiteReport, Slot
from sites.slots import actions as calendar
from subcommittees.scope import SYSTEM
from tests.sites.readiness.stage import HOUR, body, file, given, made, send_back


def at_once(*acts):
    """What each says or raises, begun at the same moment in a thread of its own."""
    gate, said = threading.Barrier(len(acts)), {}

    def run(number, act):
        try:
            gate.wait()
            said[number] = act()
        except Exception as error:  # noqa: BLE001 - what is raised is what is asked for
            said[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [said[number] for number in range(len(acts))]


def one_truth(cast):
    """Revisions without a hole, statuses by the last of them, findings by what it says, events that replay to it."""
    state = picture.replayed(event.said for event in Event.objects.filter(operation="bau-cu").order_by("n"))
    for status in SiteStatus.objects.exclude(report=None).select_related("site", "report"):
        rows = SiteReport.objects.filter(site=status.site, slot=status.report.slot_id).order_by("revision")
        assert [row.revision for row in rows] == list(range(1, len(rows) + 1))
        last = rows.last()
        assert (status.report_id, status.verdict) == (last.pk, last.verdict)
        assert state[f"site:{status.site.code}"] == status.counted
        wrong = Finding.objects.filter(site=status.site, kind="item", closed_at=None).exists()
        assert wrong == (last.verdict != "ready")


@pytest.mark.parametrize("statuses", [True, False])
def test_two_officers_without_a_revision_are_one_after_the_other(statuses, committed):
    """Nothing says which saw what: the later word stands, both are kept."""
    cast, slot = committed, made(committed)
    if not statuses:  # sites that were imported after the operation began
        SiteStatus.objects.all().delete()
    sites = (cast.site.tohieu_1, cast.site.tohieu_2)
    batches = [
        [given(site, **{"5": answer}) for site in order]
        for answer, order in (("no", sites), ("ok", sites[::-1]))
    ]
    said = at_once(
        lambda: file(cast, slot, *batches[0]), lambda: file(cast, slot, *batches[1], by=cast.sonla),
    )  # fmt: skip
    assert [len(one.reports) for one in said] == [2, 2]
    assert Counter(SiteReport.objects.values_list("revision", flat=True)) == {1: 2, 2: 2}
    one_truth(cast)


def test_of_two_officers_who_saw_the_same_one_is_told(committed):
    cast, slot = committed, made(committed)
    said = at_once(
        lambda: file(cast, slot, given(cast.site.tohieu_1, revision=0, **{"5": "no"})),
        lambda: file(cast, slot, given(cast.site.tohieu_1, revision=0, **{"6": "no"}), by=cast.sonla),
        lambda: file(cast, slot, given(cast.site.tohieu_1, revision=0, **{"7": "no"}), by=cast.duty),
    )
    assert sorted(type(one).__name__ for one in said) == ["Filed", "Stale", "Stale"]
    assert SiteReport.objects.count() == Event.objects.count() == 1
    one_truth(cast)


def test_the_same_said_by_many_at_once_is_written_once(committed):
    cast, slot = committed, made(committed)
    said = at_once(*[lambda: file(cast, slot)] * 6)
    assert sorted(len(one.reports) for one in said) == [0] * 5 + [2]
    assert SiteReport.objects.count() == 2
    assert Event.objects.count() == 1


def test_a_race_for_one_key_files_once(committed, api):
    slot, client = made(committed), [api(committed.tohieu, HTTP_IDEMPOTENCY_KEY="mot-lan") for _ in range(4)]
    content = body(slot, committed.site.tohieu_1)
    acts = [lambda one=one: one.post(reverse("api-readiness"), content, format="json") for one in client]
    said = at_once(*acts)
    assert [one.status_code for one in said] == [201] * 4
    assert len({one.content for one in said}) == SiteReport.objects.count() == Event.objects.count() == 1


def test_communes_of_a_province_that_meet_do_not_wait_for_each_other_in_a_ring(committed, api):
    """Several communes in one request, in opposite orders: sites are always held in the same order."""
    slot, sites = made(committed), [committed.site.tohieu_1, committed.site.chiengan_1]
    contents = [body(slot, *order, **{"5": "no"}) for order in (sites, sites[::-1]) for _ in range(3)]
    contents = [{**one, "said_at": None} for one in contents]
    for number, one in enumerate(contents):
        for report in one["reports"]:
            report["note"] = str(number)
    acts = [
        lambda one=one: api(committed.sonla).post(reverse("api-readiness"), one, format="json")
        for one in contents
    ]
    assert [one.status_code for one in at_once(*acts)] == [201] * 6
    one_truth(committed)


def test_a_return_and_a_correction_at_once(committed):
    """Whoever comes second has seen the first, or is told."""
    cast, slot, site = committed, made(committed), committed.site.tohieu_1
    file(cast, slot, given(site))
    back, again = at_once(
        lambda: send_back(cast, slot, revision=1), lambda: file(cast, slot, given(site, revision=1, note="x"))
    )
    assert sorted([type(back).__name__, type(again).__name__]) in (
        ["Filed", "Stale"], ["SiteReport", "Stale"],
    )  # fmt: skip
    assert SiteReport.objects.filter(site=site).count() == 2
    one_truth(cast)


def test_who_confirms_confirms_what_stands(committed):
    cast, slot = committed, made(committed)
    file(cast, slot)
    of = {"by": cast.sonla, "operation": cast.operation, "slot": slot, "unit": cast.unit.tohieu}
    at_once(lambda: actions.verify(**of), lambda: file(cast, slot, given(cast.site.tohieu_1, **{"1": "no"})))
    changed = SiteStatus.objects.get(site=cast.site.tohieu_1)
    assert changed.report.revision == 2
    confirmed = Event.objects.filter(verb="readiness.verified").order_by("n").last()
    filed = Event.objects.filter(verb="readiness.filed").order_by("n").last()
    after = confirmed.said["at"] > filed.said["at"]
    assert (changed.verified_at is not None) == after
    one_truth(cast)


def test_a_slot_that_is_called_off_meanwhile_takes_nothing(committed):
    """Who edits waits for who files; who files after that finds it closed."""
    cast, slot = committed, made(committed)
    cast.operation.election_day = slot.due_at.date()
    cast.operation.save()
    began, go = threading.Event(), threading.Event()

    def cancel():
        with transaction.atomic():
            calendar.edit(by=cast.secretary, operation=cast.operation, slot=slot, reason="Hoãn", cancel=True)
            began.set()
            go.wait(5)

    def late():
        began.wait(5)
        threading.Timer(0.3, go.set).start()
        return file(cast, slot)

    said = at_once(cancel, late)
    assert isinstance(said[1], actions.Closed), said
    assert not SiteReport.objects.exists()


def test_a_slot_that_is_being_answered_keeps_its_time(committed):
    cast, slot = committed, made(committed)
    cast.operation.election_day = slot.due_at.date()
    cast.operation.save()
    began = threading.Event()

    def answer():
        with transaction.atomic():
            file(cast, slot)
            began.set()
            threading.Event().wait(0.3)

    def move():
        began.wait(5)
        return calendar.edit(
            by=cast.secretary, operation=cast.operation, slot=slot, reason="Hoãn",
            times={"due_at": slot.due_at + HOUR / 2},
        )  # fmt: skip

    said = at_once(answer, move)
    assert type(said[1]).__name__ == "ValidationError", said
    assert (
        Slot.objects.get(pk=slot.pk).due_at
        == slot.due_at
        == SiteStatus.objects.get(site=cast.site.tohieu_1).due
    )


def test_who_answers_while_it_is_judged_is_silent_or_not_but_never_both(committed, move_clock):
    cast = committed
    slot = made(cast, opens=-1, due=1, silent=2, closes=9)
    move_clock(hours=3)
    said = at_once(
        lambda: checks.check(by=SYSTEM, operation=cast.operation, slot=slot, province=cast.unit.sonla),
        lambda: file(cast, slot), lambda: file(cast, slot, given(cast.site.chiengan_1), by=cast.chiengan,
                                               unit=cast.unit.chiengan),
    )  # fmt: skip
    assert not [one for one in said if isinstance(one, Exception)], said
    open_ = Finding.objects.filter(kind="silent", closed_at=None, unit=None).values_list("site", flat=True)
    answered = SiteStatus.objects.exclude(due=None).filter(path__startswith="vn/14/")
    assert set(open_) & set(answered.values_list("site", flat=True)) == set()
    assert len(open_) + len(answered) == 4
    assert said[0].ready + said[0].silent == 4


def test_a_check_and_a_batch_of_two_communes_do_not_wait_for_each_other_in_a_ring(committed, move_clock):
    """Sites are held commune by commune, also where one of the first commune came in last."""
    cast = committed
    slot = made(cast, opens=-1, due=1, silent=2, closes=9)
    late = Site(code="14-03646-009", number=9, name="Điểm 9", unit=cast.unit.tohieu, lat=21.3, lon=103.9)
    late.save()
    SiteStatus.objects.create(operation=cast.operation, site=late, path=late.path, since=slot.opens_at)
    move_clock(hours=3)
    began = threading.Event()

    def batch():
        with transaction.atomic():
            file(cast, slot, given(late), by=cast.sonla)
            began.set()
            threading.Event().wait(0.3)
            file(cast, slot, given(cast.site.chiengan_1), by=cast.sonla, unit=cast.unit.chiengan)

    def judge():
        began.wait(5)
        return checks.check(by=SYSTEM, operation=cast.operation, slot=slot, province=cast.unit.sonla)

    said = at_once(batch, judge)
    assert not [one for one in said if isinstance(one, Exception)], said
    assert (said[1].ready, said[1].silent) == (2, 3)


def test_a_check_and_a_report_of_a_site_that_came_in_last_do_not_wait_for_each_other(committed, move_clock):
    cast = committed
    slot = made(cast, opens=-1, due=1, silent=2, closes=9)
    SiteStatus.objects.filter(site=cast.site.tohieu_2).delete()
    move_clock(hours=3)
    began = threading.Event()

    def report():
        with transaction.atomic():
            SiteStatus.objects.select_for_update(no_key=True).get(site=cast.site.tohieu_1)
            began.set()
            threading.Event().wait(0.3)
            file(cast, slot)

    def judge():
        began.wait(5)
        return checks.check(by=SYSTEM, operation=cast.operation, slot=slot, province=cast.unit.sonla)

    said = at_once(report, judge)
    assert not [one for one in said if isinstance(one, Exception)], said
    assert (said[1].ready, said[1].silent) == (2, 2)


def test_an_incident_does_not_wait_for_the_check(committed, move_clock):
    """What only names a unit goes on while the unit is judged."""
    cast, began, go = committed, threading.Event(), threading.Event()
    slot = made(cast, opens=-1, due=1, silent=2, closes=9)
    move_clock(hours=3)

    def judge():
        with transaction.atomic():
            checks.check(by=SYSTEM, operation=cast.operation, slot=slot, province=cast.unit.sonla)
            began.set()
            go.wait(5)

    def report():
        began.wait(5)
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '2s'")
                cursor.execute(
                    "SELECT FROM subcommittees_unit WHERE id = %s FOR KEY SHARE", [cast.unit.tohieu.pk]
                )
        go.set()

    said = at_once(judge, report)
    assert not [one for one in said if isinstance(one, Exception)], said


def test_two_who_plan_make_one_calendar(committed):
    cast = committed
    said = at_once(*[lambda: actions.plan(by=cast.secretary, operation=cast.operation)] * 3)
    assert sorted(map(bool, said)) == [False, False, True]
    assert Event.objects.filter(verb="slot.planned").count() == 1


def test_a_commune_is_one_transaction_of_few_statements(committed, api):
    """3,321 communes file in a quarter of an hour: what every statement more costs, each of them pays."""
    cast, slot = committed, made(committed)
    new = [
        Site(code=f"14-03646-{n:03d}", number=n, name=f"Điểm {n}", unit=cast.unit.tohieu, lat=21.3, lon=103.9)
        for n in range(3, 23)
    ]
    for site in new:
        site.save()
    client = api(cast.tohieu, HTTP_IDEMPOTENCY_KEY="mot-lan")
    content = body(slot, cast.site.tohieu_1, cast.site.tohieu_2, *new, **{"5": "no"})
    with CaptureQueriesContext(connection) as said:
        assert client.post(reverse("api-readiness"), content, format="json").json()["filed"] == 22
    texts = [one["sql"] for one in said]
    assert len([text for text in texts if text not in {"BEGIN", "COMMIT"}]) <= 20, texts
    assert texts.count("BEGIN") == texts.count("COMMIT") == 1
    assert not [text for text in texts if "SAVEPOINT" in text]
    one_truth(cast)


def test_a_slot_that_is_given_more_time_meanwhile_is_not_judged(committed, move_clock):
    cast = committed
    slot = made(cast, opens=-1, due=1, silent=2, closes=9)
    cast.operation.election_day = slot.due_at.date()
    cast.operation.save()
    began, go = threading.Event(), threading.Event()

    def edit():
        times = {"silent_at": slot.silent_at + 3 * HOUR}
        with transaction.atomic():
            calendar.edit(
                by=cast.secretary, operation=cast.operation, slot=slot, reason="Gia hạn", times=times
            )
            began.set()
            go.wait(5)

    def judge():
        began.wait(5)
        move_clock(hours=3)
        threading.Timer(0.3, go.set).start()
        return checks.check(by=SYSTEM, operation=cast.operation, slot=slot, province=cast.unit.sonla)

    assert at_once(edit, judge)[1] is None
    assert not Event.objects.filter(verb="readiness.checked").exists()
