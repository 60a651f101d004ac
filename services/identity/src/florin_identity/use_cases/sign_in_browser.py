"""A user signs in with a browser, to go on to an application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import NamedTuple

from florin_chassis.transaction import Begin, Transaction
from florin_identity.models.access_tokens import AccessTokens
from florin_identity.models.browser_login import keep_browser_login
from florin_identity.models.password_check import PasswordCheck
from florin_identity.use_cases.start_session import start_session


class Tools(NamedTuple):
    """What signing in is done with."""

    passwords: PasswordCheck
    tokens: AccessTokens
    life: timedelta


async def sign_in_browser(email: str, password: str, tools: Tools, begin: Begin) -> str:
    """The secret for the browser's cookie; raises whatever signing in anywhere does."""
    async with begin() as transaction:
        signed_in = await start_session(
            email, password, tools.passwords, tools.tokens, joining(transaction)
        )
        return await keep_browser_login(transaction.session, signed_in.session.id, tools.life)


def joining(transaction: Transaction) -> Begin:
    """A `Begin` for a use case that is a part of another one, and stands or falls with it."""

    @asynccontextmanager
    async def begin() -> AsyncIterator[Transaction]:
        yield transaction

    return begin
