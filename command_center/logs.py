"""How does one line of the process log look?"""

import logging


class OneLine(logging.Formatter):
    """One record, one line: what an attacker sends in a header cannot forge a second one."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).replace("\r", "\\r").replace("\n", "\n\t")
