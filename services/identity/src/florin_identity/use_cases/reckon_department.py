"""A department changed, and with it what its members may do."""

from uuid import UUID

from florin_chassis.transaction import Transaction
from florin_identity.models.reckoning import change_department, reckon_access


async def reckon_department(department_id: UUID, transaction: Transaction) -> None:
    """Nothing for one without members."""
    members = await change_department(transaction.session, department_id)
    await reckon_access(transaction, members)
