"""An employee leaves a client's control panel, or is made to."""

from uuid import UUID

from florin_chassis.actor import Actor
from florin_chassis.errors import Forbidden
from florin_chassis.transaction import Begin
from florin_contracts.permissions import Permission
from florin_identity.models.ending import end_impersonation
from florin_identity.models.impersonation import Impersonation


async def end_an_impersonation(impersonation_id: UUID, begin: Begin) -> None:
    """Raises `NotFound`, also if it is over; `Forbidden` to a client, which may only see it."""
    async with begin() as transaction:
        stay = await transaction.get(Impersonation, impersonation_id)
        if not _may_end(stay, transaction.actor):
            raise Forbidden("only the employee, or an administrator, ends it")
        end_impersonation(transaction, stay)


def _may_end(stay: Impersonation, actor: Actor) -> bool:
    """The employee may, from within too; others of the provider's side with the permission."""
    if stay.employee_user_id == actor.user_id:
        return actor.in_person or actor.session_id == stay.id
    is_staff = actor.everywhere or "client" not in actor.reach
    return is_staff and Permission.SESSIONS_END in actor.permissions
