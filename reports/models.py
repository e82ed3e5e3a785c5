"""Which files are being made for somebody?"""

import secrets

from django.db import models

from subcommittees.words import Words

STATES = {
    "waiting": Words("Đang chờ", "Waiting"),
    "making": Words("Đang tạo tệp", "Being made"),
    "ready": Words("Đã xong", "Ready"),
    "withdrawn": Words("Đã dừng: quyền hạn vừa thay đổi", "Stopped: your authority has just changed"),
    "failed": Words("Không tạo được tệp", "The file could not be made"),
}


def new_token() -> str:
    return secrets.token_urlsafe(32)


class Export(models.Model):
    """A list that becomes a file for one person and for nobody else; after a short while it is gone.

    `run` counts the attempts: a worker that was taken for dead cannot finish what another has begun again.
    """

    token = models.CharField(max_length=43, primary_key=True, default=new_token)
    person = models.BigIntegerField()
    operation = models.CharField(max_length=50)
    listing = models.CharField(max_length=20)
    filters = models.JSONField(default=dict)
    language = models.CharField(max_length=5)
    reach = models.TextField()
    file_name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, default="waiting")
    run = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    size = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["ends_at"], name="export_ends")]

    @property
    def state_name(self) -> Words:
        return STATES[self.state]


class Part(models.Model):
    """A piece of the finished file: any web process can hand it out, whichever host the worker was on."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="parts")
    run = models.PositiveIntegerField()
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["export", "run", "number"], name="export_part_once")]
