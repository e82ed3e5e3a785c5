"""What JSON is taken?"""

import json
from typing import Any, NoReturn

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

DEEPEST = 20
LONGEST = 256 * 1024


def strict(text: str) -> Any:
    """The value of a JSON text, or ValueError: no NaN, no doubled keys, no NUL, no lone surrogates, not deep."""
    if len(text) > LONGEST:
        raise ValueError("too long")
    _shallow(text)
    value = json.loads(
        text, parse_constant=_refuse, object_pairs_hook=_once, parse_int=_integer, parse_float=_finite
    )
    _writable(value)
    return value


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _integer(digits: str) -> int:
    if len(digits) > 19:
        _refuse("integer")
    return int(digits)


def _finite(digits: str) -> float:
    value = float(digits)
    if value in {float("inf"), float("-inf")}:
        _refuse("number")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _value in pairs}) != len(pairs):
        _refuse("doubled key")
    return dict(pairs)


def _shallow(text: str) -> None:
    """Refuse deep nesting before a recursive parser meets it."""
    depth, in_string, escaped = 0, False, False
    for character in text:
        if in_string:
            in_string = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            in_string, escaped = True, False
        elif character in "[{":
            depth += 1
            if depth > DEEPEST:
                _refuse("too deep")
        elif character in "]}":
            depth -= 1


def _writable(value: Any) -> None:
    if isinstance(value, str):
        value.encode("utf-8")  # UnicodeEncodeError is a ValueError
        if "\0" in value:
            _refuse("NUL")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _writable(key)
            _writable(inner)
    elif isinstance(value, list):
        for inner in value:
            _writable(inner)


class TooLarge(APIException):
    status_code = 413
    default_code = "too_large"
    default_detail = gettext_lazy("The request is too large.")


class StrictJSONParser(BaseParser):
    """JSON as `strict` takes it; what it refuses is a 400 in the caller's language, what is too long a 413."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        raw = stream.read(LONGEST + 1)
        if len(raw) > LONGEST:
            raise TooLarge
        try:
            return strict(raw.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise ParseError(_("The request is not proper JSON.")) from error
