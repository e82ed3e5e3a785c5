"""How do notices leave the house: gathered into messages, sent, and sent again until they are taken?"""

import datetime as dt
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Min
from django.utils import translation

from journal import clock, queries
from journal.gateways import Gateway, Later, Refused, Unreachable, gateways, plain
from journal.models import Address, Carried, Channel, Delivery, Entry, Event, Gathered, Notice, Said

log = logging.getLogger(__name__)
WINDOW = dt.timedelta(seconds=15)  # what comes for one address in this time is one message
KEPT = dt.timedelta(hours=1)  # what is older is news no more: it waits in the list of notices
# Longer than a task may run (CELERY_TASK_TIME_LIMIT): who claimed a message is dead before another may claim it.
RETRY = dt.timedelta(seconds=60)
RETRY_MOST = dt.timedelta(minutes=15)
AT_ONCE = 5000
AT_MOST_S = 20.0
LINES, NAMED = 6, 3  # of one message; of one line
TOLD = {"incident", "unit", "site"}  # whose name may leave the house
PREFIX = "DIỄN TẬP"
UNSAID = "có thông báo mới"

Sees = Callable[[int, Event], bool]


@dataclass(frozen=True)
class House:
    """What only the floors above know: words for a verb, which operations are exercises, who sees what."""

    words: Callable[[str], str]
    exercises: frozenset[str]
    sees: Callable[[Iterable[int]], Sees]


def gather(house: House) -> int:
    """Hand the notices of new events to the addresses of those they are owed to; how many were handed.

    Read by the numbers of the streams, as sockets do: none is left out, whoever commits late. One worker at a
    time; killed in between it has done nothing.
    """
    with transaction.atomic():
        mark = Gathered.objects.select_for_update(skip_locked=True).first()
        if mark is None:
            return 0
        ends, epoch = queries.heads()
        open_channels = list(gateways())
        if not open_channels:
            if (mark.epoch, mark.heads) != (epoch, ends):
                Gathered.objects.filter(pk=mark.pk).update(epoch=epoch, heads=ends)
            return 0
        at = clock.now()
        after = mark.heads if mark.epoch == epoch else _lately(at, ends)
        after = {stream: after.get(stream, 0) for stream in ends}
        entries = list(queries.between(after, ends).values_list("stream", "seq", "event_id")[:AT_ONCE])
        if not entries and mark.epoch == epoch:
            return 0
        after |= {stream: seq for stream, seq, _event in entries}
        handed = _hand([event for *_place, event in entries], open_channels, house, at)
        Gathered.objects.filter(pk=mark.pk).update(epoch=epoch, heads=after)
    return handed


def _lately(at: dt.datetime, ends: Mapping[str, int]) -> dict[str, int]:
    """In another life of the journal: where each stream stood when what is still news began."""
    first = Entry.objects.filter(event__at__gt=at - KEPT).values_list("stream").annotate(first=Min("seq"))
    return {**ends, **{stream: seq - 1 for stream, seq in first}}


def _hand(events: list[int], channels: list[str], house: House, at: dt.datetime) -> int:
    owed = list(
        Notice.objects.filter(event__in=events, event__at__gt=at - KEPT, seen_at=None)
        .select_related("event")
        .defer("event__body")
        .order_by("pk")
    )
    people = {notice.person for notice in owed}
    desks: dict[int, list[Address]] = {}
    for desk in Address.objects.filter(person__in=people, channel__in=channels).order_by("pk"):
        desks.setdefault(desk.person, []).append(desk)
    sees = house.sees(desks)
    pairs = [
        (notice, desk, f"{desk.channel}:{desk.address}")
        for notice in owed
        for desk in desks.get(notice.person, ())
        if sees(notice.person, notice.event)
    ]
    known = Carried.objects.filter(event__in=events, address__in={address for *_rest, address in pairs})
    done = set(known.values_list("event_id", "address"))
    waiting = _waiting((desk.address for _notice, desk, _address in pairs), at)
    carried = []
    for notice, desk, address in pairs:
        if (notice.event_id, address) in done:
            continue
        done.add((notice.event_id, address))
        place = (desk.channel, desk.address, notice.operation)
        if place not in waiting:
            waiting[place] = queue(desk, notice.operation, at=at, within=WINDOW)
        carried.append(
            Carried(delivery=waiting[place], notice=notice, event_id=notice.event_id, address=address)
        )
    Carried.objects.bulk_create(carried)
    # As long as the last of what it carries is news, whenever the first was.
    Delivery.objects.filter(pk__in={one.delivery_id for one in carried}).update(expires_at=at + KEPT)
    return len(carried)


def _waiting(addresses: Iterable[str], at: dt.datetime) -> dict[tuple[str, str, str], Delivery]:
    """The messages that still take more: nobody has tried to send them, and nobody will while they are locked.

    While a gateway is down one message for each address goes on growing, instead of many waiting for its return.
    """
    rows = Delivery.objects.select_for_update().filter(
        state=Delivery.State.QUEUED, tries=0, expires_at__gt=at, address__in=set(addresses), text=""
    )
    return {(row.channel, row.address, row.operation): row for row in rows.order_by("pk")}


def queue(
    desk: Address, operation: str, *, at: dt.datetime, text: str = "", within: dt.timedelta = dt.timedelta(0)
) -> Delivery:
    """A message that is sent `within` this time; without a text it says what it will carry by then."""
    return Delivery.objects.create(
        channel=desk.channel, address=desk.address, person=desk.person, operation=operation, text=text,
        created_at=at, next_try_at=at + within, expires_at=at + KEPT,
    )  # fmt: skip


def withdraw(person: int, channel: str) -> None:
    """What waits for an address that its holder has given up is not sent any more."""
    Delivery.objects.filter(person=person, channel=channel, state=Delivery.State.QUEUED).update(
        state=Delivery.State.EXPIRED, result="withdrawn", done_at=clock.now()
    )


def send(house: House) -> int:
    """Send what is due, until nothing is or the round is over; how many were taken.

    A message is claimed by putting off its next try, sent outside of any transaction, then marked. Whoever dies
    in between leaves it to the next try: the gateway may get it twice, with the same id, and can drop the double.
    """
    begun, taken = time.monotonic(), 0
    open_gates: dict[str, Gateway] = {}
    kinds = dict(gateways())
    try:
        while kinds and time.monotonic() - begun < AT_MOST_S:
            row = _claimed(list(kinds), house)
            if row is None:
                break
            if row.state != Delivery.State.QUEUED:
                continue
            if row.channel not in open_gates:
                open_gates[row.channel] = kinds[row.channel]()
            try:
                state, result = open_gates[row.channel].send(row), ""
            except Unreachable as error:
                state, result = Delivery.State.QUEUED, str(error)
                log.info("%s %s waits: %s", row.channel, row.uid, error)
                if not isinstance(error, Later):
                    del kinds[row.channel]  # the others would only wait for the same
            except Refused as error:
                state, result = Delivery.State.FAILED, str(error)
            except Exception as error:  # one message must not keep the others from being sent
                log.exception("%s %s cannot be sent", row.channel, row.uid)
                state, result = Delivery.State.FAILED, type(error).__name__
            taken += _marked(row, state, result)
    finally:
        for gate in open_gates.values():
            gate.close()
    return taken


def _claimed(channels: list[str], house: House) -> Delivery | None:
    """The message that has been due the longest, ready to be sent by nobody but us; or one that is over."""
    at = clock.now()
    with transaction.atomic():
        due = Delivery.objects.select_for_update(skip_locked=True).filter(
            state=Delivery.State.QUEUED, next_try_at__lte=at, channel__in=channels
        )
        row = due.order_by("next_try_at", "pk").first()
        if row is None:
            return None
        if row.expires_at <= at:
            row.state, row.done_at = Delivery.State.EXPIRED, at
        elif not (text := row.text or _text(row, house, at)):
            row.state, row.done_at = Delivery.State.SEEN, at
        else:
            row.text = text
            row.tries += 1
            row.next_try_at = at + min(RETRY * 2 ** (row.tries - 1), RETRY_MOST)
        row.save()
    return row


def _marked(row: Delivery, state: str, result: str) -> bool:
    """Say what became of a try, unless a later one has begun."""
    over = state != Delivery.State.QUEUED
    ours = Delivery.objects.filter(pk=row.pk, tries=row.tries, state=Delivery.State.QUEUED)
    done = ours.update(state=state, result=result[:200], done_at=clock.now() if over else None)
    return bool(done) and state in {Delivery.State.SENT, Delivery.State.DELIVERED}


def _text(row: Delivery, house: House, at: dt.datetime) -> str:
    """What stands in the message: kinds and numbers, no link, nothing that is secret; "" where all is read or old."""
    news = Carried.objects.filter(delivery=row, notice__seen_at=None, event__at__gt=at - KEPT).order_by("pk")
    said = news.values_list(
        "event__verb", "event__secrecy", "event__subject", Said("event__body", path="{subject,ref}")
    )
    with translation.override("vi"):
        lines = _lines(said, house.words)
    return framed(lines, exercise=row.operation in house.exercises) if lines else ""


def _lines(rows: Iterable[tuple[str, int, str, str | None]], words: Callable[[str], str]) -> list[str]:
    """One line for each kind, in the order of the first: `SC-14-000123: …`, `… · 3 (SC-14-000123, …)`."""
    kinds: dict[str, list[str]] = {}
    for verb, secrecy, about, ref in rows:
        open_ = secrecy == 0
        names = kinds.setdefault(words(verb) if open_ else UNSAID, [])
        names.append(plain(ref or "") if open_ and about.partition(":")[0] in TOLD else "")
    lines = []
    for kind, names in kinds.items():
        named = [name for name in dict.fromkeys(names) if name]
        if len(names) == 1:
            lines.append(f"{named[0]}: {kind}" if named else kind)
            continue
        more = ", …" if len(named) > NAMED else ""
        lines.append(f"{kind} · {len(names)}" + (f" ({', '.join(named[:NAMED])}{more})" if named else ""))
    left = len(lines) - LINES
    return lines if left <= 0 else [*lines[:LINES], f"… +{left}"]


def framed(lines: list[str], *, exercise: bool) -> str:
    """A message of these lines; whoever reads that of an exercise reads so first."""
    text = "\n".join(lines)
    return f"{PREFIX}: {text}" if exercise else text


def calls(events: Iterable[int]) -> dict[int, list[Delivery]]:
    """The messages that carried each of these events, oldest first."""
    found: dict[int, list[Delivery]] = {}
    for one in Carried.objects.filter(event__in=events).select_related("delivery").order_by("pk"):
        found.setdefault(one.event_id, []).append(one.delivery)
    return found


def masked(channel: str, address: str) -> str:
    """Enough of an address to know it by, too little to write to: `t…@sonla.example`, `…678`."""
    if channel == Channel.EMAIL:
        name, _at, host = address.rpartition("@")
        return f"{name[:1]}…@{host}"
    return f"…{address[-3:]}"
