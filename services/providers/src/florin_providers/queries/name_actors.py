"""Names who acted, of those whom the reader sees."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_providers.models import Employee


async def name_actors(session: AsyncSession, user_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """The names of these employees; a login that is none, or of others' staff, has none here."""
    if not user_ids:
        return {}
    named = select(Employee.id, Employee.name).where(Employee.id.in_(user_ids))
    return {row.id: row.name for row in await session.execute(named)}
