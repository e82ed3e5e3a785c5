"""Who has answered for which site and unit, by when, and what is missing?"""

import uuid
from typing import Any

from django.db import models
from django.db.models import F, Q

from journal import clock
from journal.clock import Now
from sites import checklist
from subcommittees.words import Words

TRACKS = {
    "regular": Words("Bầu cử đúng ngày", "Election day"),
    "early": Words("Bỏ phiếu sớm", "Early voting"),
}
SOURCES = {
    "own": Words("Đơn vị tự báo cáo", "Own report"),
    "on_behalf": Words("Ghi hộ qua điện thoại", "Entered for a unit that telephoned"),
    "returned": Words("Cấp trên trả lại", "Sent back"),
}
KINDS = {
    "silent": Words("Chưa báo cáo", "No report"),
    "item": Words("Hạng mục chưa đạt", "Item not in order"),
    "inspection": Words("Kiểm tra phát hiện", "Found by inspection"),
}
# Who is being asked to mend it: the commune, then the province, then the ministry.
LEVELS = {
    0: Words("Công an cấp xã", "Commune"),
    1: Words("Công an cấp tỉnh", "Province"),
    2: Words("Bộ", "Ministry"),
}


def phases() -> list[tuple[str, Words]]:
    return list(checklist.PHASES.items())


class Slot(models.Model):
    """A moment by which everybody of a track must have answered; made from the calendar, and editable."""

    operation = models.ForeignKey("subcommittees.Operation", on_delete=models.PROTECT, related_name="+")
    track = models.CharField(max_length=10, default="regular")
    phase = models.CharField(max_length=10, choices=phases)
    opens_at = models.DateTimeField()
    due_at = models.DateTimeField()
    silent_at = models.DateTimeField()  # due and grace: who has not answered now is silent
    closes_at = models.DateTimeField()
    remind_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)
    planned_at = models.DateTimeField(
        db_default=Now()
    )  # what had run out before it was planned is not judged

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["operation", "track", "due_at"], name="slot_once"),
            models.CheckConstraint(
                condition=Q(
                    opens_at__lt=F("due_at"), due_at__lte=F("silent_at"), silent_at__lte=F("closes_at")
                ),
                name="slot_in_order",
            ),
        ]
        indexes = [models.Index(fields=["silent_at"], name="slot_silent")]


class SiteReport(models.Model):
    """What was said of one site for one slot; a correction is another revision, nothing is written over."""

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="+")
    path = models.CharField(max_length=100, db_collation="C")
    revision = models.PositiveSmallIntegerField(default=1)
    source = models.CharField(max_length=10, default="own")
    level = models.PositiveSmallIntegerField(
        default=0, db_default=0
    )  # from where its answers were given: LEVELS
    answers = models.CharField(max_length=100)  # packed by place: sites/checklist.py
    local = models.JSONField(null=True)  # answers to items of one province and operation, by their id
    reasons = models.JSONField(null=True)  # why an answer was sent back, by item
    note = models.CharField(max_length=1000, default="")
    verdict = models.CharField(max_length=12)
    late = models.BooleanField(default=False)
    at = models.DateTimeField()
    by = models.ForeignKey("subcommittees.User", on_delete=models.PROTECT, null=True, related_name="+")
    post = models.CharField(max_length=300)

    topic_of_all = "sites"

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["slot", "site", "revision"], name="site_report_once")]
        indexes = [models.Index(fields=["site", "-at"], name="site_report_site")]


class UnitReport(models.Model):
    """What a unit said of itself for one slot: numbers, and in order or not."""

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey("subcommittees.Unit", on_delete=models.PROTECT, related_name="+")
    path = models.CharField(max_length=100, db_collation="C")
    revision = models.PositiveSmallIntegerField(default=1)
    source = models.CharField(max_length=10, default="own")
    answers = models.JSONField(default=dict)
    numbers = models.JSONField(default=dict)
    reasons = models.JSONField(null=True)
    note = models.CharField(max_length=1000, default="")
    verdict = models.CharField(max_length=12)
    late = models.BooleanField(default=False)
    at = models.DateTimeField()
    by = models.ForeignKey("subcommittees.User", on_delete=models.PROTECT, null=True, related_name="+")
    post = models.CharField(max_length=300)

    topic_of_all = "sites"

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["slot", "unit", "revision"], name="unit_report_once")]


class UnitStatus(models.Model):
    """How a unit stands by its own last report, in one operation."""

    operation = models.ForeignKey("subcommittees.Operation", on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey("subcommittees.Unit", on_delete=models.PROTECT, related_name="+")
    path = models.CharField(max_length=100, db_collation="C")
    due = models.DateTimeField()  # of the slot last answered
    verdict = models.CharField(max_length=12)
    report = models.ForeignKey(UnitReport, on_delete=models.PROTECT, related_name="+")
    verified_at = models.DateTimeField(null=True)

    topic_of_all = "sites"

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["operation", "unit"], name="unit_status_once")]
        indexes = [models.Index(fields=["operation", "path", "due", "verdict"], name="unit_status_answers")]

    @property
    def key(self) -> str:
        return f"unit_readiness:{self.path}"

    @property
    def counted(self) -> dict[str, Any]:
        """Every column that any number of the product is counted from; what `after` says of a unit."""
        return {"path": self.path, "due": clock.wire(self.due), "verdict": self.verdict}


class DraftCell(models.Model):
    """An answer that somebody has typed and not yet handed in; gone when the site's report is filed."""

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey("sites.Site", on_delete=models.CASCADE, related_name="+")
    path = models.CharField(max_length=100, db_collation="C")
    item = models.CharField(max_length=20)  # a code of the checklist, or "note"
    value = models.CharField(max_length=1000)
    by = models.ForeignKey("subcommittees.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    topic_of_all = "sites"

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["slot", "site", "item"], name="draft_cell_once")]


class Inspection(models.Model):
    """What a higher level found at a site or a unit; it may contradict what that says of itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    operation = models.ForeignKey("subcommittees.Operation", on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey("subcommittees.Unit", on_delete=models.PROTECT, null=True, related_name="+")
    path = models.CharField(max_length=100, db_collation="C")
    answers = models.JSONField(default=dict)
    note = models.CharField(max_length=1000, default="")
    looked_at = models.DateTimeField()
    at = models.DateTimeField()
    by = models.ForeignKey("subcommittees.User", on_delete=models.PROTECT, related_name="+")
    post = models.CharField(max_length=300)

    topic_of_all = "sites"

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(site=None, unit__isnull=False) | Q(site__isnull=False, unit=None),
                name="inspection_of_one",
            )
        ]
        indexes = [models.Index(fields=["operation", "path", "-at"], name="inspection_path")]


class Finding(models.Model):
    """Something missing or wrong that stays open until it is mended: one, however often it is found."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    operation = models.ForeignKey("subcommittees.Operation", on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey("subcommittees.Unit", on_delete=models.PROTECT, null=True, related_name="+")
    path = models.CharField(max_length=100, db_collation="C")
    kind = models.CharField(max_length=10)
    item = models.CharField(max_length=20, default="")
    critical = models.BooleanField(default=False)
    slot = models.ForeignKey(
        Slot, on_delete=models.PROTECT, null=True, related_name="+"
    )  # where it was found
    opened_at = models.DateTimeField()
    level = models.PositiveSmallIntegerField(default=0)
    escalate_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_post = models.CharField(max_length=300, default="")

    topic_of_all = "sites"

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["operation", "site", "kind", "item"],
                condition=Q(closed_at=None, site__isnull=False),
                name="finding_of_site_once",
            ),
            models.UniqueConstraint(
                fields=["operation", "unit", "kind", "item"],
                condition=Q(closed_at=None, unit__isnull=False),
                name="finding_of_unit_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["operation", "path", "critical"], condition=Q(closed_at=None), name="finding_open"
            ),
            models.Index(
                fields=["operation", "-level", "-critical", "opened_at", "id"],
                condition=Q(closed_at=None),
                name="finding_worst",
            ),
            models.Index(fields=["escalate_at"], condition=Q(closed_at=None), name="finding_escalate"),
        ]

    @property
    def key(self) -> str:
        return f"finding:{self.pk}"

    @property
    def counted(self) -> dict[str, Any]:
        """Every column that any number of the product is counted from; what `after` says of a finding."""
        return {
            "path": self.path,
            "kind": self.kind,
            "critical": self.critical,
            "level": self.level,
            "open": self.closed_at is None,
        }


class Check(models.Model):
    """The one result of a scheduled check of a province at a slot; its numbers are those of that moment."""

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="checks")
    province = models.ForeignKey("subcommittees.Unit", on_delete=models.PROTECT, related_name="+")
    path = models.CharField(max_length=100, db_collation="C")
    ran_at = models.DateTimeField()
    late = models.BooleanField(default=False)  # the check itself came late
    ready = models.PositiveIntegerField()
    conditional = models.PositiveIntegerField()
    not_ready = models.PositiveIntegerField()
    silent = models.PositiveIntegerField()
    opened = models.PositiveIntegerField()
    closed = models.PositiveIntegerField()
    items = models.JSONField(default=dict)  # {item: sites not in order}
    units = models.JSONField(default=dict)  # {verdict: units}, at the slots of the regular track

    topic_of_all = "sites"

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["slot", "province"], name="check_once")]


class Reminder(models.Model):
    """That the communes of a province were reminded of a slot: once."""

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="+")
    province = models.ForeignKey("subcommittees.Unit", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["slot", "province"], name="reminder_once")]


class LocalItem(models.Model):
    """An item that one province asks for in one operation, besides the table."""

    operation = models.ForeignKey("subcommittees.Operation", on_delete=models.PROTECT, related_name="+")
    province = models.ForeignKey("subcommittees.Unit", on_delete=models.PROTECT, related_name="+")
    path = models.CharField(max_length=100, db_collation="C")
    name_vi = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, default="")
    phase = models.CharField(max_length=10, choices=phases)
    serves = models.CharField(max_length=10)
    critical = models.BooleanField(default=False)
    kind = models.CharField(max_length=20, default="")
    added_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    topic_of_all = "sites"

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["operation", "path"], name="local_item_path")]

    @property
    def item(self) -> checklist.Item:
        name = Words(self.name_vi, self.name_en or self.name_vi)
        return checklist.Item(f"x{self.pk}", self.phase, name, self.serves, self.critical, self.kind)
