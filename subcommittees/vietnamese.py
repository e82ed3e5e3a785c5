"""How is Vietnamese text searched and sorted, without an extension of the database?"""

import re
import unicodedata
from functools import lru_cache

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng: the order of the dictionary
_ORDER = {letter: chr(ord(":") + index) for index, letter in enumerate(_LETTERS)}  # after digits, up to Z
_MARKED = {"\u0306": {"a": "ă"}, "\u0302": {"a": "â", "e": "ê", "o": "ô"}, "\u031b": {"o": "ơ", "u": "ư"}}
_WORD = re.compile(r"[a-z0-9]+")
_STROKES = str.maketrans(
    {"ð": "đ", "ɖ": "đ"}
)  # letters of other alphabets that look like Đ and are typed for it


@lru_cache(maxsize=20_000)
def _bare(word: str) -> str:
    if word.isascii():
        return " ".join(_WORD.findall(word.lower()))
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    letters = "".join(mark for mark in apart if not unicodedata.combining(mark))
    return " ".join(_WORD.findall(letters.translate(_STROKES).replace("đ", "d")))


def fold(text: str) -> str:
    """Lower case without accents, đ as d, one space between words: `Phường Tô Hiệu` → `phuong to hieu`."""
    return " ".join(bare for bare in map(_bare, text.split()) if bare)


@lru_cache(maxsize=20_000)
def _place(word: str) -> str:
    letters: list[str] = []
    tones = ""
    for mark in unicodedata.normalize("NFD", word.casefold()).translate(_STROKES):
        if mark in _TONES:
            tones += str(_TONES.index(mark) + 1)
        elif unicodedata.combining(mark):
            if letters:
                letters[-1] = _MARKED.get(mark, {}).get(letters[-1], letters[-1])
        elif mark.isalnum():
            letters.append(mark)
    digits = "".join(_ORDER.get(letter, letter) for letter in letters)
    return re.sub(r"\d+", lambda found: found[0].zfill(6), digits) + "!" + tones


def sort_key(text: str) -> str:
    """A key whose byte order is the Vietnamese alphabet's, word by word: letters first, then the tone.

    Where in its word a tone is written (hoà, hòa) makes no difference; numbers sort by their value.
    """
    return " ".join(place for place in map(_place, text.split()) if place != "!")


def search_terms(text: str, most: int = 8) -> str:
    """`text` as a tsquery of prefixes over folded words, at most `most` of them; "" when nothing is left."""
    return " & ".join(f"{word}:*" for word in fold(text[:400]).split()[:most])
