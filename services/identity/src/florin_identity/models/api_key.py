"""An API key: with it a program asks with the rights of its owner, as far as its scopes go."""

import hmac
import secrets
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    UniqueConstraint,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column

from florin_chassis.actor import Actor
from florin_chassis.errors import Refusal
from florin_chassis.orm import Aggregate, Fact, ValueColumn
from florin_chassis.tenancy import Tenanted
from florin_contracts.api_keys import (
    ALPHABET,
    BEGINNING,
    PREFIX_LENGTH,
    SECRET_LENGTH,
    base62,
    checksum,
    prefix_of,
)
from florin_contracts.identity import ApiKeyCreated, ApiKeyRevoked
from florin_contracts.permissions import Permission
from florin_identity.models.api_key_use import ApiKeyUse
from florin_identity.models.application_secret import hash_of
from florin_identity.models.base import Base
from florin_identity.models.program import SERVICE_ACCOUNT, USER
from florin_identity.models.service_account import ServiceAccount
from florin_identity.models.user import User


class TooManyKeys(Refusal):
    """The owner has as many good keys as one may have: revoke some."""

    code = "too_many_keys"


class ApiKey(Aggregate, Tenanted, Base):
    """See `florin_contracts.identity.ApiKeyState`. It is its user's or its service account's.

    Of the key itself only a SHA-256 is kept.
    """

    __tablename__ = "api_keys"
    __table_args__ = (
        UniqueConstraint("prefix"),
        CheckConstraint("num_nonnulls(user_id, service_account_id) = 1", name="one_owner"),
    )
    tenants: ClassVar = {}

    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"), index=True)
    service_account_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("service_accounts.id"), index=True
    )
    name: Mapped[str]
    prefix: Mapped[str]
    secret_hash: Mapped[bytes]
    scopes: Mapped[tuple[Permission, ...]] = mapped_column(ValueColumn(tuple[Permission, ...]))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        """What the actor reaches, and always the actor's own."""
        reached, own = super().visible_to(actor), actor.own_id
        return reached if own is None else or_(reached, cls.user_id == own)

    @classmethod
    def within(cls, dimension: str, ids: frozenset[UUID]) -> ColumnElement[bool]:
        """Those of the users and service accounts that are within."""
        users = select(User.__table__.c.id).where(User.within(dimension, ids))
        accounts = select(ServiceAccount.__table__.c.id).where(
            ServiceAccount.within(dimension, ids)
        )
        return or_(cls.user_id.in_(users), cls.service_account_id.in_(accounts))

    @property
    def owner_id(self) -> UUID | None:
        """Whose rights it has."""
        return self.user_id or self.service_account_id

    @property
    def owner_kind(self) -> str:
        """What the owner is, in the words of a token's `kind`."""
        return USER if self.user_id else SERVICE_ACCOUNT

    def create(self) -> Fact:
        """Come into being."""
        return self.fact(ApiKeyCreated)

    def revoke(self, now: datetime) -> Fact | None:
        """Be refused from now on, for good."""
        if self.revoked_at is not None:
            return None
        self.revoked_at = now
        return self.fact(ApiKeyRevoked)

    def fault_of(self, key: str, now: datetime) -> str | None:
        """Why what was presented is refused; none if it is good."""
        if not hmac.compare_digest(self.secret_hash, hash_of(key)):
            return "wrong secret"
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else None


_USE = select(ApiKeyUse.last_used_at).where(ApiKeyUse.api_key_id == ApiKey.id)
ApiKey.last_used_at = column_property(_USE.scalar_subquery(), expire_on_flush=False)


def make_api_key(**columns: Any) -> tuple[ApiKey, str]:
    """A new key and what it is, which is told once. Prefix and secret are random."""
    prefix = "".join(secrets.choice(ALPHABET) for _ in range(PREFIX_LENGTH))
    body = f"{BEGINNING}{prefix}_{base62(secrets.randbits(256), SECRET_LENGTH)}"
    key = body + checksum(body)
    unused = {"revoked_at": None, "last_used_at": None}
    return ApiKey(prefix=prefix_of(key), secret_hash=hash_of(key), **unused, **columns), key
