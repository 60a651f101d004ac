"""Says which taxes a company charges, and why."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.finding import find_one
from florin_contracts.providers import TaxQuestion, TaxRuleState
from florin_contracts.taxes import TaxChoice, choose_taxes
from florin_providers.models import Company, TaxRule, in_force


async def explain_taxes(session: AsyncSession, company_id: UUID, asked: TaxQuestion) -> TaxChoice:
    """The verdict of every rule in force on the day, in one query; raises `NotFound`."""
    await find_one(session, Company, company_id)
    rules = select(TaxRule).where(TaxRule.company_id == company_id, *in_force(asked.on))
    found = await session.scalars(rules)
    return choose_taxes(map(TaxRuleState.model_validate, found), asked)
