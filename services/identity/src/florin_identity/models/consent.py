"""What a user has agreed to tell an application."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, String, delete, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_identity.models.base import Base


class Consent(Base):
    """The scopes that a user granted an application; a later consent takes an earlier's place."""

    __tablename__ = "consents"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String))
    given_at: Mapped[datetime] = mapped_column(server_default=func.now())


async def has_consented(
    session: AsyncSession, user_id: UUID, application_id: UUID, scopes: Iterable[str]
) -> bool:
    """Whether the user has agreed to all of it; it cannot take that back before we are done."""
    consent = await session.get(Consent, (user_id, application_id), with_for_update={"read": True})
    return consent is not None and set(scopes) <= set(consent.scopes)


async def keep_consent(
    session: AsyncSession, user_id: UUID, application_id: UUID, scopes: Iterable[str]
) -> None:
    """The user agrees, here and now, to this and no more."""
    given = {"scopes": list(scopes), "given_at": func.now()}
    row = insert(Consent).values(user_id=user_id, application_id=application_id, **given)
    again = row.on_conflict_do_update(index_elements=["user_id", "application_id"], set_=given)
    await session.execute(again)


async def drop_consent(session: AsyncSession, user_id: UUID, application_id: UUID) -> bool:
    """The user does not agree any more; whether it did."""
    mine = (Consent.user_id == user_id) & (Consent.application_id == application_id)
    dropped = await session.execute(delete(Consent).where(mine).returning(Consent.user_id))
    return dropped.first() is not None
