"""Which lists become files, and what stands in their columns?"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from command_center import phrases
from command_center.pages import log, places, readiness
from command_center.templatetags.standing import share
from incidents import categories
from incidents import pages as incidents
from incidents import states as incident_states
from journal import clock, seal
from reports import exports, queries
from sites import checklist
from sites import pages as sites
from sites import states as site_states
from sites.checks import pages as checks
from sites.readiness.models import KINDS, LEVELS, SOURCES
from subcommittees import queries as chain
from subcommittees import roles
from subcommittees.imports.chain import KINDS as UNIT_KINDS
from subcommittees.models import Operation, Unit, User
from subcommittees.scope import reach, whole_stream
from subcommittees.sheets.writer import Column, Facts, xlsx
from subcommittees.words import Words

EVERY = 2_000  # rows between two looks at whether the reader may still see them
Filters = Mapping[str, str]


class Withdrawn(Exception):
    """The reader's authority changed while the file was being made."""


@dataclass(frozen=True)
class Listing:
    """A list of the pages: its filters, its rows under reach, its columns in the active language."""

    name: Promise
    file: Words
    filters: tuple[str, ...]
    rows: Callable[[User, Operation, Filters], QuerySet[Any]]
    columns: Callable[[User], list[Column]]


def _named(words: Mapping[Any, Any]) -> Callable[[Any], str]:
    """The name of a code in the language that is active now: what is streamed later has none."""
    known = {code: str(name) for code, name in words.items()}
    return lambda code: known.get(code) or str(code)


def _incidents(user: User) -> list[Column]:
    state = _named(incident_states.STATES)
    category = _named({code: row.name for code, row in categories.CATEGORIES.items()})
    severity = _named(categories.SEVERITIES)
    return [
        Column(_("Number"), lambda one: one.ref, 16),
        Column(_("Severity"), lambda one: one.severity, 10),
        Column(_("Severity in words"), lambda one: severity(one.severity), 18),
        Column(_("Category"), lambda one: category(one.category), 26),
        Column(_("State"), lambda one: state(one.state), 16),
        Column(_("Summary"), lambda one: one.summary, 60),
        Column(_("Site code"), lambda one: one.site.code, 16),
        Column(_("Polling site"), lambda one: one.site.name, 40),
        Column(_("Unit code"), lambda one: one.unit.code, 10),
        Column(_("Unit"), lambda one: one.unit.name, 24),
        Column(_("Happened"), lambda one: one.happened_at, 19),
        Column(_("Reported"), lambda one: one.reported_at, 19),
        Column(_("Reported by"), lambda one: one.reported_post, 30),
        Column(_("Answer by"), lambda one: one.answer_by, 19),
        Column(_("Acknowledged"), lambda one: one.acknowledged_at, 19),
        Column(_("Acknowledged by"), lambda one: one.acknowledged_post, 30),
        Column(_("Last changed"), lambda one: one.moved_at, 19),
        Column(_("Last changed by"), lambda one: one.moved_post, 30),
    ]


def _sites(user: User) -> list[Column]:
    """The columns that the import of sites knows again: what is brought back unchanged changes nothing."""
    kind, state = _named(site_states.KINDS), _named(site_states.STATES)
    return [
        Column(str(Words("Mã điểm", "Code")), lambda one: one.code, 16),
        Column(str(Words("Số", "Number")), lambda one: one.number, 8),
        Column(str(Words("Tên điểm", "Name")), lambda one: one.name, 50),
        Column(str(Words("Mã đơn vị", "Unit code")), lambda one: one.unit.code, 10),
        Column(str(Words("Loại", "Kind")), lambda one: kind(one.kind), 18),
        Column(str(Words("Bỏ phiếu sớm", "Early")), lambda one: one.early, 10),
        Column(str(Words("Vĩ độ", "Latitude")), lambda one: one.lat, 12),
        Column(str(Words("Kinh độ", "Longitude")), lambda one: one.lon, 12),
        Column(str(Words("Trạng thái", "State")), lambda one: state(one.state), 18),
    ]


def _units(user: User) -> list[Column]:
    kind = _named(UNIT_KINDS)
    return [
        Column(str(Words("Mã đơn vị", "Unit code")), lambda one: one.code, 12),
        Column(str(Words("Tên đơn vị", "Unit name")), lambda one: one.name, 36),
        Column(str(Words("Loại", "Kind")), lambda one: kind(one.kind), 18),
        Column(
            str(Words("Mã đơn vị cấp trên", "Parent code")), lambda one: one.parent and one.parent.code, 12
        ),
        Column(str(Words("Vĩ độ", "Latitude")), lambda one: one.lat, 12),
        Column(str(Words("Kinh độ", "Longitude")), lambda one: one.lon, 12),
    ]


def _people(user: User) -> list[Column]:
    def joined(of: Callable[[Any], Any]) -> Callable[[Any], str]:
        return lambda one: "; ".join(str(of(post)) for post in one.posts)

    role = _named(dict(roles.choices()))
    return [
        Column(_("Account"), lambda one: one.username, 24),
        Column(_("Post"), lambda one: one.title, 40),
        Column(_("Roles now"), joined(lambda post: role(post.role)), 30),
        Column(_("Unit code"), joined(lambda post: post.unit.code), 12),
        Column(_("Unit"), joined(lambda post: post.unit.name), 30),
        Column(_("Account is in use"), lambda one: one.is_active, 12),
    ]


def _journal(user: User) -> list[Column]:
    held = reach(user)
    whole: dict[str, bool] = {}
    verb, listed = _named(phrases.EVENTS), _named(phrases.LISTS)

    def numbered(entry: Any, of: Callable[[Any], Any]) -> Any:
        """Below a whole stream a gap in the numbers would tell of neighbours."""
        if entry.stream not in whole:
            whole[entry.stream] = whole_stream(held, entry.stream)
        return of(entry) if whole[entry.stream] else None

    def about(entry: Any) -> Any:
        subject = entry.event.said["subject"]
        return listed(subject["id"]) if subject["kind"] == "list" else subject.get("ref")

    def line(entry: Any) -> Any:
        return entry.event.said["line"]

    return [
        Column(_("Time"), lambda one: clock.moment(one.event.said["at"]), 19),
        Column(_("What was done"), lambda one: verb(one.event.said["verb"]), 26),
        Column(_("About"), about, 18),
        Column(_("Severity"), lambda one: line(one).get("severity"), 10),
        Column(_("Unit"), lambda one: one.event.said["unit"]["name"], 26),
        Column(_("By"), lambda one: line(one).get("by"), 34),
        Column(_("Words"), lambda one: line(one).get("text") or line(one).get("title"), 60),
        Column(_("Stream"), lambda one: numbered(one, lambda entry: entry.stream), 14),
        Column(_("Entry"), lambda one: numbered(one, lambda entry: entry.seq), 10),
    ]


def _rows_of_people(user: User, operation: Operation, filters: Filters) -> QuerySet[User]:
    return chain.people(user, **filters)


def _findings(user: User) -> list[Column]:
    kind, level = _named(KINDS), _named(LEVELS)
    tables: list[Mapping[str, Any]] = [checklist.ITEMS, checklist.UNIT_ITEMS]
    item = _named({code: row.name for table in tables for code, row in table.items()})

    def of_unit(of: Callable[[Unit], Any]) -> Callable[[Any], Any]:
        return lambda one: of(one.site.unit if one.site else one.unit)

    return [
        Column(_("Kind"), lambda one: kind(one.kind), 20),
        Column(_("Item"), lambda one: item(one.item) if one.item else "", 50),
        Column(_("Critical"), lambda one: one.critical, 12),
        Column(_("With"), lambda one: level(one.level), 18),
        Column(_("Site code"), lambda one: one.site and one.site.code, 16),
        Column(_("Polling site"), lambda one: one.site and one.site.name, 40),
        Column(_("Unit code"), of_unit(lambda unit: unit.code), 10),
        Column(_("Unit"), of_unit(lambda unit: unit.full_name), 30),
        Column(_("Since"), lambda one: one.opened_at, 19),
        Column(_("Told to the next level at"), lambda one: one.escalate_at, 19),
        Column(_("Closed"), lambda one: one.closed_at, 19),
        Column(_("Closed by"), lambda one: one.closed_post, 30),
    ]


def _standing(user: User) -> list[Column]:
    verdict, source = _named(checklist.VERDICTS), _named(SOURCES)
    return [
        Column(_("Site code"), lambda one: one.code, 16),
        Column(_("Polling site"), lambda one: one.name, 50),
        Column(_("Unit code"), lambda one: one.unit.code, 10),
        Column(_("Unit"), lambda one: one.unit.full_name, 30),
        Column(_("Stands"), lambda one: verdict(one.stands), 22),
        Column(_("For the slot"), lambda one: one.due, 19),
        Column(_("Said at"), lambda one: one.said_at, 19),
        Column(_("By"), lambda one: one.said_by, 30),
        Column(_("Source"), lambda one: source(one.source) if one.source else None, 24),
        Column(_("Late"), lambda one: one.late, 8),
        Column(_("Confirmed"), lambda one: one.confirmed_at, 19),
        Column(_("Words"), lambda one: one.note, 60),
    ]


def _board(user: User) -> list[Column]:
    def counts(name: str) -> Callable[[Any], int]:
        return lambda one: one["readiness"][name]

    return [
        Column(_("Unit code"), lambda one: one["unit"]["code"], 10),
        Column(_("Unit"), lambda one: one["unit"]["name"], 30),
        *(Column(str(name), counts(code), 14) for code, name in checklist.VERDICTS.items()),
        Column(_("Polling sites"), lambda one: sum(one["readiness"].values()), 12),
        Column(_("Share"), lambda one: share(one["readiness"]), 10),
        Column(_("As of"), lambda one: one["as_of"], 19),
    ]


LISTINGS: dict[str, Listing] = {
    "incidents": Listing(
        phrases.LISTS["incidents"],
        Words("su-co", "incidents"),
        incidents.FILTERS,
        incidents.matching,
        _incidents,
    ),
    "sites": Listing(
        phrases.LISTS["sites"], Words("diem-bau-cu", "sites"), sites.FILTERS, sites.matching, _sites
    ),
    "findings": Listing(
        phrases.LISTS["findings"], Words("ton-tai", "findings"), checks.FILTERS, checks.matching, _findings
    ),
    "units": Listing(
        phrases.LISTS["units"], Words("don-vi", "units"), places.FILTERS, places.matching, _units
    ),
    "people": Listing(
        phrases.LISTS["people"],
        Words("can-bo", "officers"),
        ("q", "unit"),
        _rows_of_people,
        _people,
    ),
    "standing": Listing(
        phrases.LISTS["standing"],
        Words("tinh-trang-san-sang", "how-sites-stand"),
        readiness.FILTERS,
        readiness.matching,
        _standing,
    ),
    "readiness": Listing(
        phrases.LISTS["readiness"], Words("san-sang", "readiness"), ("unit",), readiness.rows_of_board, _board
    ),
    "journal": Listing(
        phrases.LISTS["journal"], Words("nhat-ky", "journal"), log.FILTERS, log.matching, _journal
    ),
}


def guarded(rows: QuerySet[Any], user: User, seen: Callable[[int], object] = bool) -> Iterator[Any]:
    """The rows in bounded memory; Withdrawn as soon as the reader no longer sees what was seen at the beginning."""
    before = exports.standing(user)
    for count, row in enumerate(rows.iterator(chunk_size=EVERY), 1):
        yield row
        if count % EVERY == 0:
            seen(count)
            if exports.standing(user) != before:
                raise Withdrawn


def file_name(listing: Listing, operation: Operation, suffix: str) -> str:
    at = timezone.localtime(clock.now())
    return f"{listing.file}_{operation.slug}_{at:%Y%m%d-%H%M}.{suffix}"


def facts(listing: Listing, user: User, operation: Operation, filters: Filters, total: int) -> Facts:
    """What the file says of itself on its second sheet."""
    names = {
        "q": _("Words"), "unit": _("Unit"), "parent": _("Unit"), "state": _("State"), "kind": _("Kind"),
        "severity": _("Severity"), "category": _("Category"), "verb": _("What was done"), "all": _("All units"),
        "open": _("Open"), "critical": _("Critical"), "level": _("With"),
        "verdict": _("Stands"), "item": _("Item not in order"), "unconfirmed": _("Not confirmed"),
    }  # fmt: skip
    said: list[tuple[str, Any]] = [
        (_("List"), str(listing.name)),
        (_("Operation"), operation.name),
        (_("Rows"), total),
        (_("Made at"), clock.now()),
        (_("Made for"), f"{user.username} · {user.title}"),
        (_("In the post of"), "; ".join(one.post for one in reach(user))),
    ]
    set_ = [
        (_("Filter: %(name)s") % {"name": names[name]}, value) for name, value in filters.items() if value
    ]
    said += set_ or [(_("Filters"), _("none"))]
    if sealed := seal.latest():
        said += [(_("Journal sealed at"), sealed.minute), (_("Seal of the journal"), seal.short(sealed.root))]
    return said


def titles(listing: Listing) -> tuple[str, str]:
    return str(listing.name)[:31], str(Words("Thông tin", "Information"))


def book(
    place: Path,
    listing: Listing,
    user: User,
    operation: Operation,
    filters: Filters,
    done: Callable[[int], object],
) -> None:
    """Write the list to a workbook at `place`; `done` hears how far it is."""
    rows = listing.rows(user, operation, filters)
    xlsx(
        place,
        listing.columns(user),
        guarded(rows, user, done),
        titles=titles(listing),
        facts=facts(listing, user, operation, filters, queries.size(rows)),
    )
