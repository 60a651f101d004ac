"""A user begins to add an authenticator app: it is told the secret, once."""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete

from florin_chassis.transaction import Begin
from florin_identity.models.authenticator import Authenticator, make_authenticator, uri_of
from florin_identity.models.factor_changes import own_factors, require_room
from florin_identity.models.second_factors import SecondFactors


class Offered(NamedTuple):
    """The secret, for typing in and for a QR code."""

    id: UUID
    secret: str
    otpauth_uri: str


async def begin_authenticator(
    name: str, factors: SecondFactors, recent: timedelta, begin: Begin
) -> Offered:
    """One that was begun before and never confirmed is given up.

    Raises `RecentProofNeeded`, `TooManySecondFactors`.
    """
    async with begin() as transaction:
        user, _ = await own_factors(transaction, recent)
        await require_room(transaction.session, user.id)
        given_up = Authenticator.user_id == user.id, Authenticator.confirmed_at.is_(None)
        await transaction.session.execute(delete(Authenticator).where(*given_up))
        authenticator, secret = make_authenticator(user.id, name, factors.key)
        transaction.session.add(authenticator)
    return Offered(authenticator.id, secret, uri_of(secret, user.email, factors.relying_party.name))
