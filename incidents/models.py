"""What happened, and who answers for it?"""

import uuid

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q

from incidents import categories, states
from sites.models import Site
from subcommittees.models import Operation, Unit, User
from subcommittees.words import Words


class Incident(models.Model):
    """An incident at a polling site. Its id is random: a row number would tell how much happens elsewhere."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # db_index=False: another index begins with the column, or nobody asks by it.
    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="+", db_index=False)
    ref = models.CharField(max_length=20)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="incidents", db_index=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="incidents")
    path = models.CharField(max_length=100, db_collation="C")
    category = models.CharField(max_length=20, choices=categories.choices)
    topic = models.CharField(max_length=20)
    secrecy = models.SmallIntegerField(default=0)
    severity = models.SmallIntegerField()
    summary = models.CharField(max_length=2000, blank=True)
    search_key = models.TextField(editable=False, default="")
    state = models.CharField(max_length=20, choices=states.choices, default="reported")
    happened_at = models.DateTimeField()
    reported_at = models.DateTimeField()
    reported_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reported_post = models.CharField(max_length=300)
    answer_by = models.DateTimeField()
    unanswered_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    acknowledged_post = models.CharField(max_length=300, blank=True)
    moved_at = models.DateTimeField()
    moved_post = models.CharField(max_length=300)
    moved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["operation", "ref"], name="incident_ref_once"),
            models.CheckConstraint(condition=Q(severity__gte=1, severity__lte=4), name="incident_severity"),
        ]
        indexes = [
            models.Index(fields=["operation", "path", "-reported_at"], name="incident_path"),
            models.Index(
                fields=["operation", "-reported_at", "id"],
                include=["path", "topic", "secrecy"],  # who may see it: counted and paged without the rows
                name="incident_recent",
            ),
            models.Index(
                fields=["operation", "answer_by", "id"],
                condition=Q(state="reported"),
                name="incident_waiting",
            ),
            models.Index(
                fields=["answer_by"],
                condition=Q(state="reported", unanswered_at=None),
                name="incident_to_call_out",
            ),
            models.Index(
                fields=["operation", "path"],
                condition=~Q(state__in=["closed", "false_alarm"]),
                include=["severity", "state", "answer_by", "topic", "secrecy"],
                name="incident_open",
            ),
            models.Index(fields=["site", "category", "-reported_at"], name="incident_site"),
            GinIndex(SearchVector("search_key", config="simple"), name="incident_search"),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def state_name(self) -> Words:
        return states.STATES[self.state]

    @property
    def ended(self) -> bool:
        return self.state in states.ENDED
