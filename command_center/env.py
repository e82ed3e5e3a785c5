"""Where do the settings of this installation come from?"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("VAR") or ROOT / "var").resolve()


# A host that vanished without a word is noticed within half a minute; over a Unix socket these mean nothing.
_IMPATIENT = {
    "connect_timeout": 5,
    "application_name": "baucu",
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    # What is prepared (journal/prepared.py) is prepared to be planned once; left alone, PostgreSQL goes on planning
    # whatever takes a list.
    "options": "-c plan_cache_mode=force_generic_plan",
}


def load_file(path: Path = VAR / "env") -> None:
    """Take KEY=VALUE lines that `make up` wrote; what the real environment says wins."""
    if not path.is_file() or not os.access(path, os.R_OK):
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        key, found, value = line.partition("=")
        if found and key.strip() and not key.startswith("#"):
            os.environ.setdefault(key.strip(), value.strip())


def text(key: str, default: str = "") -> str:
    """What KEY says; else what stands in the file that KEY_FILE names, as container platforms hand out secrets."""
    if key not in os.environ and (file := os.environ.get(f"{key}_FILE")):
        return Path(file).read_text(encoding="utf-8").strip()
    return os.environ.get(key, default)


def flag(key: str) -> bool:
    return os.environ.get(key, "").lower() in {"1", "true", "yes", "on"}


def words(key: str, default: str) -> list[str]:
    return [word for word in os.environ.get(key, default).replace(" ", "").split(",") if word]


def database(url: str) -> dict[str, Any]:
    """A Django database from `postgresql://user:password@host:port/name?host=/socket/folder`."""
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**_IMPATIENT, **query},
    }


def mail(url: str) -> dict[str, Any]:
    """Django's settings from `smtp://user:password@host:587/?tls=1&from=truc@example.vn`; smtps:// is TLS at once."""
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        message = "EMAIL_URL is smtp://… or smtps://…, with a host"
        raise ValueError(message)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    at_once = parts.scheme == "smtps"
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if at_once else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": at_once,
        "EMAIL_USE_TLS": not at_once and query.get("tls") == "1",
        "EMAIL_TIMEOUT": 10,
        "DEFAULT_FROM_EMAIL": query.get("from") or unquote(parts.username or "") or f"baucu@{parts.hostname}",
    }
