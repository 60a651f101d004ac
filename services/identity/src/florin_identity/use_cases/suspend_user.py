"""A user does nothing for the time being: it may not sign in, and its sessions end."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_identity.models.closing import close_login, require_of_client, require_over
from florin_identity.models.user import User


async def suspend_user(user_id: UUID, expected_version: int | None, begin: Begin) -> User:
    """Raises `NotFound`, `VersionMismatch`, and refusals.

    Those are `OwnLogin`, `MayDoMoreThanYou`, `SuspendedByProviders` and `UserHasLeft`.
    """
    async with begin() as transaction:
        user = await transaction.get(User, user_id)
        user.expect(expected_version)
        await require_over(transaction, user)
        require_of_client(user)
        await close_login(transaction, user, user.suspend())
    return user
