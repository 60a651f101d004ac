"""A user has recovery codes made, which end the earlier ones."""

from datetime import timedelta

from florin_chassis.transaction import Begin
from florin_identity.models.factor_changes import NoSecondFactor, own_factors
from florin_identity.models.recovery_code import make_recovery_codes
from florin_identity.models.security_log import SecurityAct, note


async def renew_recovery_codes(recent: timedelta, begin: Begin) -> list[str]:
    """Raises `NoSecondFactor`, `RecentProofNeeded`."""
    async with begin() as transaction:
        user, _ = await own_factors(transaction, recent)
        if not user.second_factor:
            raise NoSecondFactor("add a second factor first: the codes stand in for it")
        note(transaction, SecurityAct.RECOVERY_CODES_MADE, user.id)
        return await make_recovery_codes(transaction.session, user.id)
