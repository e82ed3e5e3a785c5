"""Is Vietnamese found without accents and sorted as its alphabet says?"""

import random
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subcommittees.vietnamese import fold, search_terms, sort_key

LETTERS = (
    "aăâbcdđeêghiklmnoôơpqrstuưvxyAĂÂBCDĐEÊOÔƠUƯàảãáạằẳẵắặầẩẫấậèẻ"
    "ẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ 0123456789-'."
)
vietnamese = st.text(alphabet=LETTERS, max_size=60)


def alphabetical(words):
    shuffled = list(words)
    random.Random(7).shuffle(shuffled)
    return sorted(shuffled, key=lambda word: sort_key(word).encode())


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Phường Tô Hiệu", "phuong to hieu"),
        ("ĐẮK LẮK", "dak lak"),
        ("Đặc khu Trường Sa", "dac khu truong sa"),
        ("Điểm bầu cử 12 – Nhà văn hóa tổ 5", "diem bau cu 12 nha van hoa to 5"),
        ("14-03646-012", "14 03646 012"),
        ("Cư M'gar", "cu m gar"),
        ("Xã  Ea\tH'Leo\n", "xa ea h leo"),
        ("ÐÔNG ANH", "dong anh"),  # U+00D0, an Icelandic letter that old keyboards gave for Đ
        ("ＴＯ Ｈｉệｕ", "to hieu"),
        ("", ""),
        ("– … ★", ""),
    ],
)
def test_text_is_folded(text, folded):
    assert fold(text) == folded


@given(st.text(max_size=80))
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)
    assert re.fullmatch(r"([a-z0-9]+( [a-z0-9]+)*)?", fold(text))


@given(vietnamese)
def test_both_forms_of_unicode_are_the_same_text(text):
    composed, apart = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    assert fold(composed) == fold(apart)
    assert sort_key(composed) == sort_key(apart)


@given(vietnamese)
def test_capitals_are_found_and_sorted_like_small_letters(text):
    assert fold(text.upper()) == fold(text.lower())
    assert sort_key(text.upper()) == sort_key(text.lower())


@pytest.mark.parametrize(
    "words",
    [
        ["An", "Ăn", "Ân", "Ba", "Bà", "Da", "Đà"],
        ["ma", "mà", "mả", "mã", "má", "mạ", "măng", "mắt", "mâm"],
        [
            "An Giang",
            "Cà Mau",
            "Cao Bằng",
            "Đà Nẵng",
            "Đắk Lắk",
            "Điện Biên",
            "Đồng Nai",
            "Đồng Tháp",
            "Gia Lai",
        ],
        ["Hà Nội", "Hà Tĩnh", "Hải Phòng", "Hồ Chí Minh", "Huế", "Hưng Yên"],
        ["Sơn La", "Tây Ninh", "Thái Nguyên", "Thanh Hóa", "Tuyên Quang"],
        ["Bảo Lâm", "Bảo Lâm 1", "Bảo Lâm 2", "Bảo Lâm 10"],
        ["e", "ê", "o", "ô", "ơ", "u", "ư", "y"],
        ["hoa", "hoà", "hòa sơn", "hoá", "hóa sơn"],
    ],
)
def test_words_sort_as_in_the_dictionary(words):
    assert alphabetical(words) == words


def test_the_place_of_a_tone_in_its_word_does_not_matter():
    assert sort_key("Khánh Hòa") == sort_key("Khánh Hoà")
    assert fold("Thủy") == fold("Thuỷ")


@given(st.integers(0, 99_999), st.integers(0, 99_999))
def test_numbers_sort_by_value(one, other):
    assert (sort_key(f"Điểm {one}") < sort_key(f"Điểm {other}")) == (one < other)


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("bau cu 12 to hieu", "bau:* & cu:* & 12:* & to:* & hieu:*"),
        ("  Tô   Hiệu ", "to:* & hieu:*"),
        ("a b c d e f g h i k", "a:* & b:* & c:* & d:* & e:* & f:* & g:* & h:*"),
        ("'); DROP TABLE --", "drop:* & table:*"),
        ("!&|<->:*\\ \0", ""),
        ("", ""),
    ],
)
def test_what_is_typed_becomes_prefixes(typed, terms):
    assert search_terms(typed) == terms


@given(st.text(max_size=3000))
def test_nothing_typed_can_be_an_operator_of_the_query(typed):
    assert re.fullmatch(r"([a-z0-9]+:\*( & [a-z0-9]+:\*){0,7})?", search_terms(typed))
