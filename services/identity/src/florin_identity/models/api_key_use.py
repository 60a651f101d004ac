"""When an API key was last used: apart from the key, whose every change is stated."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_identity.models.base import Base

WRITTEN_EVERY: Final = timedelta(minutes=1)


class ApiKeyUse(Base):
    """One row for each key that was ever used."""

    __tablename__ = "api_key_uses"

    api_key_id: Mapped[UUID] = mapped_column(ForeignKey("api_keys.id"), primary_key=True)
    last_used_at: Mapped[datetime]


async def note_use(session: AsyncSession, api_key_id: UUID, now: datetime) -> None:
    """Remember the use, unless one was remembered within the last minute."""
    row = insert(ApiKeyUse).values(api_key_id=api_key_id, last_used_at=now)
    await session.execute(
        row.on_conflict_do_update(
            index_elements=["api_key_id"],
            set_={"last_used_at": now},
            where=ApiKeyUse.last_used_at < now - WRITTEN_EVERY,
        )
    )
