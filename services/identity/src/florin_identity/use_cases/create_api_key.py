"""Somebody makes a key with which its programs ask, or one for a service account."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import func, or_, select

from florin_chassis.actor import Actor
from florin_chassis.errors import Forbidden, Malformed
from florin_chassis.transaction import Begin, Transaction
from florin_contracts.permissions import Permission
from florin_identity.models.api_key import ApiKey, TooManyKeys, make_api_key
from florin_identity.models.invitation import GrantsMoreThanHeld
from florin_identity.models.proof import require_own_recent_proof
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.service_account import ServiceAccount
from florin_identity.models.user import User

KEYS_MAX: Final = 50
"""Good ones that one owner may have."""


class Wanted(NamedTuple):
    """What a key is to be called, how far it goes, and until when."""

    name: str
    scopes: tuple[Permission, ...]
    expires_at: datetime | None


async def create_own_key(wanted: Wanted, recent: timedelta, begin: Begin) -> tuple[ApiKey, str]:
    """Whoever finds a screen unlocked makes no key: raises `RecentProofNeeded`.

    Raises `GrantsMoreThanHeld`, `TooManyKeys`; `Malformed` for an end that is past.
    """
    async with begin() as transaction:
        user_id = _person(transaction.actor)
        await transaction.get(User, user_id)  # locked: keys are counted
        await require_own_recent_proof(transaction, recent)
        _require_held(transaction.actor.permissions, wanted.scopes)
        return await _create(transaction, wanted, user_id=user_id)


async def create_key_of_account(
    account_id: UUID, wanted: Wanted, recent: timedelta, begin: Begin
) -> tuple[ApiKey, str]:
    """Raises `NotFound` and `AccountDisabled` besides; whoever holds the key is the account."""
    async with begin() as transaction:
        await require_own_recent_proof(transaction, recent)
        account = await transaction.get(ServiceAccount, account_id)
        account.require_enabled()
        account.require_within(transaction.actor)
        _require_held(account.permissions, wanted.scopes)
        return await _create(transaction, wanted, service_account_id=account.id)


def _person(actor: Actor) -> UUID:
    if actor.user_id is None:
        raise Forbidden("only a person has keys of its own")
    return actor.user_id


def _require_held(held: Iterable[str], scopes: Iterable[str]) -> None:
    if missing := sorted(set(scopes) - set(held)):
        raise GrantsMoreThanHeld("a key may do no more than its owner", missing=missing)


async def _create(
    transaction: Transaction,
    wanted: Wanted,
    user_id: UUID | None = None,
    service_account_id: UUID | None = None,
) -> tuple[ApiKey, str]:
    now = datetime.now(UTC)
    if wanted.expires_at is not None and wanted.expires_at <= now:
        raise Malformed.field("expires_at", "is past")
    row, key = make_api_key(
        user_id=user_id, service_account_id=service_account_id, **wanted._asdict()
    )
    good = select(func.count()).where(
        ApiKey.user_id == user_id if user_id else ApiKey.service_account_id == service_account_id,
        ApiKey.revoked_at.is_(None),
        or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now),
    )
    if (await transaction.session.scalar(good) or 0) >= KEYS_MAX:
        raise TooManyKeys(f"{KEYS_MAX} keys are good already", limit=KEYS_MAX)
    transaction.add(row)
    transaction.emit(row.create())
    note(transaction, SecurityAct.KEY_CREATED, row.owner_id, api_key_id=str(row.id))
    return row, key
