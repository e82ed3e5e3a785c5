"""What has to be true of database, translations and static files before anything is served?"""

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.management.commands import collectstatic
from django.core.management import BaseCommand, call_command
from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from command_center.demo import people
from command_center.up import install, places, screen, translations
from subcommittees.models import Unit, User

STATIC = install.ROOT / "command_center" / "static"
SHOWN_OFFICERS = ("sonla.trucban", "laocai.trucban", "thanhhoa.trucban")


class Command(BaseCommand):
    help = "Bring tables, demonstration, translations and static files up to date; `make up` calls it."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        translations.compile_changed()
        bring_tables_up()
        screen.flush()  # the demo draws its own bar
        call_command("load_demo", if_empty=True)
        give_password()
        list_accounts()
        collect()
        screen.flush()


def bring_tables_up() -> None:
    executor = MigrationExecutor(connections["owner"])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return
    with screen.bar(screen.words("Cập nhật bảng", "Updating tables"), len(plan)) as bar:

        class Migrate(migrate.Command):
            def migration_progress_callback(self, action: str, *_: Any, **__: Any) -> None:
                if action == "apply_success":
                    bar.step()

        call_command(Migrate(), database="owner", interactive=False, verbosity=0)


def give_password() -> None:
    """Let the demo's accounts have the password that is announced, also where another was chosen since."""
    note, wanted = settings.VAR / "demo-password", people.password()
    if note.exists() and note.read_text(encoding="utf-8").strip() != wanted:
        provinces = list(Unit.objects.filter(kind=Unit.Kind.PROVINCE))
        names = [account.username for account in people.accounts(provinces)]
        User.objects.filter(username__in=names).update(password=make_password(wanted))
    places.private(note, wanted)


def list_accounts() -> None:
    """Note for the welcome who can sign in."""
    shown = [*(account.username for account in people.NAMED), *SHOWN_OFFICERS]
    users = User.objects.filter(username__in=shown, is_active=True).order_by("pk")
    rows = "".join(f"{name}\t{title}\n" for name, title in users.values_list("username", "title"))
    places.private(settings.VAR / "accounts", rows)


def collect() -> None:
    """Gather static files when ours or the installed packages changed."""
    stamp, now = Path(settings.VAR) / "static.sha256", _fingerprint()
    if stamp.exists() and stamp.read_text() == now and Path(settings.STATIC_ROOT).is_dir():
        return
    files = sum(1 for finder in finders.get_finders() for _ in finder.list([]))
    with screen.bar(screen.words("Gom tệp tĩnh", "Collecting static files"), 2 * files) as bar:

        class Collect(collectstatic.Command):
            def log(self, msg: str, level: int = 2) -> None:  # each file is copied, then hashed
                bar.step()

        call_command(Collect(), interactive=False, verbosity=0, clear=True)
    stamp.write_text(now)


def _fingerprint() -> str:
    digest = hashlib.sha256((install.ROOT / install.RUNTIME).read_bytes())
    for path in sorted(STATIC.rglob("*")):
        found = path.stat()
        digest.update(f"{path.relative_to(STATIC)} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
