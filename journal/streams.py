"""In which stream does an event belong?"""

MINISTRY = "bo"


def stream_of(operation: str, path: str) -> str:
    """`<operation>/<province code>`, or `<operation>/bo` for all that belongs to no province."""
    parts = path.split("/")
    province = parts[1] if len(parts) > 2 and parts[1].isdigit() else MINISTRY
    return f"{operation}/{province}"


def stream_under(operation: str, path: str) -> str | None:
    """The one stream in which everything at and below `path` stands, or None where it stands in several."""
    return stream_of(operation, path) if path.count("/") > 1 else None
