"""The security log: who signed in, who failed, who changed what one proves oneself with."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Identity, Index, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.actor import Actor
from florin_chassis.tenancy import Tenanted
from florin_chassis.transaction import Transaction
from florin_identity.models.base import Base
from florin_identity.models.reach import clients_of, employees_of
from florin_identity.models.user import User


class SecurityAct(StrEnum):
    """What happened."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_IN_LOCKED_OUT = "sign_in_locked_out"
    SESSION_ENDED = "session_ended"
    REFRESH_TOKEN_REUSED = "refresh_token_reused"  # noqa: S105 - a word
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a word
    PASSWORD_RESET_ASKED = "password_reset_asked"  # noqa: S105 - a word
    EMAIL_VERIFIED = "email_verified"
    EMAIL_CHANGED = "email_changed"
    INVITED = "invited"
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    FACTOR_FAILED = "factor_failed"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    ADDRESS_REFUSED = "address_refused"
    ALLOWED_ADDRESSES_CHANGED = "allowed_addresses_changed"
    USER_SUSPENDED = "user_suspended"
    USER_RESUMED = "user_resumed"
    ACCESS_CHANGED = "access_changed"
    KEY_CREATED = "key_created"
    KEY_REVOKED = "key_revoked"
    KEY_REFUSED = "key_refused"
    SERVICE_ACCOUNT_CHANGED = "service_account_changed"
    APPLICATION_CHANGED = "application_changed"
    AUTHORIZED = "authorized"
    CONSENT_GIVEN = "consent_given"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    SIGNING_KEY_ROTATED = "signing_key_rotated"
    IMPERSONATION_STARTED = "impersonation_started"
    IMPERSONATION_ENDED = "impersonation_ended"
    IMPERSONATION_REFUSED = "impersonation_refused"
    TERMS_ACCEPTED = "terms_accepted"


class SecurityEntry(Tenanted, Base):
    """One line of the log; only ever inserted. It belongs to whom its subject belongs to."""

    __tablename__ = "security_log"
    __table_args__ = (
        *(Index(None, column, "id") for column in ("subject", "actor", "address", "act")),
        Index(None, "at"),
    )
    tenants: ClassVar = {}

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime]
    act: Mapped[str]
    actor: Mapped[str]
    on_behalf_of: Mapped[str | None]
    subject: Mapped[UUID | None]
    address: Mapped[str | None]
    agent: Mapped[str | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        """What the actor reaches, and always what is about the actor or was done by it."""
        reached, own = super().visible_to(actor), actor.own_id
        return reached if own is None else or_(reached, cls.is_of(own))

    @classmethod
    def within(cls, dimension: str, ids: frozenset[UUID]) -> ColumnElement[bool]:
        """Lines about users of these tenants. What is about no user, only administrators see."""
        users = User.__table__.c
        if dimension == "client":
            return cls.subject.in_(select(users.id).where(users.client_id.in_(ids)))
        if dimension == "provider":
            people = select(users.id).where(users.client_id.in_(clients_of(ids)))
            return or_(cls.subject.in_(employees_of(ids)), cls.subject.in_(people))
        return super().within(dimension, ids)

    @classmethod
    def is_of(cls, user_id: UUID) -> ColumnElement[bool]:
        """Lines about a user, and what that user did to others."""
        return or_(cls.subject == user_id, cls.actor == f"user/{user_id}")


def note(
    transaction: Transaction, act: SecurityAct, subject: UUID | None, **details: object
) -> None:
    """Have a line written with the transaction. `details` is for JSON, and never holds a secret.

    `subject` is the user that it is about; none where there is no such login. A refusal after
    which the line shall stay `keeps`: see `florin_chassis.errors.Refusal`.
    """
    transaction.write_last(
        SecurityEntry(
            at=datetime.now(UTC),
            act=act,
            actor=transaction.actor.name,
            on_behalf_of=transaction.actor.on_behalf_of,
            subject=subject,
            address=transaction.origin.address,
            agent=transaction.origin.agent,
            details=details,
        )
    )
