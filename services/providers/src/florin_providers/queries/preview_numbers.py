"""Shows how documents would be numbered, without taking a number."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.finding import find_one
from florin_contracts.numbering import DEFAULT_TEMPLATES, DocumentType, NumberingTemplate
from florin_providers.models import Company

EACH_DAY: Final = 2
"""So many documents a day: enough to see the count go on, and begin again."""


async def preview_numbers(
    session: AsyncSession,
    company_id: UUID,
    document_type: DocumentType,
    days: Sequence[date],
    first: int,
) -> list[tuple[date, tuple[str, ...]]]:
    """Of the days in their order; the first has the number `first`. Raises `NotFound`."""
    company = await find_one(session, Company, company_id)
    own = (t for t in company.numbering if t.document_type == document_type)
    template = next(own, DEFAULT_TEMPLATES[document_type])
    return numbers_on(template, company.document_prefix, days, first)


def numbers_on(
    template: NumberingTemplate, prefix: str, days: Sequence[date], first: int
) -> list[tuple[date, tuple[str, ...]]]:
    """The same, of any template."""
    ordered = sorted(days)
    taken = Counter({template.series(day): first - 1 for day in ordered[:1]})
    shown = []
    for day in ordered:
        series = template.series(day)
        numbers = []
        for _ in range(EACH_DAY):
            taken[series] += 1
            numbers.append(template.render(taken[series], day, prefix))
        shown.append((day, tuple(numbers)))
    return shown
