"""Whoever presents an API key gets a short token: the owner's rights, as far as the scopes go."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select

from florin_chassis.transaction import Begin, Transaction
from florin_contracts.api_keys import is_api_key, prefix_of
from florin_contracts.identity import UserStatus
from florin_identity.models.allowed_addresses import allowed_networks, is_allowed
from florin_identity.models.api_key import ApiKey
from florin_identity.models.api_key_use import note_use
from florin_identity.models.oauth import InvalidGrant
from florin_identity.models.program import SERVICE_ACCOUNT, USER, Program, narrowed
from florin_identity.models.proven import see_all
from florin_identity.models.reckoning import current_access
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.service_account import ServiceAccount
from florin_identity.models.user import User


async def exchange_api_key(key: str, begin: Begin) -> Program:
    """Raises `InvalidGrant`, whatever it was that is wrong.

    A refusal is noted if there is such a key; one that nobody has ever had tells nothing, and
    whoever makes them up shall not fill the log.
    """
    if not is_api_key(key):
        raise InvalidGrant("this is no API key")
    async with begin() as transaction:
        see_all(transaction)
        session, now = transaction.session, datetime.now(UTC)
        found = await session.scalar(select(ApiKey).where(ApiKey.prefix == prefix_of(key)))
        if found is None:
            raise InvalidGrant("the API key is not good")
        fault = found.fault_of(key, now) or await _elsewhere(transaction, found.user_id)
        program = None if fault else await _program(transaction, found)
        if program is None:
            details = {"api_key_id": str(found.id), "reason": fault or "owner"}
            note(transaction, SecurityAct.KEY_REFUSED, found.owner_id, **details)
            raise InvalidGrant("the API key is not good")
        await note_use(session, found.id, now)
    return program


async def _elsewhere(transaction: Transaction, user_id: UUID | None) -> str | None:
    """That the key is used where its user may not sign in from; a stolen one mostly is."""
    if user_id is None:
        return None
    networks = await allowed_networks(transaction.session, user_id)
    return None if is_allowed(transaction.origin.address, networks) else "address"


async def _program(transaction: Transaction, key: ApiKey) -> Program | None:
    """The key at work; none while its owner may not sign in."""
    session = transaction.session
    scopes = frozenset[str](key.scopes)
    if key.user_id is None:
        account = await session.get_one(ServiceAccount, key.service_account_id)
        if account.disabled:
            return None
        access, owner = narrowed(account.access, scopes), (SERVICE_ACCOUNT, account.id)
        return Program(*owner, key.id, access, key.expires_at)
    user = await session.get_one(User, key.user_id)
    if user.status is not UserStatus.ACTIVE:
        return None
    access = narrowed(await current_access(transaction, user), scopes)
    return Program(USER, user.id, key.id, access, key.expires_at)
