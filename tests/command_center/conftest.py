"""What stands on the stage of the pages?"""

import pytest

from tests.pages import report


@pytest.fixture
def stage(cast, number):
    """An incident in each province, the one in Sơn La at phường Tô Hiệu."""
    cast.fire = report(cast, cast.tohieu, cast.site.tohieu_1, summary="Khói ở tầng hai")
    cast.theirs = report(cast, cast.sapa, cast.site.sapa_1, summary="Chuyện của Lào Cai")
    number()
    return cast
