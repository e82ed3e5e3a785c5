"""Who runs the clocks?"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "command_center.settings")

app = Celery("command_center")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["sites.checks"])
app.autodiscover_tasks(["command_center"], related_name="exporting")
app.autodiscover_tasks(["command_center"], related_name="calling")
