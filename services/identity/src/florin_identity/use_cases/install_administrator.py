"""Right after installation the first administrator is made, once."""

from datetime import timedelta
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import select, text

from florin_chassis.ids import new_id
from florin_chassis.transaction import Begin
from florin_identity.models.invitation import issue_invitation
from florin_identity.models.letter import LetterKind, write_letter
from florin_identity.models.reckoning import open_access
from florin_identity.models.user import User, invited_employee

_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('florin.install', 0))")


class Installed(NamedTuple):
    """The administrator, and the token to set a password with; none if there was one already."""

    user_id: UUID
    invitation_token: str | None


async def install_administrator(email: str, life: timedelta, begin: Begin) -> Installed:
    """Several may install at once: one makes the administrator, the others find it.

    Raises `EmailTaken`.
    """
    async with begin() as transaction:
        await transaction.session.execute(_LOCK)
        first = select(User.id).where(User.administrator).order_by(User.id).limit(1)
        existing = await transaction.session.scalar(first)
        if existing is not None:
            return Installed(existing, None)
        user = invited_employee(new_id(), "Administrator", email, administrator=True)
        transaction.add(user)
        transaction.emit(user.invite())
        write_letter(transaction, LetterKind.INVITATION, user.email, user.id, name=user.name)
        await open_access(transaction, user)
        invited = await issue_invitation(transaction.session, user.id, life)
    return Installed(user.id, invited.invitation_token)
