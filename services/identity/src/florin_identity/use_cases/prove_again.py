"""A signed-in user proves once more who it is, before it changes how it proves that."""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar, NamedTuple

from florin_chassis.errors import Unauthenticated
from florin_chassis.transaction import Begin, Transaction
from florin_identity.models.access_tokens import AccessTokens
from florin_identity.models.proof import Method, find_proof
from florin_identity.models.proofs import Password, Proofs, person_of
from florin_identity.models.second_factors import Answer
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.session import Session
from florin_identity.models.standing import standing_in
from florin_identity.models.user import User


class WrongPassword(Unauthenticated):
    """This is not the user's password."""

    code = "wrong_password"
    keeps: ClassVar = True


class Proved(NamedTuple):
    """How and when the session's user has proved itself, and a token that says so."""

    methods: list[str]
    proved_at: datetime
    access_token: str


async def prove_again(
    answer: Password | Answer,
    challenge: str | None,
    proofs: Proofs,
    tokens: AccessTokens,
    begin: Begin,
) -> Proved:
    """Raises `WrongPassword`, `WrongSecondFactor`, `ChallengeNotValid`, `TooManyWrongProofs`."""
    async with begin() as transaction:
        session, actor = transaction.session, transaction.actor
        user_id = person_of(actor)
        right = isinstance(answer, Password) and await proofs.is_password(
            session, user_id, answer.password
        )
        proof = await find_proof(session, actor)
        (await session.get_one(Session, proof.session_id)).require_going_on()
        # Only now, with the row locked: of many guesses at once five are told what came of them.
        proof.require_tries_left()
        try:
            if isinstance(answer, Password):
                methods = _of_password(transaction, right=right)
            else:
                methods = await proofs.methods_of(transaction, answer, challenge)
        except Unauthenticated:
            proof.failures += 1
            raise
        proof.renew(methods)
        standing = await standing_in(session, proof, await session.get_one(User, user_id))
        token = tokens.for_session(proof.session_id, user_id, standing)
    return Proved(proof.methods, proof.proved_at, token)


def _of_password(transaction: Transaction, *, right: bool) -> Iterable[Method]:
    if not right:
        note(transaction, SecurityAct.FACTOR_FAILED, transaction.actor.user_id, kind="password")
        raise WrongPassword("this is not your password")
    return [Method.PASSWORD]
