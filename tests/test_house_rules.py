"""Does the source keep the laws of the house?"""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import get_resolver

from tests.doors import walk

ROOT = Path(__file__).parent.parent
FLOORS = ("journal", "subcommittees", "sites", "incidents", "reports", "command_center")
# In import order inside an app; a file may import only files of a lower rank.
RANK = {"models": 1, "queries": 2, "actions": 3, "serializers": 4, "views": 5, "urls": 6}
UNWANTED = {
    "services", "managers", "helpers", "utils", "common", "core", "base", "mixins", "constants", "signals", "handlers",
}  # fmt: skip
LONGEST = 400
SOURCES = sorted(
    path
    for floor in FLOORS
    for path in (ROOT / floor).rglob("*.py")
    if "migrations" not in path.parts and "__pycache__" not in path.parts
)
TESTS = sorted((ROOT / "tests").rglob("*.py"))
ACTIONS = [path for path in SOURCES if path.name == "actions.py"]
TEMPLATES = sorted((ROOT / "command_center/templates").rglob("*.html"))
STATIC = sorted(path for path in (ROOT / "command_center/static").rglob("*") if path.is_file())


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything imported below `node`: `from a import b` is `a.b`."""
    for one in ast.walk(node):
        if isinstance(one, ast.Import):
            yield from ((one.lineno, alias.name) for alias in one.names)
        elif isinstance(one, ast.ImportFrom):
            yield from (
                (one.lineno, f"{'.' * one.level}{one.module or ''}.{alias.name}") for alias in one.names
            )


def calls(node: ast.AST) -> set[str]:
    return {ast.unparse(one.func) for one in ast.walk(node) if isinstance(one, ast.Call)}


def functions(path: Path) -> list[ast.FunctionDef]:
    return [one for one in tree(path).body if isinstance(one, ast.FunctionDef)]


def strings(path: Path) -> Iterator[str]:
    """The texts of a module, without its docstrings."""
    documents = {
        id(one.body[0].value)
        for one in ast.walk(tree(path))
        if isinstance(one, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and one.body
        and isinstance(one.body[0], ast.Expr)
    }
    for one in ast.walk(tree(path)):
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and id(one) not in documents:
            yield one.value


def where(found: Callable[[Path], bool], paths: list[Path] = SOURCES) -> set[str]:
    return {name(path) for path in paths if found(path)}


def test_every_floor_is_known():
    assert {app.name for app in apps.get_app_configs() if (ROOT / app.name).is_dir()} == set(FLOORS)


def test_no_import_goes_up_or_sideways():
    wrong = []
    for path in SOURCES:
        floor = FLOORS.index(path.relative_to(ROOT).parts[0])
        for line, dotted in imports(tree(path)):
            top = dotted.split(".")[0]
            if top == "tests" or (top in FLOORS and FLOORS.index(top) > floor):
                wrong.append(f"{name(path)}:{line} {dotted}")
    assert wrong == []


def test_inside_an_app_nouns_come_before_verbs_before_doors():
    wrong = []
    for path in SOURCES:
        if path.stem not in RANK or path.parent.name not in FLOORS:
            continue
        own = {f"{path.parent.name}.{other}" for other, rank in RANK.items() if rank >= RANK[path.stem]}
        wrong += [
            f"{name(path)}:{line} {dotted}"
            for line, dotted in imports(tree(path))
            if any(dotted == one or dotted.startswith(f"{one}.") for one in own)
        ]
    assert wrong == []


def test_no_import_inside_a_function():
    wrong = [
        f"{name(path)}:{line}"
        for path in SOURCES + TESTS
        for one in ast.walk(tree(path))
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
        for line, _ in imports(one)
    ]
    assert wrong == []


def test_events_are_written_in_one_place():
    def writes(path: Path) -> bool:
        made = {"Event", "Entry", "Event.objects.create", "Event.objects.bulk_create", "Entry.objects.create"}
        sql = r"(?i)(INSERT\s+INTO|COPY|UPDATE|DELETE\s+FROM)\s+\"?journal_(event|entry|head)\b"
        return bool(calls(tree(path)) & made) or any(re.search(sql, text) for text in strings(path))

    assert where(writes) == {"journal/log.py"}


def test_events_are_sent_from_one_place():
    """Only the tail calls `hand`; the socket beside it writes what it replays for one viewer."""
    assert where(lambda path: any(one.endswith(".hand") for one in calls(tree(path)))) == {"journal/tail.py"}
    assert where(lambda path: any("nudge.send" in one for one in calls(tree(path)))) == {"journal/log.py"}


def test_no_model_signals():
    assert (
        where(lambda path: any("signals" in dotted.split(".") for _, dotted in imports(tree(path)))) == set()
    )


def test_nothing_of_django_that_the_house_leaves_out():
    assert not {"django.contrib.sites", "django.contrib.admin"} & set(settings.INSTALLED_APPS)
    assert settings.ANONYMOUS_USER_NAME is None
    assert not hasattr(settings, "CHANNEL_LAYERS")


def test_guardian_grants_stand_on_units_only():
    def grants(path: Path) -> bool:
        return any(one.split(".")[-1] in {"assign_perm", "remove_perm"} for one in calls(tree(path)))

    allowed = {"subcommittees/actions.py", "command_center/demo/people.py"}
    assert where(grants) <= allowed
    models = [one for one in apps.get_models() if one.__mro__[1].__name__ == "UserObjectPermissionBase"]
    assert [
        (one.__name__, one._meta.get_field("content_object").related_model.__name__) for one in models
    ] == [("Grant", "Unit")]


@pytest.mark.parametrize("path", ACTIONS, ids=name)
def test_an_action_is_keyword_only_and_says_who_acts(path):
    wrong = []
    for one in functions(path):
        if one.name.startswith("_"):
            continue
        given = [argument.arg for argument in one.args.args]
        more = [argument.arg for argument in one.args.kwonlyargs]
        # `act(verb, *, by, …)` chooses the verb of a table: its name is what it is called with.
        if given != (["verb"] if one.name == "act" else []) or "by" not in more:
            wrong.append(one.name)
    assert wrong == []


# What leaves nothing to tell: rows that are over are swept away, and what is typed is nobody's word until it is filed.
UNTOLD = {("subcommittees", "tidy"), ("grid", "save")}
OWN_ACCOUNT = {
    "renew_token",
    "withdraw_token",
    "change_own_password",
    "spend_card",
}  # everybody may, and only on themselves


@pytest.mark.parametrize("path", ACTIONS, ids=name)
def test_an_action_requires_a_right_and_records_in_one_transaction(path):
    """By itself, or through the one private function of its file that does."""
    private = {one.name: one for one in functions(path) if one.name.startswith("_")}
    wrong = []
    for one in functions(path):
        if one.name.startswith("_") or one.name in OWN_ACCOUNT | {"act"}:
            continue
        body = [one, *(private[call] for call in calls(one) if call in private)]
        said = set().union(*(calls(part) for part in body))
        atomic = any("atomic" in ast.unparse(mark) for part in body for mark in part.decorator_list)
        recorded = {"record", "record_all", "_record"} & said or (path.parent.name, one.name) in UNTOLD
        if "require" not in said or not atomic or not recorded:
            wrong.append(one.name)
    assert wrong == []


def test_one_function_moves_an_incident():
    moving = {
        one.name
        for one in functions(ROOT / "incidents/actions.py")
        for node in ast.walk(one)
        if isinstance(node, ast.Attribute) and node.attr == "state" and isinstance(node.ctx, ast.Store)
    }
    assert moving == {"_move"}
    assert where(lambda path: "state = " in path.read_text() and path.parts[-2] == "incidents") <= {
        "incidents/actions.py", "incidents/models.py", "incidents/queries.py", "incidents/serializers.py",
    }  # fmt: skip


def test_the_deferred_numbering_is_forced_in_tests_only():
    assert where(lambda path: any("SET CONSTRAINTS" in text.upper() for text in strings(path))) == set()


def test_time_is_the_clock_of_the_journal():
    """The process's clock and the database's own are for what is not the product's time."""
    allowed = {
        "journal/clock.py",
        "journal/models.py",  # when a sweep really ran
        "journal/queries.py",  # how long ago that really is
        "command_center/live/viewers.py",  # sessions expire in Django's time
        "subcommittees/lockout.py",
    }

    def reads_another_clock(path: Path) -> bool:
        called = {one for one in calls(tree(path)) if not one.startswith(("clock.", "time.monotonic"))}
        python = {
            "timezone.now",
            "datetime.now",
            "dt.datetime.now",
            "date.today",
            "dt.date.today",
            "time.time",
        }
        sql = r"(?i)(?<![a-z_])now\(\)|current_timestamp|clock_timestamp\(\)|localtimestamp"
        functions_ = {"functions.Now", "TruncNow"}
        return bool(called & (python | functions_)) or any(re.search(sql, text) for text in strings(path))

    # `up` supervises processes, and a template without a bar shows the hour of the process.
    outside = {name(path) for path in SOURCES if "/up/" in name(path)} | {
        "command_center/templatetags/wording.py"
    }
    assert where(reads_another_clock) - allowed - outside == set()


def test_what_is_shown_is_counted_in_queries_and_in_the_picture():
    allowed = {
        "reports/picture.py",
        "command_center/context.py",  # one's own unread notices, of a query of the journal
        "journal/scan.py",  # how much is left to verify
        "journal/verify.py",
    }

    def counts(path: Path) -> bool:
        made = [one for one in ast.walk(tree(path)) if isinstance(one, ast.Call)]
        rows = any(getattr(one.func, "attr", "") in {"count", "aggregate"} and not one.args for one in made)
        if rows or "Count" in calls(tree(path)):
            return True
        return any(re.search(r"(?i)count\(\*\)", text) for text in strings(path))

    outside = {name(path) for path in SOURCES if {"up", "demo", "management"} & set(path.parts)}
    found = where(counts) - outside - allowed
    assert {one for one in found if not one.endswith("/queries.py")} == set()


def test_no_file_is_named_after_nothing():
    assert where(lambda path: path.stem in UNWANTED or path.parent.name in UNWANTED) == set()


def test_no_file_is_long():
    long = {
        name(path): lines
        for path in SOURCES + TESTS + TEMPLATES + [one for one in STATIC if one.suffix in {".css", ".js"}]
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert long == {}


def test_every_module_says_which_question_it_answers():
    def silent(path: Path) -> bool:
        empty = not tree(path).body or path.name in {"apps.py", "__init__.py"} or "management" in path.parts
        first = (ast.get_docstring(tree(path)) or "").splitlines()
        return not empty and not (first and first[0].endswith(("?", ".")))

    assert where(silent, SOURCES + TESTS) == set()


def test_the_ground_floor_has_no_doors():
    assert not [
        path for path in SOURCES if path.parent.name == "journal" and path.stem in {"views", "urls", "pages"}
    ]


INLINE = [
    r"<style\b",
    r"\sstyle\s*=",
    r"<script\b(?![^>]*\bsrc=)[^>]*>",
    r"<[^>]*\son[a-z]+\s*=",
    r"javascript:",
    r"\|safe\b|\bautoescape\s+off",
]
FOREIGN = r"(?:https?:)?//(?!www\.w3\.org/)[a-z0-9-]+(?:\.[a-z0-9-]+)+"


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_has_nothing_inline_and_nothing_foreign(path):
    text = path.read_text(encoding="utf-8")
    assert [one for one in INLINE if re.search(one, text, re.IGNORECASE)] == []
    assert re.search(FOREIGN, text) is None
    hard = re.findall(r'(?:href|src|action|hx-(?:get|post))="/(?!static/)[^"]*"', text)
    assert hard == [], "an address is written by {% url %}: an exercise mounts the same pages under a prefix"


def test_static_files_reach_for_nothing_foreign():
    readable = [path for path in STATIC if path.suffix in {".css", ".js", ".svg", ".webmanifest"}]
    assert where(lambda path: bool(re.search(FOREIGN, path.read_text(encoding="utf-8"))), readable) == set()
    scripts = [path for path in STATIC if path.suffix == ".js"]
    risky = r"\beval\(|new Function\(|document\.write|\.innerHTML\s*=|\.outerHTML\s*=|insertAdjacentHTML"
    assert where(lambda path: bool(re.search(risky, path.read_text(encoding="utf-8"))), scripts) == set()


def test_severity_colours_stand_in_severity_rules_only():
    wrong = []
    for path in [one for one in STATIC if one.suffix == ".css"]:
        text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        wrong += [
            f"{name(path)}: {rule[1].strip()}"
            for rule in re.finditer(r"([^{}]+)\{([^{}]*)\}", text)
            if "var(--sev-" in rule[2] and not re.search(r"\.sev\b", rule[1])
        ]
    assert wrong == []


def test_every_post_of_the_api_is_kept_by_its_key():
    loose = {
        door.name
        for door in walk(get_resolver())
        if door.name.startswith("api-")
        and (post := getattr(getattr(door.callback, "cls", None), "post", None))
        and not getattr(post, "keyed", False)
    }
    assert loose == set()
