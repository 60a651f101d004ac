"""A webhook is told again: of one event, or of all that it would have been told since a time."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import NotFound, Refusal
from florin_chassis.transaction import Begin
from florin_providers.models import Delivery, Webhook, WebhookLane, WebhookMessage, need_webhook
from florin_providers.use_cases.announce_event import queue
from florin_providers.use_cases.send_test_event import TEST_TYPE

REPLAYED_MAX: Final = 10_000
_COLUMNS: Final = ("event_id", "type", "topic", "subject", "sequence")


class TooManyToReplay(Refusal):
    """More events than are told again at once: name an earlier end."""

    code = "too_many_to_replay"


async def replay_delivery(webhook_id: UUID, delivery_id: UUID, begin: Begin) -> Delivery:
    """Raises `NotFound` and `WebhookNotEnabled`."""
    async with begin() as transaction:
        session = transaction.session
        webhook = await need_webhook(session, webhook_id, locked=True)
        delivery = await session.get(Delivery, delivery_id)
        if delivery is None or delivery.webhook_id != webhook_id:
            raise NotFound(f"there is no delivery {delivery_id}")
        await _tell_again(session, webhook, WebhookMessage.event_id == delivery.event_id)
        await session.refresh(delivery)
    return delivery


async def replay_deliveries(
    webhook_id: UUID, since: datetime, until: datetime | None, begin: Begin
) -> int:
    """How many events of this time the webhook is told again, or for the first time.

    Those are told too that were stated while it was disabled, or before it chose their type.
    Raises `NotFound`, `WebhookNotEnabled` and `TooManyToReplay`.
    """
    async with begin() as transaction:
        webhook = await need_webhook(transaction.session, webhook_id, locked=True)
        stated = (WebhookMessage.stated_at >= since) & (WebhookMessage.type != TEST_TYPE)
        if until is not None:
            stated &= WebhookMessage.stated_at < until
        if webhook.event_types is not None:
            stated &= WebhookMessage.type.in_(webhook.event_types)
        if webhook.provider_id is not None:
            stated &= WebhookMessage.provider_ids.contains([webhook.provider_id])
        return await _tell_again(transaction.session, webhook, stated)


async def _tell_again(session: AsyncSession, webhook: Webhook, chosen: Any) -> int:
    webhook.require_enabled()
    columns = [getattr(WebhookMessage, name) for name in _COLUMNS]
    wanted = select(*columns).where(chosen).order_by(WebhookMessage.received_at)
    found = (await session.execute(wanted.limit(REPLAYED_MAX + 1))).all()
    if len(found) > REPLAYED_MAX:
        raise TooManyToReplay(f"these are more than {REPLAYED_MAX} events", limit=REPLAYED_MAX)
    await queue(session, [webhook.id], [dict(row._mapping) for row in found])
    subjects = {row.subject for row in found}
    await session.execute(
        update(WebhookLane)
        .where(WebhookLane.webhook_id == webhook.id, WebhookLane.claim.is_(None))
        .where(WebhookLane.subject.in_(subjects))
        .execution_options(synchronize_session=False)
        .values(due_at=func.now())
    )
    return len(found)
