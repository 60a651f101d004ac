"""A product enters a provider's catalogue."""

from florin_chassis.transaction import Begin
from florin_providers.models import Product, need_providers, need_type


async def create_product(product: Product, begin: Begin) -> Product:
    """Raises `NotFound`, `TypeArchived`, `CodeTaken`, `ForeignCurrency`, `PricePeriodsOverlap`.

    And `ProviderIsArchived`.
    """
    async with begin() as transaction:
        (provider,) = await need_providers(transaction.session, [product.provider_id])
        await need_type(transaction.session, product.product_type)
        transaction.add(product)
        transaction.emit(product.create(provider))
    return product
