"""Does a file come in whole when the worker that reads it is killed in the middle?"""

import time

import pytest
from django.db import connection

from command_center.imports import KINDS
from journal.models import Event
from sites.models import Site
from subcommittees.imports import jobs
from subcommittees.imports.models import Import, Row
from tests.journeys import stage as stages

HEAD = "Mã điểm;Tên điểm;Mã xã;Số khu vực;Vĩ độ;Kinh độ\n"
ROWS = 12_000
COMMUNES = [("14", "03646"), ("14", "03664"), ("15", "03006"), ("15", "02839")]


def until(done, seconds=90.0):
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)
    connection.close()


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_killed_worker_is_replaced_and_nothing_is_lost_or_doubled(committed, tmp_path):
    """Killed while it reads, and killed again while it writes: another one ends it, with one event a commune."""
    path = tmp_path / "nation.csv"
    with path.open("w") as file:
        file.write(HEAD)
        for n in range(ROWS):
            province, commune = COMMUNES[n % 4]
            file.write(f"{province}-{commune}-{n + 100};Nhà văn hóa {n};{commune};{n + 100};21,3;103,9\n")
    with path.open("rb") as file:
        job = jobs.begin(
            by=committed.secretary,
            operation=committed.operation,
            kind=KINDS["sites"],
            file=file,
            file_name="a.csv",
        )

    def now():
        return Import.objects.get(pk=job.pk)

    with stages.raised() as stage:
        stage.start("worker", "beat")
        until(lambda: now().total > 0)
        assert now().state == "reading"
        stage.kill("worker")
        stage.start("worker")
        until(lambda: now().state == "writing" or now().written)
        stage.kill("worker")
        stage.start("worker")
        until(lambda: not now().running)
    job = now()
    assert (job.state, job.counts) == ("done", {"good": ROWS, "bad": 0, "created": ROWS}), job.error
    assert Site.objects.filter(name__startswith="Nhà văn hóa").count() == ROWS
    assert Row.objects.filter(of=job).count() == ROWS
    touched = list(Event.objects.filter(verb="site.imported").values_list("path", flat=True))
    assert sorted(touched) == ["vn/14/03646/", "vn/14/03664/", "vn/15/02839/", "vn/15/03006/"]
