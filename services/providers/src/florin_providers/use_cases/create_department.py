"""A department is set up, with the rights of its employees."""

from florin_chassis.transaction import Begin
from florin_providers.models import Department


async def create_department(department: Department, begin: Begin) -> Department:
    """Raises `GrantsMoreThanHeld`."""
    async with begin() as transaction:
        transaction.add(department)
        transaction.emit(department.create(transaction.actor))
    return department
