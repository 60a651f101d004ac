"""Lists tax rules."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.http.pages import Paging, paginate
from florin_providers.models import TaxRule, in_force


async def list_tax_rules(
    session: AsyncSession, paging: Paging, company_id: UUID | None, on: date | None
) -> dict[str, Any]:
    """A page of the rules of companies that the actor sees, of one company or day if named."""
    rules = select(TaxRule).where(~TaxRule.withdrawn)
    if company_id is not None:
        rules = rules.where(TaxRule.company_id == company_id)
    if on is not None:
        rules = rules.where(*in_force(on))
    return await paginate(session, rules, TaxRule.id, paging)
