"""A person is asked to act for a client; identity makes the login from the event."""

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.transaction import Begin
from florin_clients.models import Client, ClientUser, EmailTaken, Membership, require_for_clients
from florin_contracts.clients import ClientUserStatus
from florin_contracts.permissions import ClientRole, Permission

# As the index has it, word for word.
_LOGIN: Final = text(
    "SELECT EXISTS (SELECT FROM projected_states"
    " WHERE topic = 'identity-user' AND state ->> 'email' = :email"
    " AND state ->> 'status' <> 'left')"
)


async def invite_client_user(
    client_id: UUID,
    name: str,
    email: str,
    role: ClientRole,
    permissions: tuple[Permission, ...],
    begin: Begin,
) -> ClientUser:
    """Raises `NotFound`, `GrantsMoreThanHeld`, `EmailTaken`, and `Malformed` for staff's rights."""
    require_for_clients(permissions)
    user = ClientUser(
        client_id=client_id,
        name=name,
        email=email,
        role=role,
        permissions=tuple(sorted({*permissions})),
        status=ClientUserStatus.INVITED,
        joined=False,
    )
    async with begin() as transaction:
        await transaction.get(Client, client_id)
        await _require_free(transaction.session, email)
        transaction.add(user)
        transaction.emit(user.invite(Membership(transaction.actor)))
    return user


async def _require_free(session: AsyncSession, email: str) -> None:
    """As far as identity has stated it; of two at once, the login decides."""
    if await session.scalar(_LOGIN, {"email": email}):
        raise EmailTaken.broken()
