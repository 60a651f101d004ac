"""The bearer of a link that was mailed to a user sets the user's password anew."""

from uuid import UUID

from florin_chassis.transaction import Begin, Transaction
from florin_contracts.identity import SessionEndCause, UserStatus
from florin_identity.models.ending import end_sessions
from florin_identity.models.new_password import replace_password
from florin_identity.models.one_time_link import LinkPurpose, find_link, followed, use_link
from florin_identity.models.passwords import Hasher, require_strong
from florin_identity.models.proven import act_as
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.user import User

_RESET = LinkPurpose.PASSWORD_RESET


async def reset_password(token: str, password: str, hasher: Hasher, begin: Begin) -> None:
    """Raises `LinkNotValid`; `Malformed` on a weak password, and the link can be used again.

    All sessions end, whoever holds them: it may be because of them that the password is new.
    """
    async with begin() as transaction:
        user_id = followed(await find_link(transaction.session, token, _RESET)).user_id
        act_as(transaction, user_id)
        password_hash = await _hashed(transaction, user_id, password, hasher)
        user = await transaction.get(User, user_id)
        link = await use_link(transaction.session, token, _RESET)
        followed(link if user.status is UserStatus.ACTIVE else None)
        if not user.email_verified:  # who reads the mailbox has the address
            transaction.emit(user.verify_email())
            note(transaction, SecurityAct.EMAIL_VERIFIED, user.id)
        await replace_password(transaction, user, password_hash, by="link")
        await end_sessions(transaction, user_id, SessionEndCause.PASSWORD_CHANGED)


async def _hashed(transaction: Transaction, user_id: UUID, password: str, hasher: Hasher) -> str:
    user = await transaction.session.get_one(User, user_id)
    require_strong(password, user.email, user.name)
    await transaction.session.rollback()  # gives the connection back while it is hashed
    return await hasher.hash(password)
