"""The secrets that a webhook's deliveries are signed with: the newest, and those it replaces."""

import base64
import secrets
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.errors import Refusal
from florin_chassis.ids import new_id
from florin_chassis.sealing import seal, unseal
from florin_providers.models.base import Base

SECRETS_MAX: Final = 5
_PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = 32


class TooManySecrets(Refusal):
    """Each secret of the last rotations is still valid, and every one makes a signature longer."""

    code = "too_many_secrets"


class WebhookSecret(Base):
    """A secret, sealed and bound to its webhook; valid without end until another replaces it."""

    __tablename__ = "webhook_secrets"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    webhook_id: Mapped[UUID] = mapped_column(
        ForeignKey("webhooks.id", ondelete="CASCADE"), index=True
    )
    sealed: Mapped[str]
    valid_until: Mapped[datetime | None]


def make_secret(webhook_id: UUID, key: bytes) -> tuple[WebhookSecret, str]:
    """A new secret, sealed with the 32 bytes of `key`, and its text, to be shown once."""
    secret = secrets.token_bytes(_SECRET_BYTES)
    sealed = seal(secret, _purpose(webhook_id), key)
    row = WebhookSecret(id=new_id(), webhook_id=webhook_id, sealed=sealed, valid_until=None)
    return row, _PREFIX + base64.b64encode(secret).decode()


def open_secret(sealed: str, webhook_id: UUID, key: bytes) -> bytes:
    """The secret's bytes; raises `NotReadable`."""
    return unseal(sealed, _purpose(webhook_id), key)


def _purpose(webhook_id: UUID) -> str:
    return f"webhook/{webhook_id}"
