"""Changes of a user's second factors: one after the other, noted, and stated where it matters."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import NotFound, Refusal
from florin_chassis.transaction import Transaction
from florin_identity.models.authenticator import Authenticator
from florin_identity.models.letter import LetterKind, write_letter
from florin_identity.models.passkey import Passkey
from florin_identity.models.proof import SessionProof, require_own_recent_proof
from florin_identity.models.recovery_code import forget_recovery_codes
from florin_identity.models.second_factors import find_factors
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.user import User

COUNT_MAX: Final = 10


class TooManySecondFactors(Refusal):
    """A user has ten second factors at most."""

    code = "too_many_second_factors"


class SecondFactorDemanded(Refusal):
    """A provider that the user works for demands a second factor: the last one stays."""

    code = "second_factor_demanded"


class NoSecondFactor(Refusal):
    """Recovery codes stand in for second factors, and the user has none."""

    code = "no_second_factor"


async def own_factors(transaction: Transaction, within: timedelta) -> tuple[User, SessionProof]:
    """The asking user, locked so that one change follows the other, and its recent proof.

    Raises `RecentProofNeeded`.
    """
    actor = transaction.actor
    if actor.user_id is None:
        raise NotFound(f"{actor.name} is no user")
    user = await transaction.get(User, actor.user_id)
    return user, await require_own_recent_proof(transaction, within)


async def require_room(session: AsyncSession, user_id: UUID) -> None:
    """Raise `TooManySecondFactors` when the user has ten."""
    if len(await find_factors(session, user_id)) >= COUNT_MAX:
        raise TooManySecondFactors(f"you have {COUNT_MAX} second factors already: remove one first")


def factor_added(transaction: Transaction, user: User, kind: str, name: str) -> None:
    """Note it, and have its owner told; the first one is stated."""
    note(transaction, SecurityAct.FACTOR_ADDED, user.id, kind=kind, name=name)
    _tell(transaction, user, "added", name)
    if not user.second_factor:
        transaction.emit(user.enable_second_factor())


async def remove_factors(transaction: Transaction, user: User, ids: Collection[UUID]) -> bool:
    """Remove these of the user's factors; recovery codes go with the last. Whether any is left."""
    session = transaction.session
    factors = await find_factors(session, user.id)
    for factor in factors:
        if factor.id in ids:
            details = {"kind": factor.kind, "name": factor.name}
            note(transaction, SecurityAct.FACTOR_REMOVED, user.id, **details)
            _tell(transaction, user, "removed", factor.name)
    for kind in (Authenticator, Passkey):
        await session.execute(delete(kind).where(kind.user_id == user.id, kind.id.in_(ids)))
    left = any(factor.id not in ids for factor in factors)
    if user.second_factor and not left:
        await forget_recovery_codes(session, user.id)
        transaction.emit(user.disable_second_factor())
    return left


def _tell(transaction: Transaction, user: User, change: str, name: str) -> None:
    kind = LetterKind.SECOND_FACTORS_CHANGED
    write_letter(transaction, kind, user.email, user.id, change=change, factor=name)
