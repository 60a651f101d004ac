"""A fresh invitation for someone who has not accepted an earlier one, or let it expire."""

from datetime import timedelta
from uuid import UUID

from florin_chassis.transaction import Begin
from florin_contracts.permissions import ADMINISTRATOR_PERMISSIONS
from florin_identity.models.invitation import GrantsMoreThanHeld, Invited, issue_invitation
from florin_identity.models.letter import LetterKind, write_letter
from florin_identity.models.reading_grounds import read_grounds
from florin_identity.models.user import User


async def renew_invitation(user_id: UUID, life: timedelta, begin: Begin) -> Invited:
    """Raises `NotFound`, `UserNotInvited`, `GrantsMoreThanHeld`.

    Whoever holds the token can become the invited user, so an inviter must hold all that the user
    will; what a department allows that has not arrived here yet is taken to be everything.
    """
    async with begin() as transaction:
        user = await transaction.get(User, user_id)
        user.require_invited()
        grounds = (await read_grounds(transaction.session, [user.id]))[user.id]
        if not grounds.rights(unknown=ADMINISTRATOR_PERMISSIONS).is_within(transaction.actor):
            raise GrantsMoreThanHeld("the invited user may do more than you may")
        write_letter(transaction, LetterKind.INVITATION, user.email, user.id, name=user.name)
        return await issue_invitation(transaction.session, user.id, life)
