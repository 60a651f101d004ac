"""The owner of the old or of the new address agrees that one takes the other's place."""

from florin_chassis.transaction import Begin, Transaction
from florin_identity.models.email_change import EmailChange
from florin_identity.models.letter import LetterKind, write_letter
from florin_identity.models.one_time_link import (
    LinkPurpose,
    find_link,
    followed,
    forget_links,
    use_link,
)
from florin_identity.models.proven import act_as
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.user import User

_BOTH = (LinkPurpose.EMAIL_CHANGE_OLD, LinkPurpose.EMAIL_CHANGE_NEW)


async def confirm_email_change(token: str, begin: Begin) -> bool:
    """Whether the address is the new one now, or the other's answer is still to come.

    Raises `LinkNotValid`; `EmailTaken` if another user came to have the address meanwhile.
    """
    async with begin() as transaction:
        link = followed(await find_link(transaction.session, token, *_BOTH))
        act_as(transaction, link.user_id)
        user = await transaction.get(User, link.user_id)
        followed(await use_link(transaction.session, token, *_BOTH))
        change = await transaction.session.get_one(EmailChange, user.id)
        complete = change.confirm(link.purpose)
        if complete:
            await _change(transaction, user, change)
    return complete


async def _change(transaction: Transaction, user: User, change: EmailChange) -> None:
    """Links that were mailed to the old address stop working with it."""
    write_letter(transaction, LetterKind.EMAIL_CHANGED, user.email, user.id)
    note(transaction, SecurityAct.EMAIL_CHANGED, user.id)
    transaction.emit(user.change_email(change.email))
    await transaction.session.delete(change)
    await forget_links(
        transaction.session, user.id, LinkPurpose.PASSWORD_RESET, LinkPurpose.EMAIL_VERIFICATION
    )
