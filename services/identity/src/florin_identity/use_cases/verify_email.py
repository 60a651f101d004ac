"""A user follows the link that was mailed to its address."""

from florin_chassis.transaction import Begin
from florin_identity.models.one_time_link import LinkPurpose, find_link, followed, use_link
from florin_identity.models.proven import act_as
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.user import User

_PURPOSE = LinkPurpose.EMAIL_VERIFICATION


async def verify_email(token: str, begin: Begin) -> None:
    """Raises `LinkNotValid`, `EmailVerifiedAlready`."""
    async with begin() as transaction:
        user_id = followed(await find_link(transaction.session, token, _PURPOSE)).user_id
        act_as(transaction, user_id)
        user = await transaction.get(User, user_id)
        followed(await use_link(transaction.session, token, _PURPOSE))
        transaction.emit(user.verify_email())
        note(transaction, SecurityAct.EMAIL_VERIFIED, user.id)
