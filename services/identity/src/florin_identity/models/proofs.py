"""Whether what someone brings proves who it is: a password, or a second factor."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from florin_chassis.actor import Actor
from florin_chassis.errors import Malformed, NotInPerson
from florin_chassis.transaction import Transaction
from florin_identity.models.challenge import Purpose, find_challenge
from florin_identity.models.password_check import PasswordCheck
from florin_identity.models.proof import Method
from florin_identity.models.second_factors import Answer, Assertion, SecondFactors


@dataclass(frozen=True, slots=True)
class Password:
    """The user's password."""

    password: str
    kind: ClassVar = "password"


class Proofs:
    """What proofs are checked with: passwords, and second factors."""

    def __init__(self, passwords: PasswordCheck, factors: SecondFactors) -> None:
        self.passwords, self.factors = passwords, factors

    async def methods_of(
        self, transaction: Transaction, answer: Answer, challenge: str | None
    ) -> Iterable[Method]:
        """What the answer proves; raises `WrongSecondFactor`, `ChallengeNotValid`."""
        session, actor = transaction.session, transaction.actor
        user_id = person_of(actor)
        if isinstance(answer, Assertion):
            if challenge is None:
                raise Malformed.field("challenge", "is what a passkey signs", "missing")
            purpose = Purpose.PROOF
            begun = await find_challenge(session, challenge, purpose, actor.session_id)
            await session.delete(begun)
        return await self.factors.prove(transaction, user_id, answer, challenge or "")


def person_of(actor: Actor) -> UUID:
    """The user that asks; raises `NotInPerson`."""
    if actor.user_id is None:
        raise NotInPerson("sign in yourself to do this: no key or impersonation will do")
    return actor.user_id
