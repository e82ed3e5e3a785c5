"""Is what a change of posts brings and takes shown before it is made, and made in one act?"""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from journal.models import Event
from subcommittees import actions, scope
from subcommittees.models import Appointment, User
from tests.doors import settled
from tests.pages import get, main, post, text


def of(user):
    return Appointment.objects.get(user=user)


def reached(user):
    return [(one.path, one.role) for one in scope.reach(User.objects.get(pk=user.pk))]


def told():
    return list(Event.objects.order_by("n").values_list("verb", flat=True))


def counts(answer):
    return [(before, after) for _words, before, after in answer.context["change"]["counts"]]


def transfer(cast, **more):
    first = Appointment.objects.filter(user=cast.tohieu).order_by("pk").first()
    given = {"by": cast.admin, "appointment": first, "unit": cast.unit.sapa, "role": "commune"} | more
    with settled():
        return actions.transfer(operation=cast.operation, **given)


def test_a_grant_is_previewed_and_nothing_is_written_before_it_is_confirmed(cast):
    data = {
        "unit": "14",
        "role": "province_duty",
        "starts_at": "",
        "ends_at": "",
        "idempotency_key": "mot-lan",
    }
    answer = post(cast.admin, "preview", cast.tohieu.username, data=data)
    assert answer.status_code == 200
    assert counts(answer) == [(1, 3), (2, 4)], "units and sites, now and afterwards"
    change = answer.context["change"]
    assert len(change["may"]) > 3
    assert (change["loses"], change["may_not"]) == ([], [])
    assert told() == []
    assert f'action="{reverse("grant", args=[cast.tohieu.username])}"' in main(answer)
    assert 'name="idempotency_key" value="mot-lan"' in text(answer)
    assert post(cast.admin, "grant", cast.tohieu.username, data=data).status_code == 302
    assert told() == ["appointment.granted"]


def test_a_wrong_form_comes_back_instead_of_a_preview(cast):
    answer = post(cast.admin, "preview", cast.tohieu.username, data={"unit": "x", "role": "commune"})
    assert answer.status_code == 400
    assert 'id="errors"' in main(answer)


def test_what_a_relief_takes_is_shown_before(cast):
    answer = get(cast.admin, "relieve", of(cast.sonla).pk)
    assert counts(answer) == [(3, 0), (4, 0)]
    assert answer.context["change"]["may_not"]
    assert len(answer.context["change"]["loses"]) > 5


def test_one_of_two_same_posts_takes_nothing(cast):
    with settled():
        actions.grant(
            by=cast.admin, operation=cast.operation, user=cast.tohieu, unit=cast.unit.tohieu, role="commune"
        )
    answer = get(cast.admin, "relieve", Appointment.objects.filter(user=cast.tohieu).first().pk)
    assert counts(answer) == [(1, 1), (2, 2)]


def test_of_posts_elsewhere_a_preview_tells_nothing(cast):
    with settled():
        actions.grant(
            by=cast.admin, operation=cast.operation, user=cast.tohieu, unit=cast.unit.bacha, role="commune"
        )
    appointment = Appointment.objects.get(user=cast.tohieu, unit=cast.unit.tohieu)
    assert counts(get(cast.sonla_staff, "relieve", appointment.pk)) == [(1, 0), (2, 0)]
    assert counts(get(cast.admin, "relieve", appointment.pk)) == [(2, 1), (4, 2)]


@pytest.mark.parametrize("data", [
    {}, {"reason": ""}, {"reason": "x" * 501}, {"reason": "Chuyển", "unit": "15"},
    {"reason": "Chuyển", "role": "commune"},
    {"reason": "Chuyển", "unit": "khong-co", "role": "commune"},
    {"reason": "Chuyển", "unit": "03646", "role": "commune"},  # the post that is held already
    {"reason": "Chuyển", "unit": "14", "role": "commune"},  # not held at a province
])  # fmt: skip
def test_a_refusal_comes_back_in_the_form_with_what_was_written(data, cast):
    answer = post(cast.admin, "relieve", of(cast.tohieu).pk, data=data)
    assert answer.status_code == 400
    assert 'id="errors"' in main(answer)
    if data.get("reason") == "Chuyển":
        assert "Chuyển" in main(answer)
    assert told() == []
    assert reached(cast.tohieu) == [("vn/14/03646/", "commune")]


def test_nobody_ends_their_own_role_and_is_told_in_the_form(cast):
    answer = post(cast.admin, "relieve", of(cast.admin).pk, data={"reason": "Chuyển"})
    assert answer.status_code == 400
    assert 'id="errors"' in main(answer)


def test_a_refused_disabling_comes_back_in_the_form(cast):
    for data in ({"active": "0"}, {"active": "0", "reason": "x" * 501}):
        answer = post(cast.admin, "disable", cast.tohieu.username, data=data)
        assert answer.status_code == 400
        assert 'id="errors"' in main(answer)
        assert 'id="disable-reason"' in main(answer)


def test_a_transfer_is_previewed_then_made_once(cast):
    data = {"reason": "Điều động", "unit": "15", "role": "province_duty", "idempotency_key": "mot-lan"}
    number = of(cast.tohieu).pk
    seen = post(cast.admin, "relieve", number, data={**data, "act": "preview"})
    assert (seen.status_code, counts(seen), told()) == (200, [(1, 3), (2, 4)], [])
    for _ in range(2):
        assert post(cast.admin, "relieve", number, data=data).status_code == 302
    assert told() == ["appointment.relieved", "appointment.granted"]
    assert reached(cast.tohieu) == [("vn/15/", "province_duty")]
    assert {event.said["line"]["text"] for event in Event.objects.all()} == {"Điều động"}


def test_a_transfer_needs_both_rights_and_leaves_nothing_half_done(cast):
    with pytest.raises(PermissionDenied):
        transfer(cast, by=cast.sonla_staff)  # may relieve here, may not appoint there
    with pytest.raises(PermissionDenied):
        transfer(cast, by=cast.sonla)
    with pytest.raises(PermissionDenied):
        transfer(cast, by=cast.sonla_staff, unit=cast.unit.sonla, role="accounts")
    with pytest.raises(ValidationError):
        transfer(cast, role="province_duty")
    with pytest.raises(ValidationError):
        transfer(cast, by=cast.admin, appointment=of(cast.admin), unit=cast.unit.sonla, role="accounts")
    assert told() == []
    assert reached(cast.tohieu) == [("vn/14/03646/", "commune")]
    transfer(cast, by=cast.sonla_staff, unit=cast.unit.chiengan)
    assert reached(cast.tohieu) == [("vn/14/03664/", "commune")]
    with pytest.raises(ValidationError):
        transfer(cast)  # its appointment has ended
