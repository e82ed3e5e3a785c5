"""Which texts of a source go through gettext? Read without the gettext programs, which few machines have."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation.template import templatize

# What each function takes first: a context, a singular, a plural.
SHAPES = {
    "gettext": "s",
    "gettext_lazy": "s",
    "gettext_noop": "s",
    "ngettext": "sp",
    "ngettext_lazy": "sp",
    "pgettext": "cs",
    "pgettext_lazy": "cs",
    "npgettext": "csp",
    "npgettext_lazy": "csp",
}
TEMPLATES = {".html", ".txt"}
SUFFIXES = {".py"} | TEMPLATES
_LITERAL = r"u?(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
_CALL = re.compile(rf"\b(_|n?p?gettext)\(\s*({_LITERAL}(?:\s*,\s*{_LITERAL})*)", re.DOTALL)
Call = tuple[str, list[str | None]]


@dataclass(frozen=True)
class Text:
    """A text as a catalogue keys it; `singular` is empty where it is put together at run time."""

    singular: str
    plural: str
    context: str
    file: str

    @property
    def key(self) -> tuple[str, str]:
        return self.context, self.singular


def texts(path: Path, name: str) -> Iterator[Text]:
    """What the module or template at `path` gives to gettext; `name` is how the file is called in reports."""
    source = path.read_text(encoding="utf-8")
    for function, arguments in _in_template(source) if path.suffix in TEMPLATES else _in_module(source):
        said = dict(zip(SHAPES[function], arguments, strict=False))
        yield Text(said.get("s") or "", said.get("p") or "", said.get("c") or "", name)


def _in_template(source: str) -> Iterator[Call]:
    for function, arguments in _CALL.findall(templatize(source)):
        literals = re.findall(_LITERAL, arguments, re.DOTALL)
        yield "gettext" if function == "_" else function, [ast.literal_eval(one) for one in literals]


def _in_module(source: str) -> Iterator[Call]:
    if "gettext" not in source:
        return
    tree = ast.parse(source)
    names = _names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (function := names.get(ast.unparse(node.func))):
            yield function, [_literal(one) for one in node.args[: len(SHAPES[function])]]


def _names(tree: ast.Module) -> dict[str, str]:
    """What this module calls the functions of gettext."""
    names = {f"translation.{one}": one for one in SHAPES}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("translation"):
            names |= {one.asname or one.name: one.name for one in node.names if one.name in SHAPES}
    return names


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
