"""How large may a request be before anybody has looked at it?"""

import re

from django.conf import settings

# The doors that take a file. Only who shows a session or a token may knock at them with more than a form.
_FILES = re.compile(
    r"/(?:op/[-\w]+/)?(?:api/(?:sites|units|accounts)/import/|import/(?:sites|units|accounts)/)\Z"
)


def most(path: str, *, known: bool) -> int:
    """The most bytes that a body sent to `path` may have; `known` if its sender shows a session or a token."""
    if known and _FILES.match(path):
        return int(settings.IMPORT_MAX_SIZE)
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
