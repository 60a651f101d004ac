"""A product enters a provider's catalogue."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_contracts.providers import PlanState
from florin_providers.models import Product, Provider


async def create_product(
    provider_id: UUID, name: str, plans: tuple[PlanState, ...], begin: Begin
) -> Product:
    """Raises `NotFound` for the provider and `ForeignCurrency`."""
    product = Product(provider_id=provider_id, name=name, plans=plans)
    async with begin() as transaction:
        provider = await transaction.get(Provider, provider_id)
        transaction.add(product)
        transaction.emit(product.create(provider))
    return product
