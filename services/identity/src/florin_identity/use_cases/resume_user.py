"""A suspended user signs in again, or is invited as before."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_identity.models.closing import open_login, require_over
from florin_identity.models.credential import has_password
from florin_identity.models.user import User


async def resume_user(user_id: UUID, expected_version: int | None, begin: Begin) -> User:
    """Raises `NotFound`, `VersionMismatch`, `OwnLogin`, `MayDoMoreThanYou` and `UserHasLeft`."""
    async with begin() as transaction:
        user = await transaction.get(User, user_id)
        user.expect(expected_version)
        await require_over(transaction, user)
        able = await has_password(transaction.session, user.id)
        await open_login(transaction, user, user.resume(has_password=able))
    return user
