"""Letters: what a use case has mailed is a row of its transaction; the mailer sends it later."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.ids import new_id
from florin_chassis.transaction import Transaction
from florin_identity.models.base import Base
from florin_identity.models.errand import Errand


class LetterKind(StrEnum):
    """What a letter says; its template has the same name."""

    INVITATION = "invitation"
    EMAIL_VERIFICATION = "email_verification"
    EMAIL_IN_USE = "email_in_use"
    EMAIL_CHANGE_OLD = "email_change_old"
    EMAIL_CHANGE_NEW = "email_change_new"
    EMAIL_CHANGED = "email_changed"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a word
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a word
    SECOND_FACTORS_CHANGED = "second_factors_changed"


class LetterStatus(StrEnum):
    """*waiting* until it is *sent*, or the recipient's server *refused* it for good.

    *dropped* had nothing to say any more when its turn came; *expired* waited for too long.
    """

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    DROPPED = "dropped"
    EXPIRED = "expired"


class Letter(Errand, Base):
    """An intention, looked at again when it is sent: the link in it is made then, not before.

    `sealed_token` is that link's token between the first try and the end.
    """

    __tablename__ = "letters"
    __table_args__ = (
        Index("ix_letters_waiting", "due_at", postgresql_where=text("status = 'waiting'")),
        Index(None, "user_id"),
        Index(None, "recipient", "kind", "ended_at"),
        Index(None, "ended_at"),
    )

    kind: Mapped[LetterKind]
    status: Mapped[LetterStatus]
    user_id: Mapped[UUID | None] = mapped_column(
        # Deferred, for a letter may be written before the user that it is about.
        ForeignKey("users.id", ondelete="CASCADE", deferrable=True, initially="DEFERRED")
    )
    recipient: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sealed_token: Mapped[str | None]

    def end(self, status: LetterStatus, error: str | None = None) -> None:
        """It is not tried again; the token in it is gone."""
        self.status, self.error = status, error
        self.ended_at = datetime.now(UTC)
        self.claim = self.sealed_token = None


def write_letter(
    transaction: Transaction,
    kind: LetterKind,
    recipient: str,
    user_id: UUID | None = None,
    **details: str | None,
) -> None:
    """Have a letter sent if and only if the transaction commits. `details` never hold a secret.

    The user is whom it is about; none when the mailer is to find out whose address that is.
    """
    now = datetime.now(UTC)
    letter = Letter(
        id=new_id(),
        kind=kind,
        status=LetterStatus.WAITING,
        user_id=user_id,
        recipient=recipient,
        details=details,
        tries=0,
        due_at=now,
        written_at=now,
    )
    transaction.session.add(letter)
