"""A plan costs something else from a date on."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from florin_chassis.transaction import Begin
from florin_contracts.providers.offers import PriceState
from florin_providers.models import Product, need_providers, product_of_plan


async def change_price(
    plan_id: UUID,
    price_from: Callable[[datetime], PriceState],
    expected_version: int | None,
    begin: Begin,
) -> Product:
    """`price_from` makes it of the moment at which it is asked for, once the product is held.

    Two at once follow each other: the second meets the first's price, or its version.

    Raises `NotFound`, `VersionMismatch`, `ProviderIsArchived`, `PriceFromThePast`,
    `PricePeriodsOverlap` and `TooManyPrices`.
    """
    async with begin() as transaction:
        product = await product_of_plan(transaction, plan_id)
        product.expect(expected_version)
        (provider,) = await need_providers(transaction.session, [product.provider_id])
        now = datetime.now(UTC)
        transaction.emit(product.change_price(plan_id, price_from(now), provider, now))
    return product
