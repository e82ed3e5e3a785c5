"""Can every text that a reader meets be read in Vietnamese?"""

import gc
import importlib
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import django
import polib
from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from command_center.translatable import SUFFIXES, Text, texts
from subcommittees.words import Words

CATALOGUE = settings.LOCALE_PATHS[0] / "vi/LC_MESSAGES/django.po"
PACKAGES = Path(django.__file__).parent.parent
HEADER = {
    "Language": "vi",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}
# Texts of others that no reader of ours can meet.
CLOSED = (
    # Names for an admin site; there is none.
    "*/admin.py",
    "*/apps.py",
    "guardian/*",
    # Parts of Django that are not installed.
    "django/contrib/admin/*",
    "django/contrib/admindocs/*",
    "django/contrib/flatpages/*",
    "django/contrib/gis/*",
    "django/contrib/postgres/*",
    "django/contrib/redirects/*",
    "django/contrib/sites/*",
    # Doors of allauth that do not exist here; the pages behind the open ones are our own.
    "allauth/headless/*",
    "allauth/idp/*",
    "allauth/mfa/*",
    "allauth/socialaccount/*",
    "allauth/templates/*",
    "allauth/usersessions/*",
    # Refusals of Django's own views: our error pages say them instead.
    "django/views/*",
    "django/contrib/contenttypes/views.py",
    # DRF's browsable pages: the API speaks JSON only.
    "rest_framework/templates/*",
)
VIETNAMESE = re.compile("[À-ÃÈ-ÊÌÍÒ-ÕÙÚÝà-ãè-êìíò-õùúýĂăĐđĨĩŨũƠơƯưẠ-ỹ]")
# %(name)s, %s, {name}; "%%" is a percent sign.
PLACEHOLDER = re.compile(r"%%|%\(\w+\)\.?\d*[a-z]|%[a-z]|\{[\w:]*\}")


class Command(BaseCommand):
    help = (
        "Name every text without Vietnamese: ours, and what Django and the installed apps show. --update writes "
        "the missing ones into the catalogue as empty entries and drops those that nothing shows any more."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--update", action="store_true")

    def handle(self, *args: Any, update: bool, **options: Any) -> None:
        ours, theirs = list(our_texts()), list(their_texts())
        catalogue = polib.pofile(str(CATALOGUE)) if CATALOGUE.exists() else polib.POFile()
        if update:
            catalogue = refresh(catalogue, ours, theirs)
            catalogue.save(str(CATALOGUE))
        wrong = [*faults(catalogue, ours, theirs), *wordless()]
        for one in wrong:
            self.stderr.write(one)
        if wrong:
            raise CommandError(f"{len(wrong)} texts to mend in {CATALOGUE.relative_to(settings.BASE_DIR)}")
        self.stdout.write(f"{len(catalogue)} entries, every text has its Vietnamese")


def our_roots() -> list[Path]:
    roots = sorted(Path(app.path) for app in apps.get_app_configs())
    return [one for one in roots if settings.BASE_DIR in one.parents and PACKAGES not in one.parents]


def our_texts() -> Iterator[Text]:
    for root in our_roots():
        yield from read(root, settings.BASE_DIR)


def their_texts() -> Iterator[Text]:
    for package in sorted({app.name.partition(".")[0] for app in apps.get_app_configs()}):
        if (PACKAGES / package).is_dir():
            yield from (one for one in read(PACKAGES / package, PACKAGES) if one.singular)


def read(root: Path, base: Path) -> Iterator[Text]:
    for path in sorted(root.rglob("*")):
        name = path.relative_to(base).as_posix()
        if path.suffix in SUFFIXES and not any(fnmatch(name, one) for one in CLOSED):
            yield from texts(path, name)


def their_vietnamese() -> set[tuple[str, str]]:
    """What Django and the installed apps bring along in Vietnamese, not left as it is in English."""
    roots = [PACKAGES / "django/conf", *(Path(app.path) for app in apps.get_app_configs())]
    found = [polib.mofile(str(one)) for root in roots for one in root.glob("locale/vi/LC_MESSAGES/django.mo")]
    return {
        key(entry) for catalogue in found for entry in catalogue if said(entry) not in ([], [entry.msgid])
    }


def key(entry: Any) -> tuple[str, str]:
    return entry.msgctxt or "", entry.msgid


def said(entry: Any) -> list[str]:
    """Its Vietnamese, plurals included; empty where any is missing."""
    forms = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    return forms if all(forms) else []


def wanted(ours: Iterable[Text], theirs: Iterable[Text]) -> dict[tuple[str, str], Text]:
    """What the catalogue must hold: ours, and theirs where they bring no Vietnamese."""
    brought = their_vietnamese()
    found: dict[tuple[str, str], Text] = {}
    for text in [*(one for one in theirs if one.key not in brought), *ours]:
        if text.singular and (text.key not in found or text.plural or not found[text.key].plural):
            found[text.key] = text
    return found


def faults(catalogue: polib.POFile, ours: list[Text], theirs: list[Text]) -> Iterator[str]:
    needed = wanted(ours, theirs)
    shown = {text.key: text for text in [*theirs, *ours]} | needed
    held = {key(entry) for entry in catalogue if not entry.obsolete}
    for text in ours:
        if not text.singular:
            yield f"{text.file}: a text that is put together at run time cannot be translated"
        if VIETNAMESE.search(text.singular):
            yield f"{text.file}: not in English: {text.singular!r}"
    for one in sorted(needed.keys() - held):
        yield f"{needed[one].file}: not in the catalogue: {needed[one].singular!r}"
    for entry in catalogue:
        if entry.obsolete or key(entry) not in shown:
            yield f"nothing shows it any more: {entry.msgid!r}"
        elif wrong := fault(entry, shown[key(entry)]):
            yield f"{wrong}: {entry.msgid!r}"


def fault(entry: polib.POEntry, text: Text) -> str:
    if entry.fuzzy:
        return "fuzzy"
    if text.plural != entry.msgid_plural:
        return "another plural than in the source"
    forms = said(entry)
    if not forms:
        return "no Vietnamese"
    sources = [placeholders(one) for one in (entry.msgid, entry.msgid_plural or entry.msgid)]
    if any(placeholders(form) not in sources for form in forms):
        return "other placeholders than in the source"
    return ""


def placeholders(text: str) -> list[str]:
    return sorted(one for one in PLACEHOLDER.findall(text) if one != "%%")


def wordless() -> Iterator[str]:
    """Names of the domain's tables that lack a language, or have Vietnamese where English belongs."""
    for path in [path for root in our_roots() for path in root.rglob("*.py")]:
        if "Words(" in path.read_text(encoding="utf-8"):
            importlib.import_module(".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts))
    for words in [one for one in gc.get_objects() if type(one) is Words]:
        if not (words.vi.strip() and words.en.strip()) or VIETNAMESE.search(words.en):
            yield f"not in both languages: {words!r}"


def refresh(catalogue: polib.POFile, ours: list[Text], theirs: list[Text]) -> polib.POFile:
    """The same catalogue with exactly what is shown, sorted by text, without the numbers of lines."""
    shown = {text.key for text in [*ours, *theirs]}
    needed = wanted(ours, theirs)
    held = {key(entry): entry for entry in catalogue if not entry.obsolete and key(entry) in shown}
    own = {text.key for text in ours}
    for one, text in needed.items():
        if one not in held or (held[one].msgid_plural or "") != text.plural:
            plural = {"msgid_plural": text.plural, "msgstr_plural": {0: ""}} if text.plural else {}
            held[one] = polib.POEntry(msgid=text.singular, msgctxt=text.context or None, **plural)
    origin = {text.key: text.file.partition("/")[0] for text in theirs}
    fresh = polib.POFile(wrapwidth=0)
    fresh.metadata = HEADER
    for one, entry in sorted(held.items(), key=lambda item: (item[0][1].casefold(), *item[0])):
        entry.comment = "" if one in own else origin[one]
        entry.occurrences = []
        fresh.append(entry)
    return fresh
