"""Who may sign in from where: a user's list of networks is replaced."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from florin_chassis.transaction import Begin
from florin_identity.models.allowed_addresses import (
    PresentAddressMissing,
    is_allowed,
    keep_allowed_networks,
)
from florin_identity.models.closing import hold_administrators, require_another_administrator
from florin_identity.models.factor_changes import own_factors
from florin_identity.models.oversight import overseen
from florin_identity.models.security_log import SecurityAct, note


async def change_own_addresses(
    networks: Sequence[str], recent: timedelta, begin: Begin, *, without_present: bool
) -> None:
    """Raises `RecentProofNeeded`; `PresentAddressMissing` unless `without_present` is meant.

    Raises `LastAdministrator` even if it is: nobody could let that one in again.
    """
    async with begin() as transaction:
        if without_present:
            await hold_administrators(transaction.session)  # before the user
        user, _ = await own_factors(transaction, recent)
        address = transaction.origin.address
        if not is_allowed(address, networks):
            if not without_present:
                raise PresentAddressMissing(
                    f"you ask from {address}, which is in none of them: you would lock yourself out"
                )
            await require_another_administrator(transaction, user)
        await keep_allowed_networks(transaction.session, user.id, networks)
        note(transaction, SecurityAct.ALLOWED_ADDRESSES_CHANGED, user.id, networks=list(networks))


async def change_addresses_of(
    user_id: UUID, networks: Sequence[str], recent: timedelta, begin: Begin
) -> None:
    """By somebody else: raises `NotFound`, `RecentProofNeeded`, `GrantsMoreThanHeld`."""
    async with begin() as transaction:
        user = await overseen(transaction, user_id, recent)
        await keep_allowed_networks(transaction.session, user.id, networks)
        note(transaction, SecurityAct.ALLOWED_ADDRESSES_CHANGED, user.id, networks=list(networks))
