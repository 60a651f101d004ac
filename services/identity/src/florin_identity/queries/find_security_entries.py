"""Searches the security log, the newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.actor import Actor
from florin_chassis.errors import NotFound
from florin_chassis.http.pages import Paging, cursor_after
from florin_identity.models.security_chain import SecuritySeal
from florin_identity.models.security_log import SecurityAct, SecurityEntry

_ID_MAX: Final = 2**63 - 1
Rows = Select[SecurityEntry, SecuritySeal]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to search for; `None` is anything."""

    act: SecurityAct | None = None
    subject: UUID | None = None
    actor: str | None = None
    address: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def within(self, rows: Rows) -> Rows:
        """These rows, as far as they are wanted."""
        for column in ("act", "subject", "actor", "address"):
            if (value := getattr(self, column)) is not None:
                rows = rows.where(getattr(SecurityEntry, column) == value)
        if self.since is not None:
            rows = rows.where(SecurityEntry.at >= self.since)
        if self.until is not None:
            rows = rows.where(SecurityEntry.at < self.until)
        return rows


async def list_security_entries(
    session: AsyncSession, wanted: Wanted, paging: Paging
) -> dict[str, Any]:
    """A page of the lines that the actor reaches."""
    return await _page(session, wanted.within(_ROWS), paging)


async def list_own_security_entries(
    session: AsyncSession, actor: Actor, paging: Paging
) -> dict[str, Any]:
    """A page of the lines about the actor; raises `NotFound` for a program, which has none."""
    if actor.user_id is None:
        raise NotFound(f"{actor.name} is no user")
    return await _page(session, _ROWS.where(SecurityEntry.is_of(actor.user_id)), paging)


async def _page(session: AsyncSession, rows: Rows, paging: Paging) -> dict[str, Any]:
    """By the entry's id, which the cursor holds as a UUID's number."""
    if paging.after is not None:
        rows = rows.where(SecurityEntry.id < min(paging.after.int, _ID_MAX))
    rows = rows.order_by(SecurityEntry.id.desc()).limit(paging.limit + 1)
    found = (await session.execute(rows)).all()
    has_more, page = len(found) > paging.limit, found[: paging.limit]
    return {
        "data": [_shown(entry, seal) for entry, seal in page],
        "has_more": has_more,
        "next_cursor": cursor_after(UUID(int=page[-1][0].id)) if has_more else None,
    }


def _shown(entry: SecurityEntry, seal: SecuritySeal | None) -> dict[str, Any]:
    columns = {column.key: getattr(entry, column.key) for column in SecurityEntry.__table__.columns}
    return {
        **columns,
        "position": seal.position if seal else None,
        "digest": seal.digest.hex() if seal else None,
    }


_ROWS: Final = select(SecurityEntry, SecuritySeal).outerjoin(
    SecuritySeal, SecuritySeal.entry_id == SecurityEntry.id
)
