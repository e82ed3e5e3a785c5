"""Was this request already answered?"""

import hashlib
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from journal.models import Key
from journal.prepared import Prepared

_CLAIM = Prepared(
    "claim_key",
    'INSERT INTO journal_key ("user", key, fingerprint, answer, at) '
    "VALUES ($1, $2, $3, '', journal_now()) ON CONFLICT (\"user\", key) DO NOTHING RETURNING id",
)
_ANSWERED = Prepared("answer_key", "UPDATE journal_key SET status = $2, answer = $3 WHERE id = $1")


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
    fresh = _CLAIM.row(user_id, key, mark)
    if fresh:
        return Claim(fresh[0], None, "")
    known = Key.objects.get(user=user_id, key=key)
    if known.fingerprint != mark:
        raise KeyReused(_("This Idempotency-Key was already used with other content."))
    return Claim(known.pk, known.status, known.answer)


def answered(claimed: Claim, *, status: int, answer: str) -> None:
    """Keep the answer with its key, in the same transaction as what it answers."""
    _ANSWERED.rows(claimed.id, status, answer)
