"""What opens and what closes when a site is reported on?"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sites.models import Site
from sites.readiness import answers, escalation
from sites.readiness.models import Finding, SiteReport, Slot
from subcommittees.models import Operation

Open = dict[int, list[Finding]]


def standing(operation: Operation, sites: Iterable[int]) -> Open:
    """The silences and the items that are open at these sites."""
    found: Open = defaultdict(list)
    rows = Finding.objects.filter(
        operation=operation, site__in=list(sites), kind__in=["silent", "item"], closed_at=None
    )
    for row in rows.select_related("slot"):
        found[row.site_id or 0].append(row)
    return found


def items(known: Open, site: Site) -> list[str]:
    """The items that are open at this site."""
    return [row.item for row in known.get(site.pk, []) if row.kind == "item"]


def mend(
    operation: Operation,
    slot: Slot,
    reports: Sequence[SiteReport],
    known: Open,
    local: answers.Local,
) -> list[Finding]:
    """Open one for each item not in order; close what is in order or no longer asked, and silences before the slot."""
    closed: list[Finding] = []
    opened: list[Finding] = []
    for report in reports:
        said = answers.said(report)
        still = set()
        for row in known.get(report.site_id, []):
            if row.kind == "silent":
                over = row.slot is None or row.slot.due_at <= slot.due_at
            else:
                over = said.get(row.item) in {"ok", "na"} or not answers.line(row.item, report.site, local)
            if over:
                row.closed_at, row.closed_post = report.at, report.post
                closed.append(row)
            elif row.kind == "item":
                still.add(row.item)
        for item in answers.missing(report.site, slot.phase, local, said):
            if item.code not in still:
                climbs = escalation.climbs_at("item", slot.phase, 0, report.at) if item.critical else None
                opened.append(
                    Finding(
                        operation=operation, site=report.site, path=report.path, kind="item", item=item.code,
                        critical=item.critical, slot=slot, opened_at=report.at, escalate_at=climbs,
                    )
                )  # fmt: skip
    if closed:
        how = {"closed_at": closed[0].closed_at, "closed_post": closed[0].closed_post}
        Finding.objects.filter(pk__in=[row.pk for row in closed]).update(**how)
    Finding.objects.bulk_create(opened)
    return [*closed, *opened]
