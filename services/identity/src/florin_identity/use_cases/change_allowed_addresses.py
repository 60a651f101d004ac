"""Who may sign in from where: a user's list of networks is replaced."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.transaction import Begin
from florin_identity.models.allowed_addresses import (
    AdministratorShutOut,
    PresentAddressMissing,
    is_allowed,
    keep_allowed_networks,
)
from florin_identity.models.factor_changes import own_factors
from florin_identity.models.oversight import overseen
from florin_identity.models.reading_grounds import read_grounds
from florin_identity.models.security_log import SecurityAct, note


async def change_own_addresses(
    networks: Sequence[str], recent: timedelta, begin: Begin, *, without_present: bool
) -> None:
    """Raises `RecentProofNeeded`; `PresentAddressMissing` unless `without_present` is meant.

    Raises `AdministratorShutOut` even if it is.
    """
    async with begin() as transaction:
        user, _ = await own_factors(transaction, recent)
        address = transaction.origin.address
        if not is_allowed(address, networks):
            if await _is_administrator(transaction.session, user.id):
                raise AdministratorShutOut(f"you are one, and ask from {address}: name it, too")
            if not without_present:
                raise PresentAddressMissing(
                    f"you ask from {address}, which is in none of them: you would lock yourself out"
                )
        await keep_allowed_networks(transaction.session, user.id, networks)
        note(transaction, SecurityAct.ALLOWED_ADDRESSES_CHANGED, user.id, networks=list(networks))


async def change_addresses_of(
    user_id: UUID, networks: Sequence[str], recent: timedelta, begin: Begin
) -> None:
    """By somebody else: raises `NotFound`, `RecentProofNeeded`, `GrantsMoreThanHeld`.

    An administrator is let in from anywhere so, and never shut out: `AdministratorShutOut`.
    """
    async with begin() as transaction:
        user = await overseen(transaction, user_id, recent)
        if networks and await _is_administrator(transaction.session, user.id):
            raise AdministratorShutOut("an administrator alone says from where it signs in")
        await keep_allowed_networks(transaction.session, user.id, networks)
        note(transaction, SecurityAct.ALLOWED_ADDRESSES_CHANGED, user.id, networks=list(networks))


async def _is_administrator(session: AsyncSession, user_id: UUID) -> bool:
    return (await read_grounds(session, [user_id]))[user_id].is_administrator
