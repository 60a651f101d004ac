"""A client's suspended user acts again."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_clients.models import ClientUser, get_member


async def resume_client_user(
    client_id: UUID, user_id: UUID, expected_version: int | None, begin: Begin
) -> ClientUser:
    """Raises `NotFound`, `VersionMismatch`, and what `ClientUser.resume` raises."""
    async with begin() as transaction:
        user, membership = await get_member(transaction, client_id, user_id, expected_version)
        transaction.emit(*user.resume(membership))
    return user
