"""A one-time invitation to set a password; only a hash of its token is kept."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, UniqueConstraint, and_, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.errors import Forbidden, Refusal
from florin_identity.models.base import Base


class InvitationNotValid(Refusal):
    """The invitation is unknown, used, replaced by a later one, or expired."""

    code = "invitation_not_valid"


class GrantsMoreThanHeld(Forbidden):
    """An invitation opens a login that may do more, or elsewhere, than the inviter may."""

    code = "grants_more_than_held"


class Invitation(Base):
    """At most one for each user: a later one takes the place of the earlier."""

    __tablename__ = "invitations"
    __table_args__ = (UniqueConstraint("token_hash"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    token_hash: Mapped[bytes]
    expires_at: Mapped[datetime]


class Invited(NamedTuple):
    """The token, told once, and when it expires."""

    invitation_token: str
    expires_at: datetime


async def issue_invitation(session: AsyncSession, user_id: UUID, life: timedelta) -> Invited:
    """A fresh invitation; the user's earlier one stops working."""
    await session.flush()
    invited = Invited(secrets.token_urlsafe(32), datetime.now(UTC) + life)
    columns = {"token_hash": _hash(invited.invitation_token), "expires_at": invited.expires_at}
    row = insert(Invitation).values(user_id=user_id, **columns)
    await session.execute(row.on_conflict_do_update(index_elements=["user_id"], set_=columns))
    return invited


async def find_invited(session: AsyncSession, token: str) -> UUID:
    """Whom the token invites; raises `InvitationNotValid`."""
    return _valid(await session.scalar(select(Invitation.user_id).where(_usable(token))))


async def use_invitation(session: AsyncSession, token: str) -> None:
    """Take the token out of use for good; raises `InvitationNotValid` if someone did before."""
    used = delete(Invitation).where(_usable(token)).returning(Invitation.user_id)
    _valid(await session.scalar(used))


def _usable(token: str) -> ColumnElement[bool]:
    unexpired = Invitation.expires_at > datetime.now(UTC)
    return and_(Invitation.token_hash == _hash(token), unexpired)


def _valid(user_id: UUID | None) -> UUID:
    if user_id is None:
        raise InvitationNotValid("the invitation is unknown, used, replaced or expired")
    return user_id


def _hash(token: str) -> bytes:
    """A plain SHA-256 will do: the token has 256 random bits."""
    return hashlib.sha256(token.encode()).digest()
