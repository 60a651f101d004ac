"""Lists what clients own, by whom it belongs to."""

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.http.pages import Paging, paginate
from florin_clients.models import Client, ClientUser, Order, Request, Service

A = TypeVar("A", Client, ClientUser, Order, Request, Service)


async def list_aggregates(
    session: AsyncSession, kind: type[A], paging: Paging, **tenants: UUID | None
) -> dict[str, Any]:
    """A page of what the actor reaches; `client=` and `provider=` narrow it further."""
    rows = select(kind)
    for dimension, tenant_id in tenants.items():
        if tenant_id is not None:
            rows = rows.where(kind.within(dimension, frozenset({tenant_id})))
    return await paginate(session, rows, kind.id, paging)
