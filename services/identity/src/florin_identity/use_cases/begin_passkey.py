"""A user begins to add a passkey: its browser is told what to ask the authenticator."""

from datetime import timedelta
from typing import Any, NamedTuple

from florin_chassis.transaction import Begin
from florin_identity.models.challenge import Purpose, begin_challenge
from florin_identity.models.factor_changes import own_factors, require_room
from florin_identity.models.passkey import passkeys_of
from florin_identity.models.relying_party import RelyingParty


class Offered(NamedTuple):
    """The challenge, and the options of `navigator.credentials.create()`."""

    challenge: str
    expires_in: int
    options: dict[str, Any]


async def begin_passkey(party: RelyingParty, recent: timedelta, begin: Begin) -> Offered:
    """Raises `RecentProofNeeded`, `TooManySecondFactors`."""
    async with begin() as transaction:
        user, _ = await own_factors(transaction, recent)
        session, session_id = transaction.session, transaction.actor.session_id
        await require_room(session, user.id)
        begun = await begin_challenge(session, Purpose.PASSKEY_REGISTRATION, user.id, session_id)
        present = await passkeys_of(session, user.id)
        options = party.creation_options(begun.challenge, user.id, user.email, present)
    return Offered(begun.challenge, begun.expires_in, options)
