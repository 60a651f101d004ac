"""A user removes one of its second factors."""

from datetime import timedelta
from uuid import UUID

from florin_chassis.errors import NotFound
from florin_chassis.transaction import Begin
from florin_identity.models.factor_changes import (
    SecondFactorDemanded,
    own_factors,
    remove_factors,
)
from florin_identity.models.second_factors import find_factors
from florin_identity.models.standing import is_demanded


async def remove_factor(factor_id: UUID, recent: timedelta, begin: Begin) -> None:
    """Raises `NotFound`, `RecentProofNeeded`, and `SecondFactorDemanded` on a last one."""
    async with begin() as transaction:
        user, _ = await own_factors(transaction, recent)
        present = {factor.id for factor in await find_factors(transaction.session, user.id)}
        if factor_id not in present:
            raise NotFound(f"there is no second factor {factor_id}")
        if present == {factor_id} and await is_demanded(transaction.session, user):
            raise SecondFactorDemanded("a provider demands a second factor: add another first")
        await remove_factors(transaction, user, {factor_id})
