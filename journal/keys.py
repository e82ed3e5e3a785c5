"""Was this request already answered?"""

import hashlib
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from journal.models import Key


class KeyReused(ValidationError):
    """The same Idempotency-Key came with another body."""


@dataclass(frozen=True)
class Claim:
    id: int
    status: int | None
    answer: str


def fingerprint(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def claim(*, user_id: int, key: str, mark: str) -> Claim:
    """Take `key` for this transaction, or find the answer that it already got.

    A second request with the same key waits here until the first has committed or rolled back.
    """
    if not 1 <= len(key) <= 200 or not key.isascii() or not key.isprintable():
        raise ValidationError(_("Idempotency-Key must be 1 to 200 printable ASCII characters."))
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO journal_key ("user", key, fingerprint, answer, at) '
            "VALUES (%s, %s, %s, '', journal_now()) ON CONFLICT (\"user\", key) DO NOTHING RETURNING id",
            [user_id, key, mark],
        )
        fresh = cursor.fetchone()
    if fresh:
        return Claim(fresh[0], None, "")
    known = Key.objects.get(user=user_id, key=key)
    if known.fingerprint != mark:
        raise KeyReused(_("This Idempotency-Key was already used with other content."))
    return Claim(known.pk, known.status, known.answer)


def answered(claimed: Claim, *, status: int, answer: str) -> None:
    """Keep the answer with its key, in the same transaction as what it answers."""
    Key.objects.filter(pk=claimed.id).update(status=status, answer=answer)
