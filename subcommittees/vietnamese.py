"""How is Vietnamese text searched and sorted, without an extension of the database?"""

import re
import unicodedata

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng: the order of the dictionary
_ORDER = {letter: chr(0x41 + index) for index, letter in enumerate(_LETTERS)}
_MARKED = {"\u0306": {"a": "ă"}, "\u0302": {"a": "â", "e": "ê", "o": "ô"}, "\u031b": {"o": "ơ", "u": "ư"}}
_WORD = re.compile(r"[a-z0-9]+")


def fold(text: str) -> str:
    """Lower case without accents, đ as d, one space between words: `Phường Tô Hiệu` → `phuong to hieu`."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    bare = "".join(mark for mark in plain if not unicodedata.combining(mark))
    return " ".join(_WORD.findall(bare))


def sort_key(text: str) -> str:
    """A key whose byte order is the Vietnamese alphabet's: letters first, then tones, word by word."""
    words = []
    for word in unicodedata.normalize("NFD", text.casefold()).split():
        letters: list[str] = []
        tones: list[str] = []
        for mark in word:
            if mark in _TONES:
                if tones:
                    tones[-1] = str(_TONES.index(mark) + 1)
            elif unicodedata.combining(mark):
                if letters:
                    letters[-1] = _MARKED.get(mark, {}).get(letters[-1], letters[-1])
            else:
                letters.append(mark)
                tones.append("0")
        digits = "".join(_ORDER.get(letter, letter) for letter in letters)
        digits = re.sub(r"\d+", lambda found: found[0].zfill(6), digits)
        words.append(digits + "!" + "".join(tones))
    return " ".join(words)


def search_terms(text: str, most: int = 8) -> str:
    """`text` as a tsquery of prefixes over folded words, at most `most` of them; "" when nothing is left."""
    return " & ".join(f"{word}:*" for word in fold(text[:400]).split()[:most])
