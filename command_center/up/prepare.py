"""What has to be true of database, translations and static files before anything is served?"""

import hashlib
import os
from pathlib import Path
from typing import Any

import django
import polib
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from . import install, places, screen

LOCALE = install.ROOT / "locale"
STATIC = install.ROOT / "command_center" / "static"
LISTED_ACCOUNTS = 20


def main() -> None:
    translate()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "command_center.settings")
    django.setup()
    bring_tables_up()
    screen.flush()  # the demo draws its own bar
    call_command("load_demo", if_empty=True)
    list_accounts()
    collect()
    screen.flush()


def translate() -> None:
    """Compile what changed, without the gettext programs: most machines do not have them."""
    for source in LOCALE.glob("*/LC_MESSAGES/*.po"):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            fresh = compiled.with_suffix(f".{os.getpid()}")
            polib.pofile(str(source)).save_as_mofile(str(fresh))
            fresh.replace(compiled)


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


def list_accounts() -> None:
    """Note who can sign in, for the welcome."""
    users = get_user_model().objects.filter(is_active=True).order_by("pk")
    rows = users.values_list("username", "title")[:LISTED_ACCOUNTS]
    places.private(settings.VAR / "accounts", "".join(f"{name}\t{title}\n" for name, title in rows))


def collect() -> None:
    """Gather static files when ours or the installed packages changed."""
    stamp, now = Path(settings.VAR) / "static.sha256", _fingerprint()
    if stamp.exists() and stamp.read_text() == now and Path(settings.STATIC_ROOT).is_dir():
        return
    title = screen.words("Gom tệp tĩnh", "Collecting static files")
    with screen.bar(title, 1):
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(now)


def _fingerprint() -> str:
    digest = hashlib.sha256((install.ROOT / install.RUNTIME).read_bytes())
    for path in sorted(STATIC.rglob("*")):
        found = path.stat()
        digest.update(f"{path.relative_to(STATIC)} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
