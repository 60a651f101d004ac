"""A login is held before what it signs in with, as by whoever changes that.

Of a sign-in and such a change at the same moment one is first: the other sees what came of it.
"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_identity.models.challenge import user_challenged
from florin_identity.models.passkey import Passkey
from florin_identity.models.user import User


async def hold_challenged(session: AsyncSession, challenge: str) -> None:
    """Lock whose challenge it is, before the challenge; nobody, if it is none."""
    await _hold(session, user_challenged(challenge))


async def hold_owner_of(session: AsyncSession, credential_id: bytes) -> None:
    """Lock whose passkey it is, before the passkey; nobody, if it is none."""
    owner = select(Passkey.user_id).where(Passkey.credential_id == credential_id)
    await _hold(session, owner.scalar_subquery())


async def _hold(session: AsyncSession, user_id: Any) -> None:
    users = User.__table__
    wanted = select(users.c.id).where(users.c.id == user_id)
    await session.execute(wanted.with_for_update(read=True, key_share=True))
