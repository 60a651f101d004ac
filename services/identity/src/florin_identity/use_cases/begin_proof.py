"""A signed-in user is about to prove again who it is, maybe with a passkey."""

from florin_chassis.errors import NotInPerson
from florin_chassis.transaction import Begin
from florin_identity.models.challenge import Purpose
from florin_identity.models.second_factors import Asked, SecondFactors


async def begin_proof(factors: SecondFactors, begin: Begin) -> Asked:
    """Raises `NotInPerson`."""
    async with begin() as transaction:
        actor = transaction.actor
        if actor.user_id is None or actor.session_id is None:
            raise NotInPerson("sign in yourself to do this: no key or impersonation will do")
        return await factors.ask(
            transaction.session, Purpose.PROOF, actor.user_id, actor.session_id
        )
