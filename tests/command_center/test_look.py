"""Do stylesheets, scripts and templates keep the rules of the visual language and of the content policy?"""

import gzip
import re
from pathlib import Path

import pytest

import command_center

HOME = Path(command_center.__file__).parent
CSS = sorted((HOME / "static/command_center/css").glob("*.css"))
JS = sorted((HOME / "static/command_center/js").glob("*.js"))
TEMPLATES = sorted((HOME / "templates").rglob("*.html"))
THEMES = (":root", '[data-theme="dark"]', '[data-theme="night"]')
PAIRS = [
    *((ink, ground) for ink in ("ink", "ink-2") for ground in ("bg", "surface", "sunken")),
    *(("accent", ground) for ground in ("bg", "surface")),
    *(("sev-ink", f"sev-{level}") for level in "1234"),
    ("on-accent", "accent"),
    ("on-inverse", "inverse"),
    ("on-bar", "bar"),
    ("on-bar-2", "bar"),
]
GRAPHICS = [("edge", "surface"), ("focus", "surface"), ("focus", "bg"), ("focus-bar", "bar")] + [
    (f"sev-{level}", ground) for level in "1234" for ground in ("surface", "bg")
]


def tokens(theme: str) -> dict[str, str]:
    css = (HOME / "static/command_center/css/tokens.css").read_text()
    found = {}
    for selector in (":root", theme):
        block = re.search(re.escape(selector) + r" \{(.*?)\n  \}", css, re.DOTALL)
        assert block
        found |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block[1]))
    return found


def light(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_text_is_readable_in_every_theme(theme: str) -> None:
    known = tokens(theme)
    poor = {pair: round(contrast(known[pair[0]], known[pair[1]]), 2) for pair in PAIRS}
    assert {pair: ratio for pair, ratio in poor.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_shapes_stand_out_in_every_theme(theme: str) -> None:
    known = tokens(theme)
    poor = {pair: round(contrast(known[pair[0]], known[pair[1]]), 2) for pair in GRAPHICS}
    assert {pair: ratio for pair, ratio in poor.items() if ratio < 3} == {}


@pytest.mark.parametrize("sheet", CSS, ids=lambda path: path.name)
def test_severity_colours_appear_on_nothing_else(sheet: Path) -> None:
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", sheet.read_text()):
        if re.search(r"var\(--sev-", body):
            assert all(".sev" in one for one in selector.split(",") if one.strip()), selector


@pytest.mark.parametrize("sheet", CSS, ids=lambda path: path.name)
def test_every_rule_is_in_a_layer_and_nothing_is_fetched(sheet: Path) -> None:
    css = sheet.read_text()
    outside = re.sub(r"@layer [^;{]+;|/\*.*?\*/", "", css, flags=re.DOTALL)
    depth = 0
    for line in outside.splitlines():
        if depth == 0 and line.strip():
            assert line.startswith(("@layer", "@page")), line
        depth += line.count("{") - line.count("}")
    assert depth == 0
    assert "url(" not in css
    assert "@import" not in css


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_inline_style_or_script(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"<style|\sstyle=", text)
    assert not re.search(r"\son[a-z]+=\"", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"hx-on|javascript:|https?://", text)


@pytest.mark.parametrize(
    "template", [t for t in TEMPLATES if t.name != "500.html"], ids=lambda path: path.name
)
def test_addresses_come_from_the_routes(template: Path) -> None:
    assert not re.search(r"(?:href|action|src|hx-get|hx-post)=[\"']/", template.read_text())


@pytest.mark.parametrize("script", JS, ids=lambda path: path.name)
def test_scripts_hold_no_words_and_no_addresses(script: Path) -> None:
    code = script.read_text()
    assert not re.search(r"[àáảãạăâđêôơưÀ-ỹ]", re.sub(r"//.*", "", code))
    assert not re.search(r"""["'`]/(?:api|ws|incidents|accounts)""", code)
    assert "innerHTML" not in code
    assert "eval(" not in code


def test_a_page_is_small() -> None:
    """What goes over the wire, compressed as the server does; the grid brings its own to its own pages."""
    grid = [
        HOME / "static/command_center/css/grid.css",
        *(HOME / "static/command_center/js/grid").glob("*.js"),
    ]
    everywhere = [path for path in [*CSS, *JS] if path not in grid]
    assert sum(len(gzip.compress(path.read_bytes())) for path in everywhere) < 35_000
    assert sum(len(gzip.compress(path.read_bytes())) for path in grid) < 20_000
