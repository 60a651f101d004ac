"""Whether an address can be invited, and who was invited at one that is another's login."""

from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.transaction import Transaction
from florin_clients.models.client_user import ClientUser
from florin_clients.models.member_refusals import EmailTaken
from florin_contracts.clients import ClientUserStatus

# As the index has it, word for word.
_LOGIN: Final = text(
    "SELECT EXISTS (SELECT FROM projected_states"
    " WHERE topic = 'identity-user' AND state ->> 'email' = :email"
    " AND state ->> 'status' <> 'left' AND id <> :own)"
)
_NOBODY: Final = UUID(int=0)


async def require_free(session: AsyncSession, email: str, own: UUID = _NOBODY) -> None:
    """Raise `EmailTaken` if somebody, but `own`, signs in with the address.

    As far as identity has stated it: of two at once the login decides, and who was invited shows
    that it has none.
    """
    if await session.scalar(_LOGIN, {"email": email, "own": own}):
        raise EmailTaken.broken()


async def refuse_invited_at(transaction: Transaction, email: str, user_id: UUID) -> None:
    """A user signs in with the address: who else was invited at it gets no login there."""
    invited = select(ClientUser).where(
        ClientUser.email == email,
        ClientUser.id != user_id,
        ClientUser.status != ClientUserStatus.REMOVED,
        ClientUser.refused_because.is_(None),
        ClientUser.joined.is_(False),
    )
    for user in await transaction.session.scalars(invited.with_for_update()):
        transaction.emit(*user.lose_address())
    await transaction.session.flush()  # before the other takes the address: it is one's at a time
