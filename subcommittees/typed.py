"""How is what somebody typed kept, and when is it nothing?"""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


def tidied(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def unseen(text: str) -> bool:
    """Whether nothing of it would be seen: spaces, controls and zero-width characters are no reason."""
    return all(unicodedata.category(letter)[0] in "CZ" for letter in text)


def reason(text: str, most: int) -> str:
    """A reason as it is kept; ValidationError where nobody can see one, or it has more than `most` characters."""
    text = tidied(text)
    if unseen(text):
        raise ValidationError({"reason": _("Give the reason.")})
    if len(text) > most:
        raise ValidationError({"reason": _("At most %(most)s characters.") % {"most": most}})
    return text
