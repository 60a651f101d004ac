"""What still works for a provider, or is sold by it."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_contracts.providers import EmployeeStatus, OfferStatus, WebhookStatus
from florin_providers.models.company import Company
from florin_providers.models.employee import Employee
from florin_providers.models.product import Product
from florin_providers.models.uses import Uses, find_uses
from florin_providers.models.webhook import Webhook


async def uses_of_provider(session: AsyncSession, provider_id: UUID) -> Uses:
    """Its companies, employees and webhooks, and the products that are on offer."""
    return await find_uses(
        session,
        companies=select(Company.id).where(Company.within("provider", frozenset({provider_id}))),
        products=select(Product.id).where(
            Product.provider_id == provider_id, Product.status != OfferStatus.ARCHIVED
        ),
        employees=select(Employee.id).where(
            Employee.provider_ids.contains([provider_id]), Employee.status != EmployeeStatus.ENDED
        ),
        webhooks=select(Webhook.id).where(
            Webhook.provider_id == provider_id, Webhook.status != WebhookStatus.DELETED
        ),
    )
