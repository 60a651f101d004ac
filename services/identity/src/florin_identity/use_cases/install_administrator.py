"""Right after installation the first administrator is made, once."""

from datetime import timedelta
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import Refusal
from florin_chassis.ids import new_id
from florin_chassis.transaction import Begin, Transaction
from florin_contracts.identity import UserStatus
from florin_identity.models.invitation import issue_invitation
from florin_identity.models.letter import LetterKind, write_letter
from florin_identity.models.reckoning import open_access
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.user import User, invited_employee

_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('florin.install', 0))")


class AdministratorSignedUp(Refusal):
    """An administrator has set its password: no other is made without it."""

    code = "administrator_signed_up"


class UnknownEmail(Refusal):
    """No administrator waits at this address."""

    code = "unknown_email"


class Installed(NamedTuple):
    """The administrator, and the token to set a password with; none if there was one already."""

    user_id: UUID
    invitation_token: str | None


async def install_administrator(
    email: str, life: timedelta, begin: Begin, *, again: bool = False
) -> Installed:
    """Several may install at once: one makes the administrator, the others find it.

    `again` makes another token, in place of a lost one, for as long as no administrator has ever
    set a password. Raises `EmailTaken`; `AdministratorSignedUp` from then on, and `UnknownEmail`
    if the administrator who waits has another address.
    """
    async with begin() as transaction:
        await transaction.session.execute(_LOCK)
        first = select(User).where(User.administrator).order_by(User.id).limit(1)
        existing = await transaction.session.scalar(first)
        if existing is not None and not again:
            return Installed(existing.id, None)
        user = existing or await _made(transaction, email)
        await _require_nobody_signed_up(transaction.session, user, email)
        write_letter(transaction, LetterKind.INVITATION, user.email, user.id, name=user.name)
        invited = await issue_invitation(transaction.session, user.id, life)
        note(transaction, SecurityAct.INVITED, user.id, by="install")
    return Installed(user.id, invited.invitation_token)


async def _made(transaction: Transaction, email: str) -> User:
    user = invited_employee(new_id(), "Administrator", email, administrator=True)
    transaction.add(user)
    transaction.emit(user.invite())
    await open_access(transaction, user)
    return user


async def _require_nobody_signed_up(session: AsyncSession, user: User, email: str) -> None:
    """Who may run commands here may not become an administrator whom others rely on."""
    await session.flush()
    signed_up = select(User.id).where(User.administrator, User.status != UserStatus.INVITED)
    if await session.scalar(signed_up.limit(1)) is not None:
        raise AdministratorSignedUp("an administrator has set a password: have it invite others")
    if user.email != email:
        raise UnknownEmail("the administrator who has yet to set a password has another address")
