"""There is another kind of product."""

from florin_chassis.transaction import Begin
from florin_providers.models import ProductType


async def create_product_type(kind: ProductType, begin: Begin) -> ProductType:
    """Raises `TypeCodeTaken`."""
    async with begin() as transaction:
        transaction.add(kind)
        transaction.emit(kind.create())
    return kind
