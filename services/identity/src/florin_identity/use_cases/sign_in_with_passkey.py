"""A user signs in with a passkey and nothing else; its authenticator made sure who holds it."""

from typing import ClassVar
from uuid import UUID

from florin_chassis.transaction import Begin, Transaction
from florin_contracts.identity import UserStatus
from florin_identity.models.access_tokens import AccessTokens
from florin_identity.models.allowed_addresses import may_come_from_here
from florin_identity.models.challenge import Purpose, find_challenge
from florin_identity.models.credential import WrongCredentials
from florin_identity.models.holding import hold_owner_of
from florin_identity.models.proven import act_as
from florin_identity.models.second_factors import (
    Assertion,
    SecondFactors,
    WrongSecondFactor,
    credential_of,
)
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.signing_in import SignedIn, open_session, still_admitted
from florin_identity.models.user import User


class WrongPasskey(WrongCredentials):
    """The passkey is none of ours, did not sign the challenge, or its user may not sign in."""

    keeps: ClassVar = True


async def sign_in_with_passkey(
    challenge: str,
    answer: Assertion,
    factors: SecondFactors,
    tokens: AccessTokens,
    begin: Begin,
) -> SignedIn:
    """The challenge is used up, whatever comes of it.

    Raises `ChallengeNotValid`, `WrongPasskey`.
    """
    async with begin() as transaction:
        session = transaction.session
        await hold_owner_of(session, credential_of(answer))
        await session.delete(await find_challenge(session, challenge, Purpose.PASSKEY_SIGN_IN))
        try:
            passkey, methods = await factors.assert_passkey(session, answer, challenge)
        except WrongSecondFactor as refusal:
            details = {"kind": answer.kind, "why": refusal.detail}
            note(transaction, SecurityAct.SIGN_IN_FAILED, None, **details)
            raise WrongPasskey("this passkey does not sign anyone in") from refusal
        user = await _signing_in(transaction, passkey.user_id)
        admitted = await still_admitted(transaction, user.id)
        return await open_session(transaction, admitted.holder, methods, tokens)


async def _signing_in(transaction: Transaction, user_id: UUID) -> User:
    act_as(transaction, user_id)
    user = await transaction.session.get_one(User, user_id)
    if not await may_come_from_here(transaction, user_id):
        raise WrongPasskey("this passkey does not sign anyone in")
    if user.status is not UserStatus.ACTIVE:
        note(transaction, SecurityAct.SIGN_IN_FAILED, user.id, why=user.status)
        raise WrongPasskey("this passkey does not sign anyone in")
    return user
