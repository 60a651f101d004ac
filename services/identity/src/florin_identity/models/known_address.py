"""Where a login was signed in from before: there an attack from elsewhere does not lock it out."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import delete, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_identity.models.attempts import digest
from florin_identity.models.base import Base

MEMORY: Final = timedelta(days=90)
_RENEWED_BEFORE: Final = timedelta(days=60)


class KnownAddress(Base):
    """A login and an address, as one digest."""

    __tablename__ = "known_addresses"

    key: Mapped[bytes] = mapped_column(primary_key=True)
    forgotten_at: Mapped[datetime] = mapped_column(index=True)


def place_of(login: str, network: str) -> bytes:
    """The digest that stands for both."""
    return digest("place", login, network)


async def remember_address(session: AsyncSession, place: bytes, until: datetime | None) -> None:
    """Know it from now on; `until` is what was known.

    Written only now and then, so that sign-ins do not meet in the row.
    """
    now = datetime.now(UTC)
    if until is not None and until > now + _RENEWED_BEFORE:
        return
    row = {"key": place, "forgotten_at": now + MEMORY}
    upsert = insert(KnownAddress).values(row)
    renewed = {"forgotten_at": upsert.excluded.forgotten_at}
    await session.execute(
        upsert.on_conflict_do_update(index_elements=[KnownAddress.key], set_=renewed)
    )


async def forget_addresses(session: AsyncSession) -> None:
    """Delete what is past its time."""
    past = KnownAddress.forgotten_at < func.clock_timestamp()
    await session.execute(delete(KnownAddress).where(past))
