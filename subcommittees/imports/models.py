"""What is kept of a file that somebody is bringing in?"""

import uuid

from django.db import models
from django.db.models import Q

from subcommittees.words import Words

STATES = {
    "reading": Words("Đang đọc tệp", "Reading the file"),
    "checked": Words("Đã kiểm tra, chờ nhập", "Checked, waiting for you"),
    "writing": Words("Đang nhập", "Importing"),
    "done": Words("Đã nhập xong", "Imported"),
    "refused": Words("Không nhập: tệp có dòng lỗi", "Not imported: some rows have errors"),
    "failed": Words("Không nhập được", "Failed"),
    "cancelled": Words("Đã hủy", "Cancelled"),
}
RUNNING = ("reading", "writing")
OUTCOMES = {
    "created": Words("thêm mới", "new"),
    "changed": Words("sửa", "changed"),
    "unchanged": Words("không đổi", "unchanged"),
    "bad": Words("lỗi", "with errors"),
}


class Import(models.Model):
    """A file and how far it has come. Only its sender sees it; what it did stands in the journal."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    operation = models.ForeignKey("subcommittees.Operation", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    by = models.ForeignKey("subcommittees.User", on_delete=models.PROTECT, related_name="+")
    path = models.CharField(max_length=100, db_collation="C")  # the sender's unit
    file_name = models.CharField(max_length=200)
    headers = models.JSONField(default=list)  # the texts above the columns, as they stand in the file
    header_row = models.PositiveIntegerField(default=0)
    mapping = models.JSONField(
        default=dict
    )  # column of ours: the header chosen for it; by hand or by its words
    by_hand = models.BooleanField(default=False)
    good_rows = models.BooleanField(default=False)  # take the good rows, or all rows or none
    dry_run = models.BooleanField(default=False)
    state = models.CharField(max_length=20, default="reading")
    total = models.PositiveIntegerField(default=0)
    written = models.PositiveIntegerField(default=0)
    reached = models.CharField(max_length=100, db_collation="C", default="")  # places up to here are written
    counts = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    error = models.JSONField(null=True)
    cancel_asked = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["beat_at"], condition=Q(state__in=RUNNING), name="import_running"),
            models.Index(fields=["by", "-created_at"], name="import_of"),
        ]

    @property
    def state_name(self) -> str:
        return str(STATES[self.state])

    @property
    def running(self) -> bool:
        return self.state in RUNNING


class Part(models.Model):
    """A piece of the file, until it is read."""

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="parts")
    n = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        db_table = "subcommittees_importpart"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["of", "n"], name="import_part_once")]


class Row(models.Model):
    """A row of the file: its cells as they came, what they mean and what is wrong with them.

    `faults` are `[column, code, shown]`: words are found when somebody reads them, in that reader's language.
    """

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows", db_index=False)
    n = models.PositiveIntegerField()
    key = models.CharField(max_length=100, db_collation="C")
    place = models.CharField(max_length=100, db_collation="C")
    cells = models.JSONField()
    said = models.JSONField()
    faults = models.JSONField(default=list)

    class Meta:
        db_table = "subcommittees_importrow"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["of", "n"], name="import_row_once")]
        indexes = [
            models.Index(fields=["of", "n"], condition=~Q(faults=[]), name="import_row_bad"),
            models.Index(fields=["of", "place"], name="import_row_place"),
        ]
