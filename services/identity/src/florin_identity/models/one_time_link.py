"""One-time links: whoever has the token may do the one thing that it is for."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, UniqueConstraint, and_, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.errors import Refusal
from florin_identity.models.base import Base

_TOKEN_BYTES: Final = 32


class LinkPurpose(StrEnum):
    """What a token is for. One that travels by letter proves that its bearer reads the mailbox."""

    INVITATION = "invitation"
    INVITATION_BY_HAND = "invitation_by_hand"
    EMAIL_VERIFICATION = "email_verification"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a word
    EMAIL_CHANGE_OLD = "email_change_old"
    EMAIL_CHANGE_NEW = "email_change_new"


class LinkNotValid(Refusal):
    """The link is unknown, used, replaced by a later one, or expired."""

    code = "link_not_valid"


class OneTimeLink(Base):
    """At most one for a user and purpose: a later one takes the place of the earlier."""

    __tablename__ = "one_time_links"
    __table_args__ = (UniqueConstraint("token_hash"),)

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    purpose: Mapped[LinkPurpose] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes]
    issued_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Issued(NamedTuple):
    """The token, told once, and when it expires."""

    token: str
    expires_at: datetime


class Followed(NamedTuple):
    """Whose link it is, and what for."""

    user_id: UUID
    purpose: LinkPurpose


async def issue_link(
    session: AsyncSession, user_id: UUID, purpose: LinkPurpose, life: timedelta
) -> Issued:
    """A fresh link; the user's earlier one of this purpose stops working."""
    await session.flush()
    now = datetime.now(UTC)
    issued = Issued(secrets.token_urlsafe(_TOKEN_BYTES), now + life)
    columns = {
        "token_hash": _hash(issued.token),
        "issued_at": now,
        "expires_at": issued.expires_at,
    }
    row = insert(OneTimeLink).values(user_id=user_id, purpose=purpose, **columns)
    same = [OneTimeLink.user_id, OneTimeLink.purpose]
    await session.execute(row.on_conflict_do_update(index_elements=same, set_=columns))
    return issued


async def find_link(session: AsyncSession, token: str, *purposes: LinkPurpose) -> Followed | None:
    """Whose link for one of these purposes has the token, as long as it is good."""
    wanted = select(OneTimeLink.user_id, OneTimeLink.purpose).where(_usable(token, purposes))
    found = (await session.execute(wanted)).first()
    return None if found is None else Followed(*found)


async def use_link(session: AsyncSession, token: str, *purposes: LinkPurpose) -> Followed | None:
    """Take the token out of use for good; `None` if someone did before."""
    used = delete(OneTimeLink).where(_usable(token, purposes))
    found = (
        await session.execute(used.returning(OneTimeLink.user_id, OneTimeLink.purpose))
    ).first()
    return None if found is None else Followed(*found)


def followed(link: Followed | None) -> Followed:
    """The link that there is; raises `LinkNotValid` if there is none."""
    if link is None:
        raise LinkNotValid("the link is unknown, used, replaced or expired")
    return link


async def forget_links(session: AsyncSession, user_id: UUID, *purposes: LinkPurpose) -> None:
    """Whatever the user was sent for these purposes stops working."""
    mine = and_(OneTimeLink.user_id == user_id, OneTimeLink.purpose.in_(purposes))
    await session.execute(delete(OneTimeLink).where(mine))


def _usable(token: str, purposes: tuple[LinkPurpose, ...]) -> ColumnElement[bool]:
    return and_(
        OneTimeLink.token_hash == _hash(token),
        OneTimeLink.purpose.in_(purposes),
        OneTimeLink.expires_at > datetime.now(UTC),
    )


def _hash(token: str) -> bytes:
    """A plain SHA-256 will do: the token has 256 random bits."""
    return hashlib.sha256(token.encode()).digest()
