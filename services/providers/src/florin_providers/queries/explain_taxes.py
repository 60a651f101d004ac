"""Says which taxes a company charges, and why."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.finding import find_one
from florin_contracts.providers import Rounding, TaxQuestion, TaxRuleState
from florin_contracts.taxes import TaxChoice, choose_taxes
from florin_providers.models import Company, TaxRule, in_force


async def explain_taxes(
    session: AsyncSession, company_id: UUID, asked: TaxQuestion
) -> tuple[TaxChoice, Rounding]:
    """The verdict of every rule in force on the day, and where the company rounds.

    Raises `NotFound`.
    """
    company = await find_one(session, Company, company_id)
    rules = select(TaxRule).where(TaxRule.company_id == company_id, *in_force(asked.on))
    found = await session.scalars(rules)
    return choose_taxes(map(TaxRuleState.model_validate, found), asked), company.rounding
