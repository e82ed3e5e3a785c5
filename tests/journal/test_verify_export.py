"""Does an outsider with nothing but Python find what was done to an export?"""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from journal import export, seal, verify_export
from tests.journal.ledger import LAO_CAI, SON_LA, body

Lines = list[dict[str, Any]]


def exported(tmp_path: Path, edit: Callable[[Lines], Lines] = list, **options: Any) -> Path:
    out = io.BytesIO()
    export.export(out.write, **options)
    lines = edit([json.loads(line) for line in out.getvalue().splitlines()])
    file = tmp_path / "export.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file


def test_an_export_is_proved_by_plain_python(ledger: Path, tmp_path: Path) -> None:
    file = tmp_path / "export.jsonl"
    with file.open("w") as out:
        call_command("export_journal", stdout=out)
    command = [
        sys.executable,
        "-I",
        "-S",
        verify_export.__file__,
        str(file),
        "--root",
        seal.short(seal.latest().root),
    ]
    told = subprocess.run(command, capture_output=True, text=True, check=False, env={"LC_ALL": "C.UTF-8"})
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.startswith("Whole: 9 events, 2 streams, 2 seals; last seal ")
    with file.open("rb") as whole:
        told = subprocess.run([*command[:4], "-"], stdin=whole, capture_output=True, text=True, check=False)
    assert told.returncode == 0


def test_one_province_proves_its_own_chain_and_learns_nothing_of_another(
    ledger: Path, tmp_path: Path
) -> None:
    file = exported(tmp_path, streams=[LAO_CAI])
    assert SON_LA not in file.read_text()
    assert verify_export.main([str(file)]) == 0
    assert export.streams_of("default", operation="bau-cu") == [SON_LA, LAO_CAI]
    assert export.streams_of("default", operation="dien-tap") == []
    assert export.streams_of("default") is None


def events(lines: Lines) -> Lines:
    return [line for line in lines if line["kind"] == "event" and line["stream"] == SON_LA]


def of(lines: Lines, kind: str) -> Lines:
    return [line for line in lines if line["kind"] == kind]


def alter(lines: Lines) -> Lines:
    events(lines)[2]["body"] += " "
    return lines


def remove(lines: Lines) -> Lines:
    return [line for line in lines if line is not events(lines)[2]]


def insert(lines: Lines) -> Lines:
    at = lines.index(events(lines)[2])
    return [*lines[:at], {**lines[at], "body": body(SON_LA)}, *lines[at:]]


def swap(lines: Lines) -> Lines:
    one, other = events(lines)[1:3]
    one["body"], other["body"] = other["body"], one["body"]
    return lines


def _end(lines: Lines) -> Lines:
    """Set the last line right again after the end of Sơn La was cut off."""
    last = events(lines)[-1]
    end = lines[-1]
    end["events"] = len(of(lines, "event"))
    end["seals"] = len(of(lines, "seal"))
    end["heads"][SON_LA] = [last["seq"], last["hash"]]
    return lines


def cut_events(lines: Lines) -> Lines:
    gone = events(lines)[3:]
    return _end([line for line in lines if line not in gone])


def cut_seals(lines: Lines) -> Lines:
    return _end([line for line in lines if line["kind"] != "seal"])


def drop_first_seal(lines: Lines) -> Lines:
    return _end([line for line in lines if line is not of(lines, "seal")[0]])


def alter_seal(lines: Lines) -> Lines:
    one = of(lines, "seal")[0]
    one["heads"] = one["heads"].replace(" 2 ", " 1 ")
    return lines


def spoil_seal(lines: Lines) -> Lines:
    of(lines, "seal")[0]["heads"] += " "
    return lines


def alter_signature(lines: Lines) -> Lines:
    one = of(lines, "seal")[1]
    one["signature"] = one["signature"][:-2] + ("00" if one["signature"][-2:] != "00" else "01")
    return lines


def hide(lines: Lines) -> Lines:
    """Cut the end off and cover our own line in the last seal, as if it were a neighbour's."""
    one = of(lines, "seal")[1]
    covered = export._covered(one["heads"], {LAO_CAI})
    one["heads"] = covered
    return cut_events(lines)


def other_key(lines: Lines) -> Lines:
    of(lines, "key")[0]["public"] = "ab" * 32
    return lines


def other_genesis(lines: Lines) -> Lines:
    of(lines, "genesis")[0]["hash"] = "ab" * 32
    return lines


def no_genesis(lines: Lines) -> Lines:
    return [line for line in lines if line["kind"] != "genesis"]


def no_epoch(lines: Lines) -> Lines:
    return [line for line in lines if line["kind"] != "epoch"]


def cut_file(lines: Lines) -> Lines:
    return lines[:-1]


def after_the_end(lines: Lines) -> Lines:
    return [*lines, of(lines, "epoch")[0]]


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (alter, "event 3 was altered"),
        (remove, "events 3 to 3 are missing"),
        (insert, "event 3 was altered"),
        (swap, "event 2 was altered"),
        (cut_events, "event 5, sealed at"),
        (cut_seals, "There is no seal"),
        (drop_first_seal, "another one is missing"),
        (alter_seal, "is forged or altered"),
        (spoil_seal, "Line 7 cannot be read"),
        (alter_signature, "is forged or altered"),
        (hide, "bau-cu/14 goes back"),
        (other_key, "unknown key"),
        (other_genesis, "does not begin as it must"),
        (no_genesis, "has no beginning"),
        (no_epoch, "unknown epoch"),
        (cut_file, "cut short"),
        (after_the_end, "cut short"),
    ],
)
def test_a_tampered_export_fails(
    ledger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], edit: Any, words: str
) -> None:
    assert verify_export.main([str(exported(tmp_path, edit))]) == 1
    assert words in capsys.readouterr().err


def test_an_export_is_measured_against_what_was_known_before(ledger: Path, tmp_path: Path) -> None:
    file = str(exported(tmp_path))
    latest = seal.latest()
    assert latest is not None
    assert verify_export.main([file, "--key", latest.signer, "--root", latest.root]) == 0
    assert verify_export.main([file, "--key", "ab" * 32]) == 1
    assert verify_export.main([file, "--root", "0000-0000-0000-0000"]) == 1


@pytest.mark.parametrize(
    "text", ["", "{}\n", "nonsense\n", '{"kind":"journal","format":2}\n', '{"kind":"event"}\n']
)
def test_what_is_no_export_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "export.jsonl"
    file.write_text(text)
    assert verify_export.main([str(file)]) == 2
    assert verify_export.main([str(tmp_path / "absent")]) == 2


# RFC 8032, 7.1: public key, message, signature
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe246"
            "55141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb"
            "00d291612bb0c00"
        ),
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_the_signatures_of_the_standard_are_accepted(public: str, message: str, signature: str) -> None:
    assert verify_export.signed(bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature))


@trials(max_examples=25, deadline=None)
@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=80), bit=st.integers(0, 511))
def test_signatures_are_judged_as_the_library_judges_them(seed: bytes, message: bytes, bit: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert verify_export.signed(public, message, signature)
    flipped = (int.from_bytes(signature, "little") ^ 1 << bit).to_bytes(64, "little")
    assert not verify_export.signed(public, message, flipped)
    assert not verify_export.signed(public, message + b"x", signature)
    more = int.from_bytes(signature[32:], "little") + verify_export.ORDER
    if more < 2**256:
        assert not verify_export.signed(public, message, signature[:32] + more.to_bytes(32, "little"))


@given(st.binary(max_size=70), st.binary(max_size=40))
def test_nonsense_is_no_signature(signature: bytes, public: bytes) -> None:
    assert not verify_export.signed(public, b"message", signature)
