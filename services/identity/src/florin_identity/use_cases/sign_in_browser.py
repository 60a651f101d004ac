"""A user signs in with a browser, to go on to an application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import NamedTuple

from florin_chassis.transaction import Begin, Transaction
from florin_identity.models.access_tokens import AccessTokens
from florin_identity.models.browser_login import keep_browser_login
from florin_identity.models.factor_changes import SecondFactorDemanded
from florin_identity.models.proofs import Proofs
from florin_identity.models.second_factors import Answer, Asked, Assertion
from florin_identity.models.signing_in import SignedIn
from florin_identity.use_cases.finish_sign_in import finish_sign_in
from florin_identity.use_cases.sign_in_with_passkey import sign_in_with_passkey
from florin_identity.use_cases.start_session import start_session


class Tools(NamedTuple):
    """What signing in is done with."""

    proofs: Proofs
    tokens: AccessTokens
    life: timedelta


async def sign_in_browser(email: str, password: str, tools: Tools, begin: Begin) -> str | Asked:
    """The secret for the browser's cookie, or what is to be answered before there is one.

    Raises whatever signing in anywhere does, and `SecondFactorDemanded`.
    """
    async with begin() as transaction:
        within = joining(transaction)
        outcome = await start_session(email, password, tools.proofs, tools.tokens, within)
        if isinstance(outcome, Asked):
            return outcome
        return await _kept(transaction, outcome, tools)


async def finish_browser_sign_in(challenge: str, answer: Answer, tools: Tools, begin: Begin) -> str:
    """The secret for the browser's cookie; raises whatever finishing a sign-in anywhere does."""
    async with begin() as transaction:
        within = joining(transaction)
        factors = tools.proofs.factors
        signed_in = await finish_sign_in(challenge, answer, factors, tools.tokens, within)
        return await _kept(transaction, signed_in, tools)


async def sign_in_browser_with_passkey(
    challenge: str, answer: Assertion, tools: Tools, begin: Begin
) -> str:
    """The secret for the browser's cookie; raises whatever signing in with a passkey does."""
    async with begin() as transaction:
        within, factors = joining(transaction), tools.proofs.factors
        signed_in = await sign_in_with_passkey(challenge, answer, factors, tools.tokens, within)
        return await _kept(transaction, signed_in, tools)


async def _kept(transaction: Transaction, signed_in: SignedIn, tools: Tools) -> str:
    if signed_in.provisional:
        raise SecondFactorDemanded("a second factor is demanded of you: add one in the panel first")
    return await keep_browser_login(transaction.session, signed_in.session.id, tools.life)


def joining(transaction: Transaction) -> Begin:
    """A `Begin` for a use case that is a part of another one, and stands or falls with it."""

    @asynccontextmanager
    async def begin() -> AsyncIterator[Transaction]:
        yield transaction

    return begin
