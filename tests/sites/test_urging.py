"""Can who is silent be urged by hand, and not too often?"""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from sites.checks import actions
from tests.doors import settled
from tests.sites.test_checks import a_slot, file, own, told


def test_who_is_silent_is_urged_by_hand_and_not_twice_in_ten_minutes(cast, move_clock):
    slot = a_slot(cast)
    file(cast, slot, cast.site.tohieu_1, cast.site.tohieu_2)
    own(cast, slot, cast.unit.tohieu)
    assert actions.urge(by=cast.sonla, operation=cast.operation, unit=cast.unit.sonla) == 0
    move_clock(hours=2)
    assert actions.urge(by=cast.sonla, operation=cast.operation, unit=cast.unit.sonla) == 2
    assert told("readiness.reminded") == {cast.chiengan.pk: 1, cast.sonla.pk: 1}
    assert actions.urge(by=cast.duty, operation=cast.operation, unit=cast.unit.chiengan) == 0
    move_clock(hours=2, minutes=11)
    assert actions.urge(by=cast.duty, operation=cast.operation, unit=cast.unit.chiengan) == 1
    for who, unit in [("tohieu", "chiengan"), ("laocai", "sonla"), ("wall", "sonla"), ("secretary", "sonla")]:
        with pytest.raises(PermissionDenied), settled():
            actions.urge(by=cast.officers[who], operation=cast.operation, unit=getattr(cast.unit, unit))
    with pytest.raises(ValidationError):
        actions.urge(by=cast.duty, operation=cast.operation, unit=cast.unit.bo)
