"""A kind of product is called or taxed otherwise, is archived, or on offer again."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from florin_chassis.transaction import Begin
from florin_providers.models import ProductType


async def change_product_type(
    type_id: UUID, changes: Mapping[str, Any], expected_version: int | None, begin: Begin
) -> ProductType:
    """Raises `NotFound` and `VersionMismatch`."""
    async with begin() as transaction:
        kind = await transaction.get(ProductType, type_id)
        kind.expect(expected_version)
        if changed := kind.change(changes):
            transaction.emit(changed)
    return kind
