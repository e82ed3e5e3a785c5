"""Through which gates can a message leave the house?"""

import contextlib
import http.client
import ipaddress
import json
import os
import smtplib
import socket
import ssl
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from journal.models import Channel, Delivery

TIMEOUT_S = 10
AGAIN = {408, 425, 429}  # besides every 5xx
MOST = 64 * 1024
LOCAL = {"localhost", "127.0.0.1", "::1"}


class Unreachable(Exception):
    """The gateway did not take it now; it may later."""


class Later(Unreachable):
    """Only this message is not taken now; others may be."""


class Refused(Exception):
    """The gateway will never take this message."""


class Gateway(Protocol):
    """One gate. `send` says what became of the message, or raises Unreachable or Refused."""

    def send(self, message: Delivery) -> str: ...

    def close(self) -> None: ...


class Email:
    """SMTP, with the settings of Django; one connection for all messages of a round."""

    def __init__(self) -> None:
        self.connection: Any = get_connection()

    def send(self, message: Delivery) -> str:
        mail = EmailMessage(
            subject=plain(message.text.split("\n", 1)[0]),
            body=message.text,
            to=[message.address],
            headers={
                "Message-ID": f"<{message.uid}@{_domain()}>",
                "Auto-Submitted": "auto-generated",
            },
            connection=self.connection,
        )
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            raise (Refused if code >= 500 else Later)(_said(code, words)) from error
        except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
            kind = Refused if error.smtp_code >= 500 else Later
            raise kind(_said(error.smtp_code, error.smtp_error)) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(type(error).__name__) from error
        return Delivery.State.SENT

    def close(self) -> None:
        try:
            self.connection.close()
        except (smtplib.SMTPException, OSError):
            self.connection.connection = None


class File:
    """Every message is a line of JSON at the end of VAR/sms.jsonl."""

    def __init__(self) -> None:
        self.path = Path(settings.VAR) / "sms.jsonl"

    def send(self, message: Delivery) -> str:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(file, json.dumps(_body(message), ensure_ascii=False).encode() + b"\n")
                os.fsync(file)
            finally:
                os.close(file)
        except OSError as error:
            raise Unreachable(type(error).__name__) from error
        return Delivery.State.SENT

    def close(self) -> None:
        pass


class Http:
    """A POST of `{id, to, text}` with a token, to the configured address and nowhere else: no redirect is followed.

    2xx is taken, and with `{"delivered": true}` delivered; other 4xx are refused for good. `id` also stands in
    `Idempotency-Key` and is the same at every try.
    """

    def __init__(self) -> None:
        self.url = urlsplit(settings.SMS_GATEWAY)

    def send(self, message: Delivery) -> str:
        connection = self._connection()
        try:
            target = (self.url.path or "/") + (f"?{self.url.query}" if self.url.query else "")
            headers = {
                "Content-Type": "application/json; charset=utf-8",
                "Authorization": f"Bearer {settings.SMS_TOKEN}",
                "Idempotency-Key": str(message.uid),
            }
            body = json.dumps(_body(message), ensure_ascii=False).encode()
            connection.request("POST", target, body, headers)
            answer = connection.getresponse()
            said = answer.read1(MOST)
        except (http.client.HTTPException, OSError, ValueError) as error:
            raise Unreachable(type(error).__name__) from error
        finally:
            connection.close()
        if 200 <= answer.status < 300:
            return Delivery.State.DELIVERED if _delivered(said) else Delivery.State.SENT
        again = answer.status >= 500 or answer.status in AGAIN
        raise (Unreachable if again else Refused)(str(answer.status))

    def close(self) -> None:
        pass

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self.url.hostname or "", self.url.port
        if self.url.scheme == "https":
            secure = ssl.create_default_context()
            made: Any = http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=secure)
        elif self.url.scheme == "http" and host in LOCAL:  # the token goes over no network in the clear
            made = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
        else:
            raise Unreachable("SMS_GATEWAY is not https://")
        made._create_connection = _connected
        return made


def _connected(address: tuple[str, int], timeout: float, source: Any = None) -> socket.socket:
    """A socket to what the name means just now, unless that is this machine's own or a link's: a name can be turned."""
    host, port = address
    found = [str(where[0]) for *_rest, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for one in found:
        number = ipaddress.ip_address(one.split("%", 1)[0])
        number = getattr(number, "ipv4_mapped", None) or number
        turned = number.is_loopback and host not in LOCAL
        if turned or number.is_link_local or number.is_multicast or number.is_unspecified:
            raise OSError("an address that is no gateway's")
    for one in found[:-1]:
        with contextlib.suppress(OSError):
            return socket.create_connection((one, port), timeout)
    return socket.create_connection((found[-1], port), timeout)


def gateways() -> dict[str, type[Gateway]]:
    """The gates that are configured, by channel; a channel without one takes nothing."""
    found: dict[str, type[Gateway]] = {}
    if settings.EMAIL_URL:
        found[Channel.EMAIL] = Email
    if settings.SMS_GATEWAY:
        found[Channel.SMS] = File if settings.SMS_GATEWAY == "file" else Http
    return found


def _body(message: Delivery) -> dict[str, str]:
    return {"id": str(message.uid), "to": message.address, "text": message.text}


def _delivered(said: bytes) -> bool:
    try:
        answer = json.loads(said)
    except ValueError:
        return False
    return isinstance(answer, dict) and answer.get("delivered") is True


def _domain() -> str:
    return settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("<> ") or "baucu"


def plain(text: str) -> str:
    """Without a line break or another control character: in a header it would begin a header of its own."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _said(code: int, words: bytes | str) -> str:
    return plain(f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}")
