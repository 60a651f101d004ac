"""Lists by keyset: `{data, has_more, next_cursor}`, as fast on the last page as on the first."""

import base64
import binascii
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from florin_chassis.errors import Malformed

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """One page of a list; `next_cursor` is null on the last."""

    data: list[T]
    has_more: bool
    next_cursor: str | None


class Paging(BaseModel):
    """Which page was asked for."""

    limit: int
    after: UUID | None


async def _paging(
    limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: Annotated[str | None, Query()] = None
) -> Paging:
    return Paging(limit=limit, after=_decode(cursor) if cursor else None)


PagingQuery = Annotated[Paging, Depends(_paging)]


def cursor_after(last: UUID) -> str:
    """The cursor of the page that follows this one."""
    return base64.urlsafe_b64encode(last.bytes).rstrip(b"=").decode()


def _decode(cursor: str) -> UUID:
    try:
        return UUID(bytes=base64.b64decode(cursor + "==", altchars=b"-_", validate=True))
    except (ValueError, binascii.Error) as error:
        raise Malformed.field("cursor", "is none that a list has returned") from error


async def paginate(
    session: AsyncSession,
    rows: Select[Any],
    key: InstrumentedAttribute[UUID],
    paging: Paging,
) -> dict[str, Any]:
    """The page of `rows` after the cursor, in the order in which they were made."""
    if paging.after is not None:
        rows = rows.where(key > paging.after)
    found = list(await session.scalars(rows.order_by(key).limit(paging.limit + 1)))
    has_more, data = len(found) > paging.limit, found[: paging.limit]
    last = getattr(data[-1], key.key) if has_more else None
    return {"data": data, "has_more": has_more, "next_cursor": cursor_after(last) if last else None}
