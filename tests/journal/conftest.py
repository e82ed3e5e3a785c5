"""Where do the seals of the tests lie, and who answers outside the house?"""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation

from command_center import calling
from journal import seal, verify_export
from journal.models import Address, Epoch
from tests.journal.gates import DESK, NUMBER, mail_server, text_gateway
from tests.journal.ledger import LAO_CAI, SON_LA, write


@pytest.fixture
def sealed(
    committed: SimpleNamespace, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """An empty folder of seals over a journal whose commits are real; what is said of it is said in English."""
    settings.SEAL_DIR = str(tmp_path / "seals")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setattr(verify_export, "VIETNAMESE", False)
    with translation.override("en"):
        yield tmp_path / "seals"
    Epoch.objects.using("owner").exclude(reason="first").delete()


@pytest.fixture
def ledger(sealed: Path, move_clock: Any) -> Path:
    """Six events of Sơn La and three of Lào Cai, two seals among them, one event of Sơn La after the last."""
    write(SON_LA, 2)
    write(LAO_CAI, 2)
    seal.seal()
    write(SON_LA, 3)
    write(LAO_CAI, 1)
    move_clock(minutes=1)
    seal.seal()
    write(SON_LA, 1)
    return sealed


@pytest.fixture
def sms(settings, committed):
    """A gateway for text messages, and the duty officer of Sơn La who is called there."""
    with text_gateway() as gate:
        settings.SMS_GATEWAY, settings.SMS_TOKEN = gate.url, "the bai"
        Address.objects.create(person=committed.sonla.pk, channel="sms", address=NUMBER)
        calling.gather_notices()
        yield gate


@pytest.fixture
def mail(settings, committed):
    with mail_server() as server:
        settings.EMAIL_URL = "smtp://127.0.0.1"
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
        settings.DEFAULT_FROM_EMAIL = "baucu@bo.example"
        Address.objects.create(person=committed.sonla.pk, channel="email", address=DESK)
        calling.gather_notices()
        yield server
