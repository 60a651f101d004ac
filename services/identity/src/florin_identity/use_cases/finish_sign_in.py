"""A user who has given its password answers the challenge with a second factor."""

from uuid import UUID

from florin_chassis.transaction import Begin, Transaction
from florin_contracts.identity import UserStatus
from florin_identity.models.access_tokens import AccessTokens
from florin_identity.models.allowed_addresses import may_come_from_here
from florin_identity.models.challenge import (
    ChallengeNotValid,
    Purpose,
    fail_challenge,
    find_challenge,
)
from florin_identity.models.holding import hold_challenged
from florin_identity.models.proof import Method
from florin_identity.models.proven import act_as
from florin_identity.models.second_factors import Answer, SecondFactors, WrongSecondFactor
from florin_identity.models.signing_in import SignedIn, open_session, still_admitted
from florin_identity.models.user import User


async def finish_sign_in(
    challenge: str, answer: Answer, factors: SecondFactors, tokens: AccessTokens, begin: Begin
) -> SignedIn:
    """Raises `ChallengeNotValid`, and `WrongSecondFactor`, which counts against the challenge."""
    async with begin() as transaction:
        session = transaction.session
        await hold_challenged(session, challenge)
        begun = await find_challenge(session, challenge, Purpose.SECOND_FACTOR)
        user = await _challenged(transaction, begun.user_id)
        try:
            await _require_from_here(transaction, user.id)
            methods = await factors.prove(transaction, user.id, answer, challenge)
        except WrongSecondFactor:
            await fail_challenge(session, begun)
            raise
        await session.delete(begun)
        admitted = await still_admitted(transaction, user.id)
        methods |= {Method.PASSWORD}
        return await open_session(transaction, admitted.holder, methods, tokens)


async def _challenged(transaction: Transaction, user_id: UUID | None) -> User:
    if user_id is None:
        raise ChallengeNotValid("the challenge is nobody's")
    act_as(transaction, user_id)
    user = await transaction.session.get_one(User, user_id)
    if user.status is not UserStatus.ACTIVE:
        raise ChallengeNotValid("the challenge is unknown, used up or expired: begin again")
    return user


async def _require_from_here(transaction: Transaction, user_id: UUID) -> None:
    """The password came from an allowed address; the factor has to as well."""
    if not await may_come_from_here(transaction, user_id):
        raise WrongSecondFactor("this is not one of your second factors, or was used before")
