"""The secrets of service accounts, of which only hashes are kept; two at most hold at a time."""

import hmac
import secrets
from datetime import UTC, datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.ids import new_id
from florin_identity.models.application_secret import hash_of
from florin_identity.models.base import Base
from florin_identity.models.service_account import ServiceAccount

SECRETS_MAX: Final = 2


class ClientSecret(Base):
    """One of an account's secrets; none but its owner ever had more than its SHA-256."""

    __tablename__ = "client_secrets"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    service_account_id: Mapped[UUID] = mapped_column(ForeignKey("service_accounts.id"), index=True)
    secret_hash: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime | None]


class NewSecret(NamedTuple):
    """A secret as it is told, once."""

    id: UUID
    client_secret: str


class Claimant(NamedTuple):
    """A service account, and which of its secrets was right, if one was."""

    account: ServiceAccount
    secret_id: UUID | None


async def issue_secret(session: AsyncSession, account: ServiceAccount) -> NewSecret:
    """Another secret for the account, valid until it is replaced."""
    await session.flush()
    secret = NewSecret(new_id(), secrets.token_urlsafe(32))
    session.add(
        ClientSecret(
            id=secret.id,
            service_account_id=account.id,
            secret_hash=hash_of(secret.client_secret),
            expires_at=None,
        )
    )
    return secret


async def find_secrets(session: AsyncSession, account_id: UUID) -> list[ClientSecret]:
    """Those that hold now, oldest first."""
    mine = ClientSecret.service_account_id == account_id
    found = await session.scalars(
        select(ClientSecret).where(mine, _holds()).order_by(ClientSecret.id)
    )
    return list(found)


async def find_claimant(session: AsyncSession, account_id: UUID, secret: str) -> Claimant | None:
    """The account that the id names; none if there is none.

    Account and secrets are read by one statement: a token says of them what was so at one moment.
    """
    own = ClientSecret.service_account_id == ServiceAccount.id
    wanted = (
        select(ServiceAccount, ClientSecret.id, ClientSecret.secret_hash)
        .join(ClientSecret, own & _holds(), isouter=True)
        .where(ServiceAccount.id == account_id)
    )
    rows = (await session.execute(wanted)).all()
    digest = hash_of(secret)
    right = [row.id for row in rows if hmac.compare_digest(row.secret_hash or b"", digest)]
    return Claimant(rows[0][0], right[0] if right else None) if rows else None


def _holds() -> ColumnElement[bool]:
    return or_(ClientSecret.expires_at.is_(None), ClientSecret.expires_at > datetime.now(UTC))
