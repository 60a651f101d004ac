"""Whose access has yet to be reckoned anew: too many to do it in the transaction of the fact."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_contracts.envelope import Envelope
from florin_identity.models.base import Base

# Ordered, so that two that mark the same users wait for each other and do not block each other.
_MARK: Final = text(
    "INSERT INTO due_reckonings (user_id, cause) SELECT id, CAST(:cause AS jsonb) FROM access"
    " WHERE id = ANY (CAST(:user_ids AS uuid[])) ORDER BY id"
    " ON CONFLICT (user_id) DO UPDATE SET cause = excluded.cause"
)
_TAKE: Final = text("DELETE FROM due_reckonings WHERE user_id = :user_id RETURNING user_id, cause")
# Whoever works through them waits for nobody: what another has locked is for the next turn.
_TAKE_SOME: Final = text(
    "WITH taken AS (SELECT user_id FROM due_reckonings JOIN access ON access.id = user_id"
    " LIMIT :count FOR UPDATE SKIP LOCKED)"
    " DELETE FROM due_reckonings due USING taken WHERE due.user_id = taken.user_id"
    " RETURNING due.user_id, due.cause"
)


class DueReckoning(Base):
    """A user of whom a fact has arrived that its access does not follow from yet.

    `cause` is the envelope of that fact; none after an upgrade. No token is issued before it is
    done. There is no foreign key: it would lock the access of everybody who is marked.
    """

    __tablename__ = "due_reckonings"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    cause: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class Due(NamedTuple):
    """Whose access is to be reckoned, and in whose name."""

    user_id: UUID
    cause: Envelope | None


async def mark_due(
    session: AsyncSession, user_ids: Sequence[UUID], cause: Envelope | None = None
) -> None:
    """Have these users' access reckoned soon, and before any token is issued to them."""
    if user_ids:
        stated = None if cause is None else cause.model_dump_json(exclude_none=True)
        await session.execute(_MARK, {"user_ids": list(user_ids), "cause": stated})


async def take_due(session: AsyncSession, user_id: UUID) -> Due | None:
    """Whether a user's access is to be reckoned; who asks does it, in the same transaction.

    It is asked before the access is locked, as by whoever works through all.
    """
    row = (await session.execute(_TAKE, {"user_id": user_id})).mappings().one_or_none()
    return None if row is None else _due(row)


async def take_some_due(session: AsyncSession, count: int) -> list[Due]:
    """At most so many that nobody else has in hand, their access locked."""
    rows = await session.execute(_TAKE_SOME, {"count": count})
    return [_due(row) for row in rows.mappings()]


def _due(row: RowMapping) -> Due:
    cause = row["cause"]
    return Due(row["user_id"], cause and Envelope.model_validate(cause))
