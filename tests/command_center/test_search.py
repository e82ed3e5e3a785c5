"""Does everybody find what is in reach, and only that, however it is typed?"""

import random
import unicodedata

import pytest
from django.urls import reverse

from sites import queries as sites
from sites.models import Site
from subcommittees.models import Unit
from subcommittees.vietnamese import fold
from tests.cast import OFFICERS
from tests.pages import report


@pytest.fixture
def find(stage, api):
    """`find("duty", "to hieu")`: what is found of each kind, by its id."""

    def asked(who, q, **more):
        answer = api(stage.officers[who]).get(reverse("api-search"), {"q": q, **more})
        assert answer.status_code == 200, answer.content
        return {one["kind"]: [row["id"] for row in one["results"]] for one in answer.json()["groups"]}

    return asked


@pytest.mark.parametrize(
    "typed", ["to hieu", "TÔ HIỆU", "Tô Hi", unicodedata.normalize("NFD", "tô hiệu"), "hieu to"]
)
def test_every_kind_is_found_at_once(find, stage, typed):
    found = find("sonla_staff", typed)
    assert found["units"] == ["vn/14/03646/"]
    assert found["sites"] == ["14-03646-001", "14-03646-002"]
    assert found["incidents"] == [str(stage.fire.pk)]
    assert found["people"] == ["thu.tohieu"]
    assert found["pages"] == []


@pytest.mark.parametrize("typed", ["{ref}", "{number}", "khoi o tang hai", "KHÓI TẦNG", "chay to hieu"])
def test_an_incident_is_found_by_number_and_by_words(find, stage, typed):
    number = stage.fire.ref.rpartition("-")[2]
    for one in (number, number.lstrip("0")):
        assert find("sonla", typed.format(ref=stage.fire.ref, number=one))["incidents"] == [
            str(stage.fire.pk)
        ]


def test_the_latest_incident_stands_first(find, stage):
    later = report(stage, stage.tohieu, stage.site.tohieu_2, summary="Khói ở tầng ba")
    assert find("sonla", "khoi tang")["incidents"] == [str(later.pk), str(stage.fire.pk)]


@pytest.mark.parametrize("typed", ["đ", "Đ", "d", "D", "Ð"])
def test_d_with_and_without_its_stroke_is_one_letter(find, stage, typed):
    site = Site.objects.create(
        code="14-03646-077", number=77, name="Đền Đá", unit=stage.unit.tohieu, lat=21.3, lon=103.9
    )
    assert find("tohieu", f"{typed}en {typed}a")["sites"] == [site.code]


def test_whole_words_come_before_beginnings(find, stage):
    made = [
        Site.objects.create(
            code=f"14-03646-{number:03d}",
            number=number,
            name=name,
            unit=stage.unit.tohieu,
            lat=21.3,
            lon=103.9,
        ).code
        for number, name in [(31, "Trạm Hoàng Mai"), (32, "Nhà Hoa Mai"), (33, "Hoa Mai")]
    ]
    assert find("sonla", "hoa mai")["sites"] == [made[2], made[1]]
    assert find("sonla", "hoang m")["sites"] == [made[0]]


def test_nothing_typed_offers_the_pages(find):
    found = find("admin", "")
    assert list(found) == ["pages"]
    assert "new-account" in found["pages"]
    assert "report" not in found["pages"]
    assert "report" in find("tohieu", "")["pages"]
    assert find("tohieu", "bao cao")["pages"] == find("tohieu", "khong co gi")["pages"] == []


@pytest.mark.parametrize(
    "typed", ["!&|:*", "' OR 1=1 --", "–", "%", "\\", "a:*b", "((", "x" * 500, "a " * 250]
)
def test_nonsense_finds_nothing_and_breaks_nothing(find, typed):
    find("duty", typed)


def test_the_limit_is_of_each_kind(find, stage, api):
    assert len(find("duty", "nha van hoa", limit=3)["sites"]) == 3
    answer = api(stage.duty).get(reverse("api-search"), {"q": "nha", "limit": 3}).json()
    assert next(one["all"] for one in answer["groups"] if one["kind"] == "sites") == "/sites/?q=nha"
    for wrong in ("0", "x", "-1"):
        assert api(stage.duty).get(reverse("api-search"), {"q": "a", "limit": wrong}).status_code == 400
    assert api(stage.duty).get(reverse("api-search"), {"q": "a", "what": "x"}).status_code == 400


@pytest.mark.parametrize("who", sorted(OFFICERS))
def test_what_is_found_is_what_the_lists_show(find, stage, api, who):
    """Everything of every kind, asked for by its own name."""
    client = api(stage.officers[who])
    for kind, names in {
        "sites": {one.code: one.name for one in stage.site.__dict__.values()},
        "units": {one.path: one.name for one in stage.unit.__dict__.values()},
        "incidents": {str(one.pk): one.ref for one in (stage.fire, stage.theirs)},
    }.items():
        key = {"sites": "code", "units": "path", "incidents": "id"}[kind]
        seen = {one[key] for one in client.get(reverse(f"api-{kind}"), {"limit": 200}).json()["results"]}
        found = {one for name in names.values() for one in find(who, name, limit=20)[kind]}
        assert found == seen


def test_another_operation_finds_its_own_incidents(stage, api):
    answer = api(stage.sonla).get(f"/op/dien-tap{reverse('api-search')}", {"q": "khoi to hieu"}).json()
    found = {one["kind"]: one["results"] for one in answer["groups"]}
    assert found["incidents"] == []
    assert api(stage.sonla).get("/op/dien-tap/api/search/", {"q": "to hieu"}).json()["groups"][3]["results"][
        0
    ]["url"] == ("/op/dien-tap/units/vn/14/03646/")


PARTS = [
    *"ĐĂÂÊÔƠƯỦỸ",
    "Nhà",
    "Trường",
    "Đền",
    "Đình",
    "Hội",
    "Trạm",
    "Sân",
    "Chợ",
    "Bến",
    "Cầu",
    "Phố",
    "Đồi",
    "Gò",
    "Ấp",
]


def test_a_thousand_names_without_accents(stage):
    """Generated, so that nobody chose the easy ones."""
    chance = random.Random(7)
    commune, province = stage.unit.tohieu, stage.unit.sonla
    rows = []
    for number in range(10, 1010):
        row = Site(
            code=f"14-03646-{number:04d}", number=number, unit=commune, lat=21.3, lon=103.9,
            name=f"Điểm bầu cử {number} – {' '.join(chance.sample(PARTS, 3))}",
        )  # fmt: skip
        row.set_keys(commune, province)
        rows.append(row)
    Site.objects.bulk_create(rows)
    lost = [
        row.name
        for row in rows
        if [one.code for one in sites.best(stage.sonla, fold(row.name), 1)] != [row.code]
    ]
    assert lost == []


def test_no_more_questions_for_many_rows_than_for_one(stage, api, django_assert_max_num_queries):
    for count in (1, 30):
        for number in range(count):
            Unit.objects.create(
                path=f"vn/14/9{count:02d}{number:02d}/", code=f"9{count:02d}{number:02d}", name=f"Xã Mộc {count}",
                kind="commune", parent=stage.unit.sonla,
            )  # fmt: skip
        client = api(stage.sonla)
        with django_assert_max_num_queries(14):
            client.get(reverse("api-search"), {"q": "xa moc"})
