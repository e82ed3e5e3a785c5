"""Where is voted?"""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q

from journal import clock
from sites import states
from sites.readiness.models import (  # noqa: F401  # tables of this app
    Check,
    DraftCell,
    Finding,
    Inspection,
    LocalItem,
    Reminder,
    SiteReport,
    Slot,
    UnitReport,
    UnitStatus,
)
from subcommittees.models import Operation, Unit
from subcommittees.vietnamese import fold, sort_key


class Site(models.Model):
    """A polling area (khu vực bỏ phiếu): fixed data, the same in every operation."""

    code = models.CharField(max_length=20, unique=True)
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="sites")
    path = models.CharField(max_length=100, db_collation="C")
    kind = models.CharField(max_length=20, choices=states.kind_choices, default="regular")
    early = models.BooleanField(default=False)
    lat = models.FloatField()
    lon = models.FloatField()
    sort_key = models.CharField(max_length=400, db_collation="C", editable=False)
    search_key = models.CharField(max_length=400, editable=False)

    topic_of_all = "sites"

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["unit", "number"], name="site_number_once")]
        indexes = [
            models.Index(fields=["path", "number"], name="site_path"),
            models.Index(fields=["sort_key", "id"], name="site_sort"),
            models.Index(fields=["id"], condition=Q(early=True), name="site_early"),
            GinIndex(SearchVector("search_key", config="simple"), name="site_search"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **options: Any) -> None:
        self.set_keys(self.unit, self.unit.parent)
        super().save(*args, **options)

    def set_keys(self, commune: Unit, province: Unit | None) -> None:
        self.path = commune.path
        self.sort_key = key_to_sort(commune, self.number, self.name)
        self.search_key = key_to_search(commune, province, self.name, self.code)


def key_to_sort(commune: Unit, number: int, name: str) -> str:
    return f"{commune.path}{number:05d} {sort_key(name)}"[:400]


def key_to_search(commune: Unit, province: Unit | None, name: str, code: str) -> str:
    return fold(f"{name} {commune.name} {province.short if province else ''} {code}")[:400]


class SiteStatus(models.Model):
    """What changes about a site, in one operation."""

    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="statuses")
    path = models.CharField(max_length=100, db_collation="C")
    state = models.CharField(max_length=20, choices=states.state_choices, default="unsurveyed")
    since = models.DateTimeField()
    moved_post = models.CharField(max_length=300, default="")  # who let it be so
    # The last slot that was answered (its due time), and how: None before the first report.
    due = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=12, default="")
    report = models.ForeignKey(SiteReport, on_delete=models.PROTECT, null=True, related_name="+")
    verified_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)  # of the poll, where it was extended (Điều 71: at most 21:00)
    venue = models.CharField(max_length=200, default="")  # where is voted instead, after a relocation
    zone_from = models.DateTimeField(null=True)  # the temporary protected zone
    zone_until = models.DateTimeField(null=True)

    topic_of_all = "sites"

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["operation", "site"], name="site_status_once")]
        indexes = [
            models.Index(fields=["operation", "path", "state"], name="site_status_path"),
            models.Index(fields=["operation", "path", "due", "verdict", "site"], name="site_status_answers"),
        ]

    @property
    def counted(self) -> dict[str, Any]:
        """Every column that any number of the product is counted from; what `after` says of a site."""
        return {
            "path": self.path,
            "state": self.state,
            "due": clock.wire(self.due),
            "verdict": self.verdict,
        }

    @property
    def state_name(self) -> str:
        return str(states.STATES[self.state])
