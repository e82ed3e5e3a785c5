"""Who comes in, and what ends when?"""

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from subcommittees.models import SignInFailure
from tests.cast import PASSWORD

LOGIN = "/accounts/login/"


def sign_in(client, account, password=PASSWORD, **more):
    return client.post(LOGIN, {"login": account, "password": password, **more})


def words(answer):
    """The page without what differs by itself."""
    text = answer.content.decode()
    return text[text.index("<main") : text.index("</main>")]


def bare(answer, *names):
    text = words(answer)
    for name in names:
        text = text.replace(name, "")
    token = text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    return text.replace(token, "")


def test_signing_in_leads_home_or_where_one_was_going(cast):
    assert sign_in(Client(), cast.sonla.username).headers["Location"] == "/"
    asked = Client().get("/journal/")
    assert (asked.status_code, asked.headers["Location"]) == (302, f"{LOGIN}?next=/journal/")
    assert sign_in(Client(), cast.sonla.username, next="/journal/").headers["Location"] == "/journal/"
    assert sign_in(Client(), cast.sonla.username, next="https://example.org/").headers["Location"] == "/"


def test_a_wrong_password_an_unknown_and_a_disabled_account_hear_the_same(cast):
    cast.laocai.is_active = False
    cast.laocai.save()
    wrong = sign_in(Client(), cast.sonla.username, "sai")
    unknown = sign_in(Client(), "khong.co", "sai")
    disabled = sign_in(Client(), cast.laocai.username)
    assert wrong.status_code == 200
    assert "_auth_user_id" not in wrong.client.session
    assert (
        bare(wrong, cast.sonla.username) == bare(unknown, "khong.co") == bare(disabled, cast.laocai.username)
    )


def test_after_five_failures_known_and_unknown_accounts_pause_alike(cast):
    answers = []
    for account in (cast.sonla.username, "khong.co"):
        for _ in range(6):
            answer = sign_in(Client(), account, "sai")
        answers.append(bare(answer, account))
    assert answers[0] == answers[1]
    assert "_auth_user_id" not in sign_in(Client(), cast.sonla.username).client.session
    assert "_auth_user_id" in sign_in(Client(REMOTE_ADDR="10.9.8.7"), cast.sonla.username).client.session
    assert "_auth_user_id" in sign_in(Client(), cast.tohieu.username).client.session


def test_a_success_clears_the_count(cast):
    for _ in range(3):
        sign_in(Client(), cast.sonla.username, "sai")
    sign_in(Client(), cast.sonla.username)
    assert not SignInFailure.objects.exists()


@pytest.mark.parametrize(
    "name",
    [
        "account_signup",
        "account_email",
        "account_reset_password",
        "account_set_password",
        "account_reauthenticate",
    ],
)
def test_the_other_doors_of_the_library_do_not_exist(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_a_new_password_ends_the_other_sessions_and_not_this_one(cast):
    here, there = Client(), Client()
    sign_in(here, cast.sonla.username)
    sign_in(there, cast.sonla.username)
    new = "mot-cau-that-dai-khac"
    change = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    answer = here.post(reverse("account_change_password"), change)
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("account"))
    assert here.get(reverse("account")).status_code == 200
    assert there.get(reverse("account")).status_code == 302
    assert "_auth_user_id" in sign_in(Client(), cast.sonla.username, new).client.session


@pytest.mark.parametrize(
    "change",
    [
        {"oldpassword": "sai", "password1": "mot-cau-that-dai-khac", "password2": "mot-cau-that-dai-khac"},
        {"oldpassword": PASSWORD, "password1": "ngan", "password2": "ngan"},
        {"oldpassword": PASSWORD, "password1": "mot-cau-that-dai-khac", "password2": "mot-cau-that-dai"},
        {"oldpassword": PASSWORD, "password1": "x" * 500, "password2": "x" * 500},
    ],
)
def test_a_bad_change_changes_nothing(cast, change):
    client = Client()
    client.force_login(cast.sonla, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(reverse("account_change_password"), change)
    assert answer.status_code == 200
    assert 'id="errors"' in answer.content.decode()
    cast.sonla.refresh_from_db()
    assert cast.sonla.check_password(PASSWORD)


def test_an_open_screen_does_not_help_to_guess_the_password(cast):
    client = Client()
    client.force_login(cast.sonla, backend="django.contrib.auth.backends.ModelBackend")
    change = {
        "oldpassword": "sai",
        "password1": "mot-cau-that-dai-khac",
        "password2": "mot-cau-that-dai-khac",
    }
    for _ in range(6):
        client.post(reverse("account_change_password"), change)
    client.post(reverse("account_change_password"), {**change, "oldpassword": PASSWORD})
    cast.sonla.refresh_from_db()
    assert cast.sonla.check_password(PASSWORD)


def test_signing_out_ends_the_session_and_asks_before_when_it_is_only_a_link(cast):
    client = Client()
    client.force_login(cast.sonla, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("account_logout")).status_code == 200
    assert client.post(reverse("account_logout")).headers["Location"] == LOGIN
    assert client.get(reverse("account")).status_code == 302


def test_a_part_of_a_page_sends_the_whole_page_to_the_sign_in(cast):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/incidents/?state=open"}
    answer = Client().get("/incidents/", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == f"{LOGIN}?next=%2Fincidents%2F%3Fstate%3Dopen"


def test_the_language_is_chosen_before_and_after_signing_in(cast):
    client = Client()
    assert '<html lang="vi"' in client.get(LOGIN).content.decode()
    answer = client.post(reverse("set_language"), {"language": "en", "next": LOGIN})
    assert (answer.status_code, answer.headers["Location"], client.cookies["lang"].value) == (
        302,
        LOGIN,
        "en",
    )
    assert '<html lang="en"' in client.get(LOGIN).content.decode()
    away = client.post(reverse("set_language"), {"language": "vi", "next": "https://example.org/"})
    assert away.headers["Location"] == "/"
