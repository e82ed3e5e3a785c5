"""Is what calls itself a workbook safe to unpack? Judged by its table of contents and the head of each part."""

import zipfile
from typing import Any
from xml.parsers import expat

from subcommittees.sheets.refusal import Refused

ENTRIES = 2_000
UNPACKED = 500 * 1024 * 1024
RATIO = 120  # what XML of a real sheet packs to at best, and a good deal more
OLE = b"\xd0\xcf\x11\xe0"


def look(path: str) -> None:
    """Judge the archive by its table of contents, before anything is unpacked."""
    with open(path, "rb") as file:  # noqa: PTH123
        if file.read(4) == OLE:
            raise Refused("encrypted_or_old")
    try:
        with zipfile.ZipFile(path) as archive:
            inside = archive.infolist()
            _weigh(inside)
            for one in inside:
                _no_entities(archive, one)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Refused("broken") from error


def _weigh(inside: list[zipfile.ZipInfo]) -> None:
    names = {one.filename for one in inside}
    if len(inside) > ENTRIES or sum(one.file_size for one in inside) > UNPACKED:
        raise Refused("too_heavy", 413)
    if any(one.file_size > 1 << 20 and one.file_size > RATIO * max(one.compress_size, 1) for one in inside):
        raise Refused("too_heavy", 413)
    if any(one.flag_bits & 1 for one in inside):
        raise Refused("encrypted_or_old")
    if any("vbaproject" in name.lower() for name in names):
        raise Refused("macros")
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise Refused("not_a_table")
    if "xl/workbook.xml" not in names or not any(name.startswith("xl/worksheets/") for name in names):
        raise Refused("broken")


class _Seen(Exception):
    """The first element: behind it XML allows no declarations any more."""


def _no_entities(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Refuse a part with a document type, where entities would be declared; what is no XML is nobody's to parse."""

    def declared(*_given: Any) -> None:
        raise Refused("entities")

    def element(*_given: Any) -> None:
        raise _Seen

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = declared
    parser.StartElementHandler = element
    with archive.open(part) as file:
        try:
            for _ in range(64):
                if not (text := file.read(65_536)):
                    return
                parser.Parse(text, False)
        except (_Seen, expat.ExpatError):
            return
    raise Refused("broken")
