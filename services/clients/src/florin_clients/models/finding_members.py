"""Finds a client's user for a change, with what the change is judged by."""

from uuid import UUID

from sqlalchemy import func, select

from florin_chassis.errors import NotFound
from florin_chassis.transaction import Transaction
from florin_clients.models.client import Client
from florin_clients.models.client_user import ClientUser
from florin_clients.models.membership import Membership
from florin_contracts.clients import ClientUserStatus
from florin_contracts.permissions import ClientRole


async def get_member(
    transaction: Transaction, client_id: UUID, user_id: UUID, expected_version: int | None
) -> tuple[ClientUser, Membership]:
    """Raises `NotFound` and `VersionMismatch`.

    The client is locked first: of two owners who remove each other at once, the second is judged
    by what the first has done.
    """
    await transaction.get(Client, client_id)
    user = await transaction.get(ClientUser, user_id)
    if user.client_id != client_id:
        raise NotFound(f"there is no user {user_id} of this client")
    user.expect(expected_version)
    owners = select(func.count()).where(
        ClientUser.client_id == client_id,
        ClientUser.id != user_id,
        ClientUser.role == ClientRole.OWNER,
        ClientUser.status == ClientUserStatus.ACTIVE,
    )
    return user, Membership(transaction.actor, await transaction.session.scalar(owners) or 0)
