"""How does it look? `make screenshots` fills docs/screenshots/ from the demonstration at national scale."""

import os
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "screenshots"

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "command_center.settings")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in this thread
django.setup()

# Only a Django that is set up lets its models be imported.
from django.core.management import call_command  # noqa: E402

from command_center.imports import KINDS  # noqa: E402
from command_center.up import binaries, screen, translations  # noqa: E402
from incidents import actions  # noqa: E402
from sites.models import Site  # noqa: E402
from subcommittees.imports import jobs  # noqa: E402
from subcommittees.models import Operation, User  # noqa: E402
from tests.journeys import sheets, stage  # noqa: E402
from tests.journeys.browser import OFFICE, PHONE, WALL, Seat, Size, chromium, sit  # noqa: E402


@dataclass(frozen=True)
class Picture:
    name: str
    user: str
    path: str
    size: Size = OFFICE
    options: dict[str, Any] = field(default_factory=dict)
    tapped: tuple[str, ...] = ()


PICTURES = (
    Picture(
        "nation", "bo.trucban", "/", WALL, {"device_scale_factor": 0.85}
    ),  # light enough for a repository
    Picture("nation-dark", "bo.trucban", "/", WALL, {"device_scale_factor": 0.85, "theme": "dark"}),
    Picture("province", "sonla.trucban", "/"),
    Picture("province-english", "sonla.trucban", "/", OFFICE, {"language": "en"}),
    Picture("incident", "sonla.trucban", "/incidents/{fire}/"),
    Picture("commune-phone", "sonla.tohieu", "/", PHONE),
    Picture(
        "report-phone",
        "sonla.tohieu",
        "/report/",
        PHONE,
        tapped=(".kind:has([value=FIRE])", ".grade:has([value='3'])"),
    ),
    Picture("sites", "sonla.trucban", "/sites/?q=bau+cu+12+to+hieu"),
    Picture("import", "bo.thuky", "{file}"),
    Picture("import-phone", "bo.thuky", "{file}", PHONE, {"language": "en", "theme": "dark"}),
    Picture("readiness", "bo.trucban", "/readiness/vn/", WALL, {"device_scale_factor": 0.85}),
    Picture("readiness-province", "sonla.trucban", "/readiness/vn/14/"),
    Picture("readiness-why", "sonla.trucban", "/readiness/vn/14/why/"),
    Picture("grid", "sonla.tohieu", "/readiness/vn/14/03646/grid/", tapped=("button[value=ok]",)),
    Picture(
        "grid-phone", "sonla.tohieu", "/readiness/vn/14/03646/grid/", PHONE, tapped=("button[value=ok]",)
    ),
    Picture("style", "bo.trucban", "/style/"),
)


def load() -> dict[str, str]:
    """The demonstration, a fire of today that several officers have worked on, and a file that waits to be imported."""
    translations.compile_changed()
    call_command("migrate", database="owner", verbosity=0)
    call_command("load_demo")
    screen.flush()
    officer, duty = (User.objects.get(username=f"sonla.{name}") for name in ("tohieu", "trucban"))
    operation = Operation.objects.get(current=True)
    sites = Site.objects.filter(path="vn/14/03646/").order_by("number")
    fire = actions.report(
        by=officer,
        operation=operation,
        site=sites[4],
        category="FIRE",
        severity=3,
        summary="Khói bốc ra từ bếp sau hội trường, đã sơ tán cử tri ra sân.",
    )
    for verb, given in [
        ("acknowledge", {}),
        ("verify", {"text": "Gọi lại xác nhận: cháy nhỏ ở ống khói, chưa lan."}),
        ("note", {"text": "Xe chữa cháy đã xuất phát, dự kiến 9 phút tới nơi."}),
        ("respond", {"text": "Tổ chữa cháy cơ sở đã khống chế."}),
    ]:
        fire = actions.act(verb, by=duty, incident=fire, **given)
    actions.report(
        by=officer,
        operation=operation,
        site=sites[1],
        category="POWER",
        severity=2,
        summary="Mất điện toàn điểm, máy phát chạy được khoảng hai giờ.",
    )
    return {"fire": str(fire.pk), "file": brought(operation)}


def brought(operation: Operation) -> str:
    """The address of a file of sites, read and checked, with what a province gets wrong."""
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder:
        path = sheets.messy(Path(folder) / "Điểm bầu cử Sơn La – bản gửi lần 2.xlsx")
        with path.open("rb") as file:
            job = jobs.begin(
                by=User.objects.get(username="bo.thuky"),
                operation=operation,
                kind=KINDS["sites"],
                file=file,
                file_name=path.name,
                mapping=sheets.MAPPING,
                dry_run=True,
            )
    while jobs.carry_on(str(job.pk), KINDS, 20):
        pass
    return f"/import/sites/{job.pk}/"


def take(seat: Seat, picture: Picture, addresses: dict[str, str]) -> None:
    seat.open(picture.path.format(**addresses))
    for selector in picture.tapped:
        seat.find(selector).first.click()
    seat.page.evaluate("scrollTo(0, 0)")
    seat.page.wait_for_timeout(1200)  # one tick of the clocks
    seat.page.screenshot(path=FOLDER / f"{picture.name}.png")


def main() -> None:
    if not binaries.chromium():
        sys.exit(1)  # who started this says loudly what is missing
    wanted = [one for one in PICTURES if one.name in (sys.argv[1:] or [picture.name for picture in PICTURES])]
    FOLDER.mkdir(parents=True, exist_ok=True)
    addresses = load()
    title = screen.words("Chụp màn hình", "Taking pictures")
    with stage.raised() as house, chromium() as browser, screen.bar(title, len(wanted)) as bar:
        for picture in wanted:
            user = User.objects.get(username=picture.user)
            seat = sit(browser, house.base, user, picture.size, **picture.options)
            take(seat, picture, addresses)
            seat.close()
            bar.step()


if __name__ == "__main__":
    main()
