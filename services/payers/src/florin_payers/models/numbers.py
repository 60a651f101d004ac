"""Numbers of documents, gapless within a company, a type of document and the period it counts in.

A series is one row. Taking a number locks it until the document's transaction ends, so the next
document waits, and a number whose transaction fails was never taken. Documents of one series are
therefore made one after the other; that is what gapless means.
"""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_contracts.numbering import DocumentType
from florin_contracts.providers import CompanyState
from florin_payers.models.base import Base


class NumberSeries(Base):
    """The last number that was taken in a series: of `2026`, `2026-03` or, without end, of ``."""

    __tablename__ = "number_series"

    company_id: Mapped[UUID] = mapped_column(primary_key=True)
    document_type: Mapped[DocumentType] = mapped_column(primary_key=True)
    series: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


def day_in(time_zone: str, moment: datetime) -> date:
    """The day that a provider's calendar shows at this moment."""
    return moment.astimezone(ZoneInfo(time_zone)).date()


async def take_number(
    session: AsyncSession, company: CompanyState, document_type: DocumentType, day: date
) -> str:
    """The next number by the company's template, for example `INV-2026-000001`.

    Others wait for this commit.
    """
    template = company.template_for(document_type)
    first = insert(NumberSeries).values(
        company_id=company.id, document_type=document_type, series=template.series(day), last=1
    )
    following = first.on_conflict_do_update(
        constraint="pk_number_series", set_={"last": NumberSeries.last + 1}
    )
    taken = await session.scalar(following.returning(NumberSeries.last))
    if taken is None:
        raise AssertionError("an upsert returns its row")
    return template.render(taken, day, company.document_prefix)
