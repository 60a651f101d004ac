"""What someone with `users:write` may do to another's way of signing in."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.actor import Actor
from florin_chassis.transaction import Transaction
from florin_contracts.identity import UserKind
from florin_contracts.permissions import ADMINISTRATOR_PERMISSIONS
from florin_identity.models.invitation import GrantsMoreThanHeld
from florin_identity.models.proof import require_own_recent_proof
from florin_identity.models.reading_grounds import read_grounds
from florin_identity.models.user import User


async def overseen(transaction: Transaction, user_id: UUID, recent: timedelta) -> User:
    """The user, locked, whose way of signing in the actor is about to change.

    Raises `NotFound`, `RecentProofNeeded`, and `GrantsMoreThanHeld` for an employee who may do more
    than the actor: nobody shall weaken how someone above signs in.
    """
    user = await transaction.get(User, user_id)
    await require_own_recent_proof(transaction, recent)
    await _require_no_more(transaction.session, transaction.actor, user)
    return user


async def _require_no_more(session: AsyncSession, actor: Actor, user: User) -> None:
    if user.kind is not UserKind.EMPLOYEE:
        return
    grounds = (await read_grounds(session, [user.id]))[user.id]
    if not grounds.rights(unknown=ADMINISTRATOR_PERMISSIONS).is_within(actor):
        raise GrantsMoreThanHeld("the user may do more than you may")
