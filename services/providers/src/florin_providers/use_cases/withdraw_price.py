"""A price that was announced is taken back before it begins."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import delete

from florin_chassis.transaction import Begin
from florin_providers.models import Price, need_providers, product_of_plan


async def withdraw_price(
    plan_id: UUID, price_id: UUID, expected_version: int | None, begin: Begin
) -> None:
    """Raises `NotFound`, `VersionMismatch`, `ProviderIsArchived`, `PriceHasBegun`, `LastPrice`."""
    async with begin() as transaction:
        session = transaction.session
        product = await product_of_plan(transaction, plan_id)
        product.expect(expected_version)
        (provider,) = await need_providers(session, [product.provider_id])
        # Its row goes first: the price before it takes its time with the product's own row.
        await session.execute(delete(Price).where(Price.id == price_id, Price.plan_id == plan_id))
        now = datetime.now(UTC)
        transaction.emit(product.withdraw_price(plan_id, price_id, provider, now))
