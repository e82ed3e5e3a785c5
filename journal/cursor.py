"""How far has a viewer read? An opaque, encrypted vector of stream positions."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

_ENTRY = struct.Struct(">2sQ8s")  # code of the stream, position, last event that the viewer could see
_NONE = bytes(8)


class CursorError(ValueError):
    """Not a cursor of this journal."""


@dataclass(frozen=True)
class Cursor:
    """`at` maps stream codes (`14`, `bo`) to positions; `mark` binds it to an operation and a reach.

    `seen` holds the id of the last event the viewer could see in a stream, where that is known.
    """

    epoch: str
    mark: str
    at: Mapping[str, int]
    seen: Mapping[str, str] = field(default_factory=dict)

    def encode(self) -> str:
        """Of one length whatever the positions are, so that not even their size tells of neighbours."""
        entries = b"".join(
            _ENTRY.pack(code.encode(), seq, bytes.fromhex(self.seen.get(code, "")) or _NONE)
            for code, seq in sorted(self.at.items())
        )
        head = bytes.fromhex(self.epoch)[:8] + bytes.fromhex(self.mark)[:8]
        return Fernet(settings.CURSOR_KEY).encrypt(head + entries).decode()


def decode(token: str) -> Cursor:
    """The cursor in `token`; CursorError where it is forged, cut or from elsewhere."""
    try:
        raw = Fernet(settings.CURSOR_KEY).decrypt(token.encode("ascii"))
    except (InvalidToken, UnicodeEncodeError, ValueError) as error:
        raise CursorError(token[:20]) from error
    rows = list(_ENTRY.iter_unpack(raw[16:]))
    return Cursor(
        epoch=raw[:8].hex(),
        mark=raw[8:16].hex(),
        at={code.decode(): seq for code, seq, _ in rows},
        seen={code.decode(): seen.hex() for code, _, seen in rows if seen != _NONE},
    )
