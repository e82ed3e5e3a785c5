"""Does a card open its account once, in time, and to nothing but a password of one's own?"""

import datetime as dt
import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.authtoken.models import Token

from journal import clock
from journal.models import Event, Key, Notice
from subcommittees import actions, cards, scope
from subcommittees.models import User
from tests.doors import settled
from tests.pages import get, main, post, signed_in, text

LOGIN = "/accounts/login/"
OWN = "mot-cau-that-dai-khac"
NEW = {"username": "thu.moi", "title": "Cán bộ mới", "unit": "03646", "idempotency_key": "mot-lan"}


def opened(cast, **more):
    given = {"by": cast.admin, "operation": cast.operation, "unit": cast.unit.tohieu, "title": "Cán bộ mới"}
    return actions.create_account(**given, username="thu.moi", **more)


def appointed(cast):
    user, password = opened(cast)
    with settled():
        actions.grant(
            by=cast.admin, operation=cast.operation, user=user, unit=cast.unit.tohieu, role="commune"
        )
    return user, password


def sign_in(account, password):
    client = Client()
    answer = client.post(LOGIN, {"login": account, "password": password})
    return client, answer


def signed(client):
    return "_auth_user_id" in client.session


def test_a_card_opens_once_and_only_to_a_new_password(cast):
    user, password = appointed(cast)
    client, answer = sign_in("thu.moi", password)
    assert signed(client)
    change = reverse("account_change_password")
    for name in ("account", "people", "notices", "incidents", "journal"):
        answer = client.get(reverse(name))
        assert (answer.status_code, answer.headers["Location"]) == (302, change)
    assert client.post(reverse("account"), {"act": "make_token"}).headers["Location"] == change
    assert client.get("/api/me/").status_code == 403
    page = client.get(change)
    assert "oldpassword" not in main(page)
    answer = client.post(change, {"password1": OWN, "password2": OWN})
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("account"))
    assert client.get(reverse("account")).status_code == 200
    assert [one.role for one in scope.reach(User.objects.get(pk=user.pk))] == ["commune"]
    assert not signed(sign_in("thu.moi", password)[0])
    assert signed(sign_in("thu.moi", OWN)[0])


def test_a_card_does_not_open_twice(cast):
    password = opened(cast)[1]
    assert signed(sign_in("thu.moi", password)[0])
    again, answer = sign_in("thu.moi", password)
    assert not signed(again)
    assert 'id="errors"' in answer.content.decode()


def test_a_card_does_not_open_after_its_time(cast, move_clock):
    user, password = opened(cast)
    move_clock(days=cards.VALID.days, minutes=1)
    assert not signed(sign_in("thu.moi", password)[0])
    user, password = actions.reset_account(by=cast.admin, operation=cast.operation, user=user)
    assert signed(sign_in("thu.moi", password)[0])


def test_an_expired_card_is_told_only_to_who_knows_its_password(cast, move_clock):
    password = opened(cast)[1]
    move_clock(days=8)
    wrong, right = (text(sign_in("thu.moi", one)[1]) for one in ("sai", password))
    assert _("This card was already used or has expired. Ask for a new one.") in right
    assert _("This card was already used or has expired. Ask for a new one.") not in wrong


@pytest.mark.parametrize(
    "password",
    ["ngan", "1234567890123", pytest.param("", id="empty"), pytest.param(None, id="the card's own")],
)
def test_what_is_no_password_of_ones_own_is_refused(password, cast):
    user, given = opened(cast)
    client = sign_in("thu.moi", given)[0]
    wanted = given if password is None else password
    answer = client.post(reverse("account_change_password"), {"password1": wanted, "password2": wanted})
    assert answer.status_code == 200
    assert User.objects.get(pk=user.pk).card_until is not None
    with pytest.raises(ValidationError), settled():
        actions.change_own_password(by=User.objects.get(pk=user.pk), password=wanted)


def test_before_the_own_password_there_is_no_reach_and_no_token(cast):
    user = appointed(cast)[0]
    user = User.objects.get(pk=user.pk)
    assert scope.reach(user) == ()
    assert scope.reaches([user.pk]) == {user.pk: ()}
    with pytest.raises(PermissionDenied), settled():
        actions.renew_token(by=user)
    assert not Token.objects.filter(user=user).exists()


def test_only_the_hash_of_a_card_is_kept(cast):
    answer = post(cast.admin, "new-account", data=NEW)
    password = answer.context["cards"][0]["password"]
    user = User.objects.get(username="thu.moi")
    assert password not in user.password
    kept = "".join(str(row) for row in Key.objects.values_list("key", "answer", "fingerprint"))
    assert password not in kept
    assert "mot-lan" not in kept, "the password follows from it"
    assert password not in "".join(Event.objects.values_list("body", flat=True))


def test_the_same_form_sent_twice_shows_the_same_card(cast):
    first = post(cast.admin, "new-account", data=NEW)
    again = post(cast.admin, "new-account", data=NEW)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.context["cards"][0]["password"] == again.context["cards"][0]["password"]
    assert Event.objects.filter(verb="account.created").count() == 1


def test_a_card_that_was_used_is_not_shown_again(cast):
    password = post(cast.admin, "new-account", data=NEW).context["cards"][0]["password"]
    sign_in("thu.moi", password)
    again = post(cast.admin, "new-account", data=NEW)
    assert (again.context["cards"], again.context["given"]) == ([], ["thu.moi"])
    assert password not in text(again)


def test_another_administrators_form_makes_nothing_of_the_same_secret(cast):
    first = post(cast.admin, "new-account", data=NEW)
    actions.grant(
        by=cast.admin, operation=cast.operation, user=cast.nobody, unit=cast.unit.bo, role="accounts"
    )
    again = post(cast.nobody, "new-account", data=NEW)
    assert again.status_code == 400
    assert first.context["cards"][0]["password"] not in text(again)


def test_the_picture_to_scan_names_the_account_and_not_the_password(cast):
    answer = post(cast.admin, "new-account", data=NEW)
    card = answer.context["cards"][0]
    assert card["picture"].startswith("data:image/svg+xml")
    assert 'src="data:image/svg+xml' in answer.content.decode()
    assert re.fullmatch(r"([2-9a-hj-km-np-z]{4}-){3}[2-9a-hj-km-np-z]{4}", card["password"])
    assert 'value="thu.moi"' in text(Client().get(f"{LOGIN}?account=thu.moi"))


def test_a_program_gets_the_password_once(cast, api):
    client = api(cast.admin, HTTP_IDEMPOTENCY_KEY="mot-lan")
    body = {"username": "thu.moi", "title": "Cán bộ", "unit": cast.unit.tohieu.path}
    first = client.post(reverse("api-accounts"), body, format="json")
    again = client.post(reverse("api-accounts"), body, format="json")
    assert (first.status_code, again.status_code) == (201, 201)
    assert signed(sign_in("thu.moi", first.json()["password"])[0])
    assert again.json() == {**first.json(), "password": None}
    assert first.json()["password"] not in "".join(Key.objects.values_list("answer", flat=True))


def test_a_new_card_ends_what_opened_the_account_before(cast, client, api):
    client.force_login(cast.sonla, backend="django.contrib.auth.backends.ModelBackend")
    token = Token.objects.get(user=cast.sonla).key
    row, password = actions.reset_account(
        by=cast.admin, operation=cast.operation, user=cast.sonla, reason="Quên mật khẩu"
    )
    assert client.get("/api/me/").status_code == 401
    assert Client(headers={"Authorization": f"Token {token}"}).get("/api/me/").status_code == 401
    event = Event.objects.get()
    assert (event.verb, event.said["line"]["text"]) == ("account.reset", "Quên mật khẩu")
    assert password not in event.body
    assert Notice.objects.get().person == cast.sonla.pk
    assert row.card_until - clock.now() > dt.timedelta(days=6)


@pytest.mark.parametrize(("who", "whose"), [
    ("sonla_staff", "tohieu"), ("sonla", "tohieu"), ("head", "tohieu"), ("wall", "tohieu"), ("nobody", "tohieu"),
])  # fmt: skip
def test_who_may_not_make_cards(who, whose, cast):
    with pytest.raises(PermissionDenied), settled():
        actions.reset_account(by=cast.officers[who], operation=cast.operation, user=cast.officers[whose])
    assert not Event.objects.exists()


def test_no_card_for_oneself_nor_for_a_disabled_account(cast):
    actions.disable_account(by=cast.admin, operation=cast.operation, user=cast.tohieu)
    for user in (cast.admin, cast.tohieu):
        with pytest.raises(ValidationError), settled():
            actions.reset_account(by=cast.admin, operation=cast.operation, user=user)


def test_a_change_that_a_new_card_overtook_changes_nothing(cast):
    late = User.objects.get(pk=cast.sonla.pk)
    actions.reset_account(by=cast.admin, operation=cast.operation, user=cast.sonla)
    with pytest.raises(ValidationError), settled():
        actions.change_own_password(by=late, password=OWN)
    assert User.objects.get(pk=cast.sonla.pk).card_until is not None


CHOSEN = {"account": ["thu.tohieu", "thu.sapa"], "reason": "Hết nhiệm vụ", "idempotency_key": "mot-lan"}


def test_several_cards_are_made_on_one_sheet_and_the_press_may_be_doubled(cast):
    asked = post(cast.admin, "chosen", data={**CHOSEN, "act": "cards"})
    assert asked.status_code == 200
    assert not Event.objects.exists(), "asked before, done after"
    given = {**CHOSEN, "act": "cards", "confirmed": "1"}
    sheets = [post(cast.admin, "chosen", data=given) for _ in range(2)]
    told = [{card["user"].username: card["password"] for card in sheet.context["cards"]} for sheet in sheets]
    assert told[0] == told[1]
    assert len(set(told[0].values())) == 2
    assert Event.objects.filter(verb="account.reset").count() == 2
    assert signed(sign_in("thu.sapa", told[0]["thu.sapa"])[0])


def test_several_accounts_are_disabled_with_one_reason_or_none_is(cast):
    given = {**CHOSEN, "act": "disable", "confirmed": "1"}
    refused = post(cast.admin, "chosen", data={**given, "account": [*CHOSEN["account"], "thu.admin"]})
    assert refused.status_code == 400
    assert 'id="errors"' in main(refused)
    without = post(cast.admin, "chosen", data={**given, "reason": ""})
    assert without.status_code == 400
    assert User.objects.filter(is_active=False).count() == 0
    assert post(cast.admin, "chosen", data=given).headers["Location"] == reverse("people")
    assert set(User.objects.filter(is_active=False).values_list("username", flat=True)) == set(
        CHOSEN["account"]
    )
    told = Event.objects.filter(verb="account.disabled")
    assert {event.said["line"]["text"] for event in told} == {"Hết nhiệm vụ"}
    assert post(cast.admin, "chosen", data=given).status_code == 302, "a second press changes nothing"
    assert told.count() == 2


def test_only_accounts_in_reach_are_chosen(cast):
    for names in (["thu.khong-co"], [f"thu.x{n}" for n in range(60)]):
        assert (
            post(cast.admin, "chosen", data={**CHOSEN, "account": names, "act": "cards"}).status_code == 400
        )
    assert post(cast.admin, "chosen", data={**CHOSEN, "account": [], "act": "cards"}).status_code == 302
    assert post(cast.admin, "chosen", data={**CHOSEN, "act": "x"}).status_code == 400
    assert post(cast.sonla_staff, "chosen", data={**CHOSEN, "act": "cards"}).status_code == 403


def test_the_list_offers_choosing_to_who_may(cast):
    assert 'name="account"' in main(get(cast.admin, "people"))
    assert 'name="account"' not in main(get(cast.sonla_staff, "people"))


def test_a_part_of_a_page_leads_to_the_own_password_too(cast):
    user = opened(cast)[0]
    answer = signed_in(user).get(reverse("incidents"), headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (403, reverse("account_change_password"))


def test_an_account_from_a_file_waits_for_its_card(cast):
    cast.tohieu.set_unusable_password()
    cast.tohieu.save()
    page = main(get(cast.admin, "person", cast.tohieu.username))
    assert _("There is no card yet.") in page
    assert _("waiting for its first sign-in") in main(get(cast.admin, "people"))
    password = actions.reset_account(by=cast.admin, operation=cast.operation, user=cast.tohieu)[1]
    assert signed(sign_in(cast.tohieu.username, password)[0])
