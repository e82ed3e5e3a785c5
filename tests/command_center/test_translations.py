"""Is everything said in Vietnamese, and does whatever is not get named?"""

import datetime as dt
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from io import StringIO
from pathlib import Path

import polib
import pytest
from allauth.account.adapter import DefaultAccountAdapter
from django import forms
from django.conf import settings
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timesince, translation
from django.utils.translation import gettext, ngettext
from rest_framework import serializers

from command_center.management.commands import check_translations as check
from command_center.sign_in import Adapter
from command_center.translatable import texts
from subcommittees.words import Words
from tests.catalogue import newest

TEMPLATES = settings.BASE_DIR / "command_center/templates"


@pytest.fixture(autouse=True)
def vietnamese(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Vietnamese as it stands in the catalogue now."""
    newest(monkeypatch)
    with translation.override("vi"):
        yield


@pytest.fixture
def source(tmp_path: Path):
    """What is read from a source that says this."""

    def read(said: str, name: str = "page.html") -> list[check.Text]:
        (tmp_path / name).write_text(said, encoding="utf-8")
        return list(texts(tmp_path / name, name))

    return read


def keys(found: list[check.Text]) -> set[tuple[str, str, str]]:
    return {(one.context, one.singular, one.plural) for one in found}


def catalogue(*entries: polib.POEntry) -> polib.POFile:
    held = polib.POFile()
    held.extend(entries)
    return held


def wrong(entry: polib.POEntry | None, ours: list[check.Text]) -> list[str]:
    return list(check.faults(catalogue(*[entry] if entry else []), ours, []))


def test_every_text_has_its_vietnamese():
    said, faults = StringIO(), StringIO()
    try:
        call_command("check_translations", stdout=said, stderr=faults)
    except CommandError:
        pytest.fail(faults.getvalue())
    assert "every text has its Vietnamese" in said.getvalue()


def test_the_catalogue_is_as_update_leaves_it(tmp_path, monkeypatch):
    """Sorted, without numbers of lines, naming no one: two branches that add texts merge calmly."""
    kept = check.CATALOGUE.read_text(encoding="utf-8")
    monkeypatch.setattr(check, "CATALOGUE", tmp_path / "django.po")
    check.CATALOGUE.write_text(kept, encoding="utf-8")
    call_command("check_translations", "--update", stdout=StringIO())
    assert check.CATALOGUE.read_text(encoding="utf-8") == kept
    assert not re.search(r"^#:|Last-Translator|Language-Team|POT-Creation|PO-Revision", kept, re.MULTILINE)


def test_a_module_is_read_by_the_names_it_imports(source):
    found = source(
        """
from django.utils.translation import gettext as _, gettext_lazy, ngettext, npgettext
from django.utils import translation

a = _("one " "two")
b = gettext_lazy("lazy")
c = ngettext("%d day", "%d days", 3) + npgettext("sea", "wave", "waves", 2)
d = translation.pgettext("seal", "animal")
e = unknown("not ours")
""",
        "module.py",
    )
    assert keys(found) == {
        ("", "one two", ""),
        ("", "lazy", ""),
        ("", "%d day", "%d days"),
        ("sea", "wave", "waves"),
        ("seal", "animal", ""),
    }


def test_a_template_is_read_by_its_tags(source):
    found = source(
        """{% load i18n %}{# {% translate "commented out" %} #}
{% translate "plain" %} {% translate "a bear" context "animal" as bear %} {% translate "100 %" %}
{% blocktranslate count n=n %}{{ n }} site{% plural %}{{ n }} sites{% endblocktranslate %}
{% blocktranslate trimmed %}
  two
  lines{% endblocktranslate %}
{{ name|default:_("nobody") }} {% include "x" with title=_("as argument") %} {{ _("alone") }}"""
    )
    assert keys(found) == {
        ("", "plain", ""),
        ("animal", "a bear", ""),
        ("", "100 %%", ""),
        ("", "%(n)s site", "%(n)s sites"),
        ("", "two lines", ""),
        ("", "nobody", ""),
        ("", "as argument", ""),
        ("", "alone", ""),
    }


def test_a_new_text_without_vietnamese_is_named(source):
    ours = source('{% load i18n %}{% translate "A planted text" %}')
    assert wrong(None, ours) == ["page.html: not in the catalogue: 'A planted text'"]
    assert wrong(polib.POEntry(msgid="A planted text"), ours) == ["no Vietnamese: 'A planted text'"]
    assert wrong(polib.POEntry(msgid="A planted text", msgstr="Một câu"), ours) == []


def test_the_command_fails_on_a_planted_text_and_update_writes_it_down(tmp_path, monkeypatch):
    monkeypatch.setattr(check, "CATALOGUE", settings.BASE_DIR / "var/none.po")
    planted = [check.Text("A planted text", "", "", "incidents/pages.py")]
    monkeypatch.setattr(check, "our_texts", lambda: planted)
    monkeypatch.setattr(check, "their_texts", list)
    faults = StringIO()
    with pytest.raises(CommandError):
        call_command("check_translations", stderr=faults)
    assert faults.getvalue() == "incidents/pages.py: not in the catalogue: 'A planted text'\n"
    fresh = check.refresh(catalogue(polib.POEntry(msgid="Gone", msgstr="Đã bỏ")), planted, [])
    assert [(entry.msgid, entry.msgstr) for entry in fresh] == [("A planted text", "")]


def test_what_is_no_translation_is_named(source):
    ours = source("{% load i18n %}{% blocktranslate %}{{ n }} of 98 %{% endblocktranslate %}")
    text = "%(n)s of 98 %%"
    assert wrong(polib.POEntry(msgid=text, msgstr="%(n)s trong 98 %%"), ours) == []
    assert "placeholders" in wrong(polib.POEntry(msgid=text, msgstr="%(m)s trong 98 %%"), ours)[0]
    assert "fuzzy" in wrong(polib.POEntry(msgid=text, msgstr="%(n)s", flags=["fuzzy"]), ours)[0]
    plural = polib.POEntry(msgid=text, msgid_plural="x", msgstr_plural={0: "%(n)s"})
    assert "another plural" in wrong(plural, ours)[0]
    gone = [check.Text("Other", "", "", "page.html")]
    assert "nothing shows it" in wrong(polib.POEntry(msgid=text, msgstr="%(n)s trong 98 %%"), gone)[-1]


def test_a_plural_needs_its_form_too(source):
    ours = source('from django.utils.translation import ngettext\nngettext("%d day", "%d days", n)', "m.py")
    entry = polib.POEntry(msgid="%d day", msgid_plural="%d days", msgstr_plural={0: ""})
    assert "no Vietnamese" in wrong(entry, ours)[0]
    entry.msgstr_plural = {0: "%d ngày"}
    assert wrong(entry, ours) == []


def test_a_text_put_together_at_run_time_and_one_not_in_english_are_named(source):
    ours = source('from django.utils.translation import gettext as _\n_(f"{n} sites")', "module.py")
    assert "at run time" in wrong(None, ours)[0]
    ours = source('{% load i18n %}{% translate "Sự cố" %}')
    assert "not in English" in wrong(None, ours)[0]


def test_a_text_of_an_app_needs_vietnamese_from_somewhere():
    theirs = [check.Text("A text of allauth", "", "", "allauth/account/forms.py")]
    assert "not in the catalogue" in next(check.faults(catalogue(), [], theirs))
    assert list(check.faults(catalogue(), [], [check.Text("Permissions", "", "", "django")])) == []


def test_what_no_reader_can_meet_still_exists():
    """What is gone from the packages is dropped from the list."""
    patterns = [one for one in check.CLOSED if not one.startswith("*")]
    assert [one for one in patterns if not any(check.PACKAGES.glob(one))] == []


def test_what_is_installed_is_not_left_out():
    """Whoever installs allauth.mfa lets its texts be read too; pages of its own would show allauth's."""
    installed = {f"{app.replace('.', '/')}/models.py" for app in settings.INSTALLED_APPS if app != "guardian"}
    assert [one for one in installed for closed in check.CLOSED if fnmatch(one, closed)] == []


def test_names_of_the_domain_have_both_languages():
    assert list(check.wordless()) == []
    planted = [Words("Cháy", ""), Words(" ", "Fire"), Words("Cháy", "Cháy")]
    assert len(list(check.wordless())) == len(planted)


def test_the_command_reads_no_less_than_the_whole_product():
    files = {text.file for text in check.our_texts()}
    assert {"command_center/templates/base.html", "incidents/actions.py", "subcommittees/actions.py"} <= files
    files = {text.file for text in check.their_texts()}
    assert {"django/forms/fields.py", "allauth/account/adapter.py", "rest_framework/fields.py"} <= files


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_a_template_says_nothing_past_the_catalogue(path):
    """No words between the tags or in what a reader hears or sees of an attribute."""
    if path.name in {"500.html", "style.html"}:  # both languages at once; samples of data
        return
    text = path.read_text(encoding="utf-8")
    for unseen in (
        r"{#.*?#}",
        r"{%\s*comment.*?endcomment\s*%}",
        r"{%\s*blocktrans.*?endblocktrans(?:late)?\s*%}",
        r"{%\s*block \w+_class\s*%}.*?{%\s*endblock\s*%}",
        r"<kbd[^>]*>.*?</kbd>",
        r"(?:Excel|CSV)(?=</a>)",  # formats are called by their own names
        r'<button[^>]* lang="\w+".*?</button>',  # a language is called by its own name
        r"<input[^>]*>\s*(?:English|Tiếng Việt)",
        r"{%.*?%}",
        r"{{.*?}}",
    ):
        text = re.sub(unseen, "\0", text, flags=re.DOTALL)
    heard = re.findall(r'\b(?:title|placeholder|alt|aria-label|data-label|data-text)="([^"]*)"', text)
    between = re.sub(r"<(?:\"[^\"]*\"|'[^']*'|[^>\"'])*>", "\0", text).split("\0")
    assert [one for one in [*heard, *between] if re.search(r"[^\W\d_]{3,}", one)] == []


def test_django_speaks_vietnamese():
    with pytest.raises(ValidationError) as refused:
        forms.CharField().clean("")
    assert refused.value.messages == ["Mục này bắt buộc phải nhập."]
    with pytest.raises(ValidationError) as refused:
        forms.CharField(max_length=3).clean("dài quá")
    assert refused.value.messages == ["Tối đa 3 ký tự (hiện có 7)."]


def test_the_api_speaks_vietnamese():
    class Shape(serializers.Serializer):
        text = serializers.CharField()
        level = serializers.IntegerField(min_value=1)

    shape = Shape(data={"text": "", "level": 0})
    assert not shape.is_valid()
    assert shape.errors == {
        "text": ["Mục này không được để trống."],
        "level": ["Giá trị phải lớn hơn hoặc bằng 1."],
    }


@pytest.mark.parametrize("adapter", [DefaultAccountAdapter, Adapter])
def test_every_refusal_of_the_sign_in_is_vietnamese(adapter):
    said = [str(one) for one in adapter.error_messages.values()]
    assert said
    assert [one for one in said if not check.VIETNAMESE.search(one)] == []


def test_spans_of_time_are_vietnamese():
    now = dt.datetime(2026, 3, 14, 12, tzinfo=dt.UTC)
    assert timesince.timesince(now - dt.timedelta(minutes=47), now) == "47\xa0phút"
    assert timesince.timesince(now - dt.timedelta(days=9), now) == "1\xa0tuần, 2\xa0ngày"
    past = naturaltime(dt.datetime.now(dt.UTC) - dt.timedelta(hours=3, minutes=1))
    assert "giờ" in past
    assert not re.search("hour|ago", past)


def test_one_text_serves_every_number():
    assert ngettext("%(n)d minute ago", "%(n)d minutes ago", 1) % {"n": 1} == "1 phút trước"
    assert ngettext("%(n)d minute ago", "%(n)d minutes ago", 9) % {"n": 9} == "9 phút trước"


def test_english_is_english():
    with translation.override("en"):
        assert gettext("Polling sites") == "Polling sites"
        assert gettext("This field is required.") == "This field is required."
        assert ngettext("%(n)d minute ago", "%(n)d minutes ago", 9) == "%(n)d minutes ago"
