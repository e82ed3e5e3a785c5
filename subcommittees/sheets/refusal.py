"""What is no file for us, and how much of one is taken?"""

from typing import Any

ROWS = 250_000
COLUMNS = 300
CELL = 4_000  # letters of a cell that are kept; every column of ours is shorter


class Refused(Exception):
    """The file is not taken; `code` stands in the table of words, `status` is what a door answers."""

    def __init__(self, code: str, status: int = 400, **given: Any) -> None:
        super().__init__(code)
        self.code, self.status, self.given = code, status, given
