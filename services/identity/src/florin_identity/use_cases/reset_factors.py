"""An administrator removes all second factors of a user who has lost them."""

from datetime import timedelta
from uuid import UUID

from florin_chassis.transaction import Begin
from florin_identity.models.factor_changes import SecondFactorDemanded, remove_factors
from florin_identity.models.oversight import overseen
from florin_identity.models.second_factors import find_factors
from florin_identity.models.standing import is_demanded


async def reset_factors(user_id: UUID, recent: timedelta, begin: Begin) -> None:
    """Who is demanded to have one adds it at the next sign-in; nobody so escapes it itself.

    Raises `NotFound`, `RecentProofNeeded`, `GrantsMoreThanHeld`, `SecondFactorDemanded`.
    """
    async with begin() as transaction:
        session = transaction.session
        user = await overseen(transaction, user_id, recent)
        if user.id == transaction.actor.user_id and await is_demanded(session, user):
            raise SecondFactorDemanded("a provider demands a second factor of you")
        factors = await find_factors(session, user.id)
        await remove_factors(transaction, user, {factor.id for factor in factors})
