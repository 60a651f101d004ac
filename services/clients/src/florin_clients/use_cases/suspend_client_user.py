"""A client's user does nothing for the time being."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_clients.models import ClientUser, get_member


async def suspend_client_user(
    client_id: UUID, user_id: UUID, expected_version: int | None, begin: Begin
) -> ClientUser:
    """Raises `NotFound`, `VersionMismatch`, and what `ClientUser.suspend` raises."""
    async with begin() as transaction:
        user, membership = await get_member(transaction, client_id, user_id, expected_version)
        transaction.emit(*user.suspend(membership))
    return user
