"""A user does nothing for the time being: it may not sign in, and its sessions end."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_identity.models.closing import (
    close_login,
    hold_administrators,
    require_another_administrator,
    require_over,
)
from florin_identity.models.user import User


async def suspend_user(user_id: UUID, expected_version: int | None, begin: Begin) -> User:
    """Raises `NotFound`, `VersionMismatch`, and refusals.

    Those are `OwnLogin`, `MayDoMoreThanYou`, `LastAdministrator` and `UserHasLeft`.
    """
    async with begin() as transaction:
        await hold_administrators(transaction.session)
        user = await transaction.get(User, user_id)
        user.expect(expected_version)
        await require_over(transaction, user)
        await require_another_administrator(transaction, user)
        await close_login(transaction, user, user.suspend())
    return user
