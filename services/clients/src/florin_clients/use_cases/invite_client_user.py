"""A person is asked to act for a client; identity makes the login from the event."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_clients.models import (
    Client,
    ClientUser,
    Membership,
    require_for_clients,
    require_free,
)
from florin_contracts.clients import ClientUserStatus
from florin_contracts.permissions import ClientRole, Permission


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
        refused_because=None,
    )
    async with begin() as transaction:
        await transaction.get(Client, client_id)
        await require_free(transaction.session, email)
        transaction.add(user)
        transaction.emit(user.invite(Membership(transaction.actor)))
    return user
