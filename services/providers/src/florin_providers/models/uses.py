"""What uses an aggregate that is to go: as long as anything does, it stays."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Self, TypeAlias
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import Refusal

NAMED_MAX: Final = 20
"""Of each kind so many are named; who has ended their use asks again, and is told the rest."""

Uses: TypeAlias = Mapping[str, Sequence[UUID]]
"""Ids of what uses it, by the path that they are found under; a kind that does not is left out."""


class InUse(Refusal):
    """Something uses it; `used_by` names what."""

    code = "in_use"

    @classmethod
    def by(cls, uses: Uses, detail: str) -> Self:
        """The refusal that names the uses."""
        named = {kind: [str(id_) for id_ in ids[:NAMED_MAX]] for kind, ids in uses.items()}
        kinds = ", ".join(named)
        return cls(f"{detail}: by {kinds}", used_by=named)


async def find_uses(session: AsyncSession, **kinds: Select[Any]) -> Uses:
    """Those of the kinds that there are; each is a query for ids."""
    found = {
        kind: list(await session.scalars(query.limit(NAMED_MAX))) for kind, query in kinds.items()
    }
    return {kind: ids for kind, ids in found.items() if ids}
