"""A user who has lost the letter asks for another link to prove that its address is its own."""

from florin_chassis.errors import NotFound
from florin_chassis.transaction import Begin
from florin_identity.models.letter import LetterKind, write_letter
from florin_identity.models.user import User


async def ask_email_verification(begin: Begin) -> None:
    """Raises `EmailVerifiedAlready`."""
    async with begin() as transaction:
        if transaction.actor.user_id is None:
            raise NotFound("a program has no address")
        user = await transaction.get(User, transaction.actor.user_id)
        user.require_unverified()
        write_letter(transaction, LetterKind.EMAIL_VERIFICATION, user.email, user.id)
