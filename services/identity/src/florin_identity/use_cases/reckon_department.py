"""A department changed, and with it what its members may do."""

from typing import Final
from uuid import UUID

from florin_chassis.transaction import Transaction
from florin_identity.models.due_reckoning import mark_due
from florin_identity.models.reckoning import change_department, reckon_access

AT_ONCE_MAX: Final = 200
"""So many are reckoned in the transaction of the fact, whose batch holds more such facts."""
_AT_ONCE: Final = "reckoned at once"


async def reckon_department(department_id: UUID, transaction: Transaction) -> None:
    """Nothing for one without members; those beyond the limit are marked, and reckoned soon."""
    session = transaction.session
    members = await change_department(session, department_id)
    left = max(0, AT_ONCE_MAX - session.info.get(_AT_ONCE, 0))
    at_once, later = members[:left], members[left:]
    session.info[_AT_ONCE] = AT_ONCE_MAX - left + len(at_once)
    await reckon_access(transaction, at_once)
    await mark_due(session, later, transaction.cause)
