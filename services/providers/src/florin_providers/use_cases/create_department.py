"""A department is set up, with the rights of its employees."""

from florin_chassis.transaction import Begin
from florin_contracts.permissions import Permission, Section
from florin_providers.models import Department


async def create_department(
    name: str, sections: tuple[Section, ...], permissions: tuple[Permission, ...], begin: Begin
) -> Department:
    """Raises `GrantsMoreThanHeld`."""
    department = Department(
        name=name, sections=sections, permissions=permissions, external_id=None, removed=False
    )
    async with begin() as transaction:
        transaction.add(department)
        transaction.emit(department.create(transaction.actor))
    return department
