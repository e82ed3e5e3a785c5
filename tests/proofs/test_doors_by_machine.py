"""Does any role get a 500, or anything of a neighbour's, from any address of the schema with any value in it?"""

import json
import os
import random
from types import SimpleNamespace
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from incidents.models import Incident
from subcommittees.models import Appointment
from tests.cast import OFFICERS
from tests.doors import undone
from tests.test_access import MARKS, fill

TRIES = int(os.environ.get("PROOF_TRIES", "12"))
SEED = int(os.environ.get("PROOF_SEEDS", "1").split()[0])
WORDS: list[Any] = [
    "", " ", "a", "Đ", "\u200b", "%", "_", "'", "\\", "-1", "0", "1", "9" * 19, "1e9", "NaN", "null", "true", "[]",
    "vn/", "vn/14/", "vn/15/", "../", "%00", "\U0001f600", "x" * 600,
    "2026-03-15T07:00:00+07:00", "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-14:00", "open", "FIRE", "14-03646-001", "15-03006-001",
]  # fmt: skip
VALUES: list[Any] = [*WORDS, None, True, False, 0, 1, 4, -1, 2**63, 1.5, [], {}, ["a"], {"a": 1}]
pytestmark = [pytest.mark.proof, pytest.mark.loud, pytest.mark.timeout(300)]


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Every method of every path of the schema."""
    schema = SchemaGenerator().get_schema(public=True)
    return [
        (path, method, {**said, "components": schema["components"]})
        for path, methods in sorted(schema["paths"].items())
        for method, said in methods.items()
        if method in {"get", "post", "put", "patch", "delete"}
    ]


def known(cast: SimpleNamespace) -> dict[str, list[str]]:
    """Values that lead somewhere, ours and a neighbour's, for the variables of the paths."""
    return {
        "incident": [str(pk) for pk in Incident.objects.values_list("pk", flat=True)],
        "verb": ["acknowledge", "note", "close", "raise", "reopen"],
        "code": [site.code for site in vars(cast.site).values()],
        "username": [user.username for user in cast.officers.values()],
        "appointment": [str(pk) for pk in Appointment.objects.values_list("pk", flat=True)],
    }


def body_of(said: dict[str, Any], dice: random.Random) -> Any:
    """A body of the shape that is asked for, with any value in any place, or of no shape at all."""
    if dice.random() < 0.1:
        return dice.choice(VALUES)
    content = said.get("requestBody", {}).get("content", {})
    reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
    shape = said["components"]["schemas"].get(reference.rpartition("/")[2], {})
    body = {name: dice.choice(VALUES) for name in shape.get("properties", {}) if dice.random() < 0.8}
    if "site" in shape.get("properties", {}) and dice.random() < 0.5:
        body |= {"site": "14-03646-001", "category": "FIRE", "severity": 2}
    return body


def address(
    path: str, said: dict[str, Any], values: dict[str, list[str]], dice: random.Random
) -> tuple[str, dict]:
    query = {}
    for one in said.get("parameters", []):
        if one["in"] == "path":
            some = values.get(one["name"]) or ["1"]
            path = path.replace("{" + one["name"] + "}", dice.choice(some))
        elif one["in"] == "query" and dice.random() < 0.5:
            query[one["name"]] = dice.choice(WORDS)
    return path, query


@pytest.mark.parametrize("name", [*OFFICERS, None])
def test_every_address_with_any_value(name: str | None, cast: SimpleNamespace, api: Any) -> None:
    fill(cast)
    dice = random.Random(f"{SEED}:{name}")
    client = api(getattr(cast, name) if name else None)
    values = known(cast)
    place = OFFICERS[name][1] if name else None
    foreign = {
        "sonla": "laocai",
        "tohieu": "laocai",
        "chiengan": "laocai",
        "laocai": "sonla",
        "sapa": "sonla",
    }
    marks = [mark for mark in MARKS[foreign[place]] if len(mark) > 5] if place in foreign else []
    wrong = []
    for path, method, said in operations():
        for _ in range(TRIES):
            where, query = address(path, said, values, dice)
            body = body_of(said, dice) if method != "get" else None
            with undone():
                if method == "get":
                    answer = client.get(where, query)
                else:
                    answer = client.generic(
                        method.upper(),
                        where,
                        json.dumps(body),
                        content_type="application/json",
                        QUERY_STRING="",
                    )
                text = b"".join(answer.streaming_content) if answer.streaming else answer.content
            told = [mark for mark in marks if mark in text.decode(errors="replace")]
            asked = json.dumps([where, query, body], ensure_ascii=False)
            if answer.status_code >= 500 or any(mark not in asked for mark in told):
                wrong.append((method, where, query, body, answer.status_code, told))
    assert wrong == []
