"""Where is voted?"""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models

from sites import states
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
            GinIndex(SearchVector("search_key", config="simple"), name="site_search"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **options: Any) -> None:
        self.set_keys(self.unit, self.unit.parent)
        super().save(*args, **options)

    def set_keys(self, commune: Unit, province: Unit | None) -> None:
        self.path = commune.path
        self.sort_key = f"{self.path}{self.number:05d} {sort_key(self.name)}"[:400]
        above = f"{commune.name} {province.short if province else ''}"
        self.search_key = fold(f"{self.name} {above} {self.code}")[:400]


class SiteStatus(models.Model):
    """What changes about a site, in one operation."""

    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="statuses")
    path = models.CharField(max_length=100, db_collation="C")
    state = models.CharField(max_length=20, choices=states.state_choices, default="unsurveyed")
    since = models.DateTimeField()

    topic_of_all = "sites"

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["operation", "site"], name="site_status_once")]
        indexes = [models.Index(fields=["operation", "path", "state"], name="site_status_path")]

    @property
    def state_name(self) -> str:
        return str(states.STATES[self.state])
