"""A password takes the place of another: what else that undoes, and who is told."""

from florin_chassis.transaction import Transaction
from florin_identity.models.challenge import forget_challenges
from florin_identity.models.credential import Credential
from florin_identity.models.letter import LetterKind, write_letter
from florin_identity.models.one_time_link import LinkPurpose, forget_links
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.user import User


async def replace_password(
    transaction: Transaction, user: User, password_hash: str, *, by: str
) -> None:
    """Keep the hash of the user's next password.

    A link to reset the last one stops working, as does a sign-in that is half done with it.
    """
    # For update, so that a sign-in that waits for the user reads the next password, not the last.
    credential = await transaction.session.get_one(Credential, user.id, with_for_update=True)
    credential.password_hash = password_hash
    await forget_links(transaction.session, user.id, LinkPurpose.PASSWORD_RESET)
    await forget_challenges(transaction.session, user.id)
    note(transaction, SecurityAct.PASSWORD_CHANGED, user.id, by=by)
    changed_from = transaction.origin.address
    write_letter(
        transaction, LetterKind.PASSWORD_CHANGED, user.email, user.id, changed_from=changed_from
    )
