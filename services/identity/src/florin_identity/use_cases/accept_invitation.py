"""An invited user sets a password and may sign in."""

from florin_chassis.transaction import Begin
from florin_identity.models.credential import keep_password
from florin_identity.models.invitation import find_invited, use_invitation
from florin_identity.models.passwords import Hasher, require_strong
from florin_identity.models.proven import act_as
from florin_identity.models.user import User


async def accept_invitation(token: str, password: str, hasher: Hasher, begin: Begin) -> User:
    """Raises `InvitationNotValid`; `Malformed` on a weak password, and the token can be used again.

    The user is locked before the invitation is, here as in `renew_invitation`.
    """
    async with begin() as transaction:
        user_id = await find_invited(transaction.session, token)
        act_as(transaction, user_id)
        user = await transaction.get(User, user_id)
        by_letter = await use_invitation(transaction.session, token)
        require_strong(password, user.email, user.name)
        transaction.emit(user.activate())
        if by_letter:  # who reads the mailbox has the address
            transaction.emit(user.verify_email())
        password_hash = await hasher.hash(password)
        await keep_password(transaction.session, user.id, password_hash)
    return user
