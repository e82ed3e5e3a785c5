"""How far has a viewer read? An opaque, encrypted vector of stream positions."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

_PLACE = struct.Struct(">2sQ")  # code of the stream, position
_LINKED = struct.Struct(">2sQ8s")  # and the last event that the viewer could see
_NONE = bytes(8)
_HEAD = 17


class CursorError(ValueError):
    """Not a cursor of this journal."""


@dataclass(frozen=True)
class Cursor:
    """`at` maps stream codes (`14`, `bo`) to positions; `mark` binds it to an operation and a reach.

    `seen` holds the id of the last event the viewer could see in a stream, where that is known; it is None for
    a viewer who sees every event of every stream and so reads by numbers.
    """

    epoch: str
    mark: str
    at: Mapping[str, int]
    seen: Mapping[str, str] | None = None

    def encode(self) -> str:
        """Of one length whatever the positions are, so that not even their size tells of neighbours."""
        rows = sorted(self.at.items())
        if self.seen is None:
            places = b"".join(_PLACE.pack(code.encode(), seq) for code, seq in rows)
        else:
            seen = self.seen
            places = b"".join(
                _LINKED.pack(code.encode(), seq, bytes.fromhex(seen.get(code, "")) or _NONE)
                for code, seq in rows
            )
        head = bytes.fromhex(self.epoch)[:8] + bytes.fromhex(self.mark)[:8] + bytes([self.seen is not None])
        return Fernet(settings.CURSOR_KEY).encrypt(head + places).decode()


def decode(token: str) -> Cursor:
    """The cursor in `token`; CursorError where it is forged, cut or from elsewhere."""
    try:
        raw = Fernet(settings.CURSOR_KEY).decrypt(token.encode("ascii"))
    except (InvalidToken, UnicodeEncodeError, ValueError) as error:
        raise CursorError(token[:20]) from error
    epoch, mark, linked = raw[:8].hex(), raw[8:16].hex(), raw[16:_HEAD] == b"\x01"
    if not linked:
        return Cursor(epoch, mark, {code.decode(): seq for code, seq in _PLACE.iter_unpack(raw[_HEAD:])})
    rows = list(_LINKED.iter_unpack(raw[_HEAD:]))
    seen = {code.decode(): last.hex() for code, _, last in rows if last != _NONE}
    return Cursor(epoch, mark, {code.decode(): seq for code, seq, _ in rows}, seen)
