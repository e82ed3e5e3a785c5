"""Does a list that is taken out and brought back as it is change anything?"""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Max
from django.urls import reverse

from command_center.imports import KINDS
from journal.models import Event
from sites.models import Site
from subcommittees.imports import jobs
from subcommittees.imports.models import Row
from subcommittees.models import Unit
from tests.pages import signed_in

NAMES = ["=1+1", "-5 Hàng Bạc", "'=x", "@ chợ", "＋ Trạm", 'Nhà "A"; tầng 2, cửa 1', "Điểm bầu cử 1 – Đền Đá"]


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize("listing", ["sites", "units"])
def test_what_comes_back_as_it_went_changes_nothing(cast, listing, suffix, language):
    by = cast.sonla_staff if listing == "sites" else cast.secretary
    for number, name in enumerate(NAMES, 20):
        Site.objects.create(
            code=f"14-03646-{number:03d}", number=number, name=name, unit=cast.unit.tohieu,
            lat=21.345678901234, lon=103.9 + number / 7, early=number % 2 == 0,
            kind="island" if number % 3 else "regular",
        )  # fmt: skip
    Unit.objects.filter(pk=cast.unit.tohieu.pk).update(lat=21.5, lon=103.25)
    client = signed_in(by)
    client.cookies["lang"] = language
    answer = client.get(
        reverse("export", args=[listing]) + f"?format={suffix}" + ("&all=1" if listing == "units" else "")
    )
    before = [list(model.objects.order_by("pk").values()) for model in (Site, Unit)]
    last = Event.objects.aggregate(Max("n"))
    file = SimpleUploadedFile(f"a.{suffix}", answer.getvalue())
    job = jobs.begin(by=by, operation=cast.operation, kind=KINDS[listing], file=file, file_name=f"a.{suffix}")
    while jobs.carry_on(str(job.pk), KINDS, 20):
        pass
    job.refresh_from_db()
    assert list(Row.objects.filter(of=job).exclude(faults=[]).values_list("cells", "faults")) == []
    assert (job.state, set(job.counts)) == ("done", {"good", "bad", "unchanged"}), (job.error, job.counts)
    assert job.counts["unchanged"] == (11 if listing == "sites" else 9)
    assert [list(model.objects.order_by("pk").values()) for model in (Site, Unit)] == before
    assert Event.objects.aggregate(Max("n")) == last
