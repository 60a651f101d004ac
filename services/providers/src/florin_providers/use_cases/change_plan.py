"""A plan is offered under another name or to others, archived, or offered again."""

from typing import Any
from uuid import UUID

from florin_chassis.transaction import Begin
from florin_providers.models import Product, product_of_plan


async def change_plan(
    plan_id: UUID, changes: dict[str, Any], expected_version: int | None, begin: Begin
) -> Product:
    """Raises `NotFound` and `VersionMismatch`, which is about the product."""
    async with begin() as transaction:
        product = await product_of_plan(transaction, plan_id)
        product.expect(expected_version)
        if changed := product.change_plan(plan_id, changes):
            transaction.emit(changed)
    return product
