"""A client that registered itself begins, with the user who registered it as its owner."""

from florin_chassis.transaction import Transaction
from florin_clients.models import Client, ClientUser
from florin_contracts.clients import ClientUserStatus
from florin_contracts.identity import UserRegistered
from florin_contracts.permissions import ClientRole


async def register_client(registered: UserRegistered, transaction: Transaction) -> None:
    """Nothing when the user registered no client, or the client is here already."""
    registration = registered.registration
    if registration is None:
        return
    if await transaction.session.get(Client, registration.client_id) is not None:
        return
    client = Client.of(registration)
    owner = ClientUser(
        id=registered.id,
        client_id=client.id,
        name=registered.name,
        role=ClientRole.OWNER,
        permissions=(),
        email=None,
        status=ClientUserStatus.ACTIVE,
        joined=True,
        refused_because=None,
    )
    transaction.add(client)
    transaction.add(owner)
    transaction.emit(client.register(), owner.add())
