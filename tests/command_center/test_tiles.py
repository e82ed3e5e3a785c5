"""Does every province have its own place on the tile grid, and does the grid resemble the country?"""

import re
from pathlib import Path

import pytest

from command_center import tiles

CODES = {
    *["01", "04", "08", "11", "12", "14", "15", "19", "20", "22", "24", "25", "31", "33", "37", "38", "40"],
    *["42", "44", "46", "48", "51", "52", "56", "66", "68", "75", "79", "80", "82", "86", "91", "92", "96"],
}
PAGES_CSS = Path(tiles.__file__).parent / "static/command_center/css/pages.css"


def test_the_34_provinces_are_all_there() -> None:
    assert set(tiles.TILES) == CODES


def test_no_two_share_a_place() -> None:
    places = [*tiles.TILES.values(), *(place for place, _ in tiles.MARKS.values())]
    assert len(set(places)) == len(places) == 36


def test_every_place_is_on_the_grid_and_has_its_rule_in_the_stylesheet() -> None:
    css = PAGES_CSS.read_text()
    columns = {int(n) for n in re.findall(r'\[data-col="(\d+)"\] \{ grid-column: \1; \}', css)}
    rows = {int(n) for n in re.findall(r'\[data-row="(\d+)"\] \{ grid-row: \1; \}', css)}
    assert columns == set(range(1, tiles.COLUMNS + 1))
    assert rows == set(range(1, tiles.ROWS + 1))
    for column, row in [*tiles.TILES.values(), tiles.HOANG_SA, tiles.TRUONG_SA]:
        assert column in columns
        assert row in rows


@pytest.mark.parametrize(
    ("north", "south"),
    [
        ("08", "01"),
        ("01", "38"),
        ("38", "40"),
        ("40", "44"),
        ("46", "51"),
        ("51", "52"),
        ("56", "79"),
        ("79", "96"),
    ],
)
def test_north_is_above_south(north: str, south: str) -> None:
    assert tiles.TILES[north][1] < tiles.TILES[south][1]


@pytest.mark.parametrize(
    ("west", "east"), [("11", "14"), ("14", "25"), ("25", "19"), ("80", "75"), ("68", "56")]
)
def test_west_is_left_of_east(west: str, east: str) -> None:
    assert tiles.TILES[west][0] < tiles.TILES[east][0]


def test_the_archipelagos_lie_in_the_east_sea_beside_their_provinces() -> None:
    for place, of in tiles.MARKS.values():
        assert of in tiles.TILES
        assert place[0] > tiles.TILES[of][0]
    assert tiles.MARKS["Hoàng Sa"] == (tiles.HOANG_SA, "48")
    assert tiles.MARKS["Trường Sa"] == (tiles.TRUONG_SA, "56")
