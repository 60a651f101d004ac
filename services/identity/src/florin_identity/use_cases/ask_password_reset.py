"""Someone who does not know its password asks for a link with which to set another."""

from florin_chassis.transaction import Begin
from florin_identity.models.letter import LetterKind, write_letter


async def ask_password_reset(email: str, begin: Begin) -> None:
    """Whether there is such a login is found out when the letter's turn comes, not here.

    So this takes the same time for every address.
    """
    async with begin() as transaction:
        asked_from = transaction.origin.address
        write_letter(transaction, LetterKind.PASSWORD_RESET, email, asked_from=asked_from)
