"""Someone is about to sign in with a passkey alone: its browser is told what to ask for."""

from typing import Any, NamedTuple

from florin_chassis.transaction import Begin
from florin_identity.models.challenge import Purpose, begin_challenge
from florin_identity.models.relying_party import RelyingParty


class Offered(NamedTuple):
    """The challenge, and the options of `navigator.credentials.get()`."""

    challenge: str
    expires_in: int
    options: dict[str, Any]


async def begin_passkey_sign_in(party: RelyingParty, begin: Begin) -> Offered:
    """It is nobody's challenge yet, and tells nothing of who has passkeys."""
    async with begin() as transaction:
        begun = await begin_challenge(transaction.session, Purpose.PASSKEY_SIGN_IN)
    options = party.request_options(begun.challenge, (), verified=True)
    return Offered(begun.challenge, begun.expires_in, options)
