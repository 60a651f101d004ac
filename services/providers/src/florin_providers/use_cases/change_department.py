"""A department gets another name or other hours, or its members may do other things."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from florin_chassis.transaction import Begin
from florin_providers.models import Department, membership_of


async def change_department(
    department_id: UUID, changes: Mapping[str, Any], expected_version: int | None, begin: Begin
) -> Department:
    """Raises `NotFound`, `VersionMismatch`, `DepartmentIsRemoved` and what bounds a grant.

    That is `MayDoMoreThanYou`, `OwnRights` and `GrantsMoreThanHeld`.
    """
    async with begin() as transaction:
        department = await transaction.get(Department, department_id)
        department.expect(expected_version)
        changed = department.change(changes, await membership_of(transaction, department_id))
        transaction.emit(*filter(None, [changed]))
    return department
