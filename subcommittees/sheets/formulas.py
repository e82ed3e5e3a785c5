"""Which texts would a spreadsheet program run, and how are they disarmed in a file of plain text?"""

# The letters that begin a formula, and their full-width forms, which some programs turn into the narrow ones.
LEADS = "=+-@\t\r\n＝＋－＠"


def runs(text: str) -> bool:
    """Whether a spreadsheet program may take `text` for a formula; blanks before it do not stop all of them."""
    return text[:1] in {"\t", "\r", "\n"} or text.strip(" \u00a0\u3000")[:1] in set(LEADS)


def defused(text: str) -> str:
    """`=1+1` → `'=1+1`: an apostrophe makes it text. `restored` takes away exactly what this adds."""
    return f"'{text}" if runs(text.lstrip("'")) else text


def restored(text: str) -> str:
    return text[1:] if text[:1] == "'" and runs(text.lstrip("'")) else text
