"""Says which company would serve a payer, and why, without changing anything."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.finding import find_one
from florin_contracts.party import Country, PayerType
from florin_providers.models import CompanyChoice, Provider, choose_company


async def explain_company_choice(
    session: AsyncSession, provider_id: UUID, country: Country, payer_type: PayerType
) -> CompanyChoice:
    """Raises `NotFound`."""
    provider = await find_one(session, Provider, provider_id)
    return choose_company(provider.conditions, country, payer_type)
