"""Numbers of documents, gapless within a company, a type of document and a year.

A series is one row. Taking a number locks it until the document's transaction ends, so the next
document waits, and a number whose transaction fails was never taken. Documents of one series are
therefore made one after the other; that is what gapless means.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Integer
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_payers.models.base import Base


class DocumentType(StrEnum):
    """What is numbered; the value is how its numbers begin."""

    INVOICE = "INV"


class NumberSeries(Base):
    """The last number that was taken in a series."""

    __tablename__ = "number_series"

    company_id: Mapped[UUID] = mapped_column(primary_key=True)
    document_type: Mapped[DocumentType] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    last: Mapped[int]


def year_in(time_zone: str, moment: datetime) -> int:
    """The year that a provider's calendar shows at this moment."""
    return moment.astimezone(ZoneInfo(time_zone)).year


async def take_number(
    session: AsyncSession, company_id: UUID, document_type: DocumentType, year: int
) -> str:
    """The next number of the series, for example `INV-2026-000001`; others wait for this commit."""
    first = insert(NumberSeries).values(
        company_id=company_id, document_type=document_type, year=year, last=1
    )
    following = first.on_conflict_do_update(
        constraint="pk_number_series", set_={"last": NumberSeries.last + 1}
    )
    taken = await session.scalar(following.returning(NumberSeries.last))
    return f"{document_type}-{year}-{taken:06}"
