"""What does PostgreSQL say at the end of what was promised, shown and sealed?"""

from collections import Counter
from types import SimpleNamespace

from incidents.models import Incident
from journal import verify
from journal.models import Entry, Event, Key
from reports import picture
from subcommittees import scope
from tests.proofs.writers import Writer


def promises_are_kept(writers: list[Writer]) -> None:
    """I1: what was acknowledged stands there, exactly once for each key."""
    promised = [one for writer in writers for one in writer.promises()]
    assert promised
    reports = {one["key"]: one["id"] for one in promised if one["path"] == "/api/incidents/"}
    rows = {str(pk) for pk in Incident.objects.values_list("pk", flat=True)}
    assert set(reports.values()) <= rows
    assert len(set(reports.values())) == len(reports)
    kept = dict(Key.objects.values_list("key", "status"))
    assert {one["key"] for one in promised} <= set(kept)
    told = Counter(Event.objects.filter(verb="incident.reported").values_list("subject", flat=True))
    assert told == {f"incident:{pk}": 1 for pk in rows}
    notes = Event.objects.filter(verb="incident.noted").count()
    assert notes >= sum(one["path"].endswith("/note/") for one in promised)
    assert Key.objects.count() == len(rows) + notes, "an act without its key, or a key without its act"


def events_for(path: str) -> list[str]:
    """The ids of the events below `path`, in the order in which each stream was committed."""
    rows = Entry.objects.filter(event__path__startswith=path, event__verb__startswith="incident.")
    return list(rows.order_by("pos").values_list("event__uid", flat=True))


def all_was_seen(shown: list[dict[str, str]], path: str) -> None:
    """I2 and I3: exactly what lies in reach, once, and in the order of every stream."""
    wanted = events_for(path)
    assert [one["id"] for one in shown if not one["unit"]["path"].startswith(path)] == []
    found = [one["id"] for one in shown]
    assert len(found) == len(set(found))
    assert set(found) == set(wanted), (len(found), len(wanted))
    place = {uid: number for number, uid in enumerate(wanted)}
    for province in {one["unit"]["path"][:6] for one in shown}:
        order = [place[one["id"]] for one in shown if one["unit"]["path"].startswith(province)]
        assert order == sorted(order)


def the_journal_is_whole(cast: SimpleNamespace) -> None:
    """I4: every chain verifies, every change of state has its event, and the fold of all is the fresh picture."""
    verdict = verify.verify()
    assert not verdict.breaks, verdict.breaks
    state = picture.replayed(
        entry.event.said for entry in Entry.objects.select_related("event").order_by("pos")
    )
    for user, unit in [
        (cast.duty, cast.unit.bo),
        (cast.sonla, cast.unit.sonla),
        (cast.laocai, cast.unit.laocai),
    ]:
        counted = picture.count(unit, scope.reach(user), cast.operation)
        assert picture.tally(state, unit.path, counted.as_of) == counted.incidents
