"""What is this called, in both languages of the product?"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language


@dataclass(frozen=True)
class Words(Promise):
    """A name of the domain: a table row carries it in Vietnamese and English, so one line adds the row.

    A promise like Django's own lazy texts: forms, JSON and the API's schema ask for it when they need it.
    """

    vi: str
    en: str

    def __str__(self) -> str:
        return self.en if (get_language() or "vi").startswith("en") else self.vi
