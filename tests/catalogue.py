"""How do tests speak as the catalogue stands now, whatever was compiled or read before?"""

import gettext

import pytest
from django.utils.translation import trans_real

from command_center.up import translations


def newest(monkeypatch: pytest.MonkeyPatch) -> None:
    translations.compile_changed()
    monkeypatch.setattr(gettext, "_translations", {})
    monkeypatch.setattr(trans_real, "_translations", {})
    monkeypatch.setattr(trans_real, "_default", None)
