"""A product gets one more plan."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_contracts.providers.catalogue import PlanState
from florin_providers.models import Product, need_providers


async def add_plan(
    product_id: UUID, plan: PlanState, expected_version: int | None, begin: Begin
) -> Product:
    """The provider keeps its currency meanwhile, and others may enter plans of its, too.

    Raises `NotFound`, `VersionMismatch`, `ProviderIsArchived`, `ForeignCurrency`, `TooManyPlans`.
    """
    async with begin() as transaction:
        product = await transaction.get(Product, product_id)
        product.expect(expected_version)
        (provider,) = await need_providers(transaction.session, [product.provider_id])
        transaction.emit(product.add_plan(plan, provider))
    return product
