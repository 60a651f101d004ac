"""Reads the log of a webhook's deliveries."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import NotFound
from florin_chassis.http.pages import Paging, paginate
from florin_providers.models import Delivery, DeliveryAttempt, DeliveryStatus, need_webhook


async def list_deliveries(
    session: AsyncSession,
    webhook_id: UUID,
    status: DeliveryStatus | None,
    event_type: str | None,
    paging: Paging,
) -> dict[str, Any]:
    """A page of a webhook's deliveries, oldest first; raises `NotFound` for the webhook."""
    await need_webhook(session, webhook_id)
    wanted = select(Delivery).where(Delivery.webhook_id == webhook_id)
    if status is not None:
        wanted = wanted.where(Delivery.status == status)
    if event_type is not None:
        wanted = wanted.where(Delivery.event_type == event_type)
    return await paginate(session, wanted, Delivery.id, paging)


async def find_delivery(
    session: AsyncSession, webhook_id: UUID, delivery_id: UUID
) -> tuple[Delivery, list[DeliveryAttempt]]:
    """A delivery with its attempts, oldest first; raises `NotFound`."""
    await need_webhook(session, webhook_id)
    delivery = await session.get(Delivery, delivery_id)
    if delivery is None or delivery.webhook_id != webhook_id:
        raise NotFound(f"there is no delivery {delivery_id}")
    mine = DeliveryAttempt.delivery_id == delivery_id
    attempts = await session.scalars(
        select(DeliveryAttempt).where(mine).order_by(DeliveryAttempt.id)
    )
    return delivery, list(attempts)
