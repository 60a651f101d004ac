"""A user proves, by a first code, that its authenticator app has the secret."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from florin_chassis.errors import Malformed, NotFound
from florin_chassis.transaction import Begin
from florin_identity.models.authenticator import Authenticator, use_code
from florin_identity.models.factor_changes import factor_added, own_factors, require_room
from florin_identity.models.proof import Method
from florin_identity.models.second_factors import Code, Factor, SecondFactors


async def confirm_authenticator(
    authenticator_id: UUID, code: str, factors: SecondFactors, recent: timedelta, begin: Begin
) -> Factor:
    """It counts from here on, in this session too.

    Raises `AuthenticatorNotPending`, `NotFound`, `RecentProofNeeded`; `Malformed` on a wrong code.
    """
    async with begin() as transaction:
        user, proof = await own_factors(transaction, recent)
        session = transaction.session
        wanted = select(Authenticator).where(
            Authenticator.id == authenticator_id, Authenticator.user_id == user.id
        )
        authenticator = await session.scalar(wanted.with_for_update())
        if authenticator is None:
            raise NotFound(f"there is no authenticator {authenticator_id}")
        authenticator.require_pending()
        await require_room(session, user.id)
        if not await use_code(session, authenticator, authenticator.steps_of(code, factors.key)):
            raise Malformed.field("code", "is not what the authenticator shows now", "wrong_code")
        authenticator.confirmed_at = datetime.now(UTC)
        factor_added(transaction, user, Code.kind, authenticator.name)
        proof.renew([Method.ONE_TIME_CODE])
    return Factor(authenticator.id, Code.kind, authenticator.name, authenticator.created_at, None)
