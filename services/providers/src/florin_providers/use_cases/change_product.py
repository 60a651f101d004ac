"""A product is called, typed or taxed otherwise, archived, or offered again."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from florin_chassis.transaction import Begin
from florin_contracts.providers import OfferStatus
from florin_providers.models import Product, need_providers, need_type


async def change_product(
    product_id: UUID, changes: Mapping[str, Any], expected_version: int | None, begin: Begin
) -> Product:
    """Raises `NotFound`, `VersionMismatch`, `TypeArchived`, `ProviderIsArchived`."""
    async with begin() as transaction:
        product = await transaction.get(Product, product_id)
        product.expect(expected_version)
        if changes.get("status") is OfferStatus.ON_OFFER:
            await need_providers(transaction.session, [product.provider_id])
        await need_type(transaction.session, changes.get("product_type"))
        transaction.emit(*product.change(changes))
    return product
