"""A signed-in user proves once more who it is, before it changes how it proves that."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from florin_chassis.transaction import Begin, Transaction
from florin_identity.models.access_tokens import AccessTokens
from florin_identity.models.proof import Method, SessionProof, find_proof
from florin_identity.models.proofs import Password, Proofs, person_of
from florin_identity.models.reauthentication import require_password
from florin_identity.models.second_factors import Answer
from florin_identity.models.session import Session
from florin_identity.models.standing import standing_in
from florin_identity.models.user import User


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
    """Wrong answers count as at sign-in.

    Raises `WrongPassword`, `WrongSecondFactor`, `TooManyAttempts`, `ChallengeNotValid`.
    """
    async with begin() as transaction:
        session, user_id = transaction.session, person_of(transaction.actor)
        if isinstance(answer, Password):
            await require_password(transaction, answer.password, proofs.passwords)
            proof, methods = await _own(transaction), _PASSWORD
        else:
            proof = await _own(transaction)
            methods = await proofs.methods_of(transaction, answer, challenge)
        proof.renew(methods)
        standing = await standing_in(transaction, proof, await session.get_one(User, user_id))
        token = tokens.for_session(proof.session_id, user_id, standing)
    return Proved(proof.methods, proof.proved_at, token)


_PASSWORD: Iterable[Method] = (Method.PASSWORD,)


async def _own(transaction: Transaction) -> SessionProof:
    """The proof of the asking session, locked, while that goes on."""
    proof = await find_proof(transaction.session, transaction.actor)
    session = await transaction.session.get_one(Session, proof.session_id)
    session.require_going_on()
    return proof
