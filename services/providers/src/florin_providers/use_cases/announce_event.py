"""An event was stated: the webhooks that are to be told of it are."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, Uuid, any_, bindparam, cast, literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.ids import new_id
from florin_contracts.envelope import Envelope
from florin_contracts.event import Event
from florin_contracts.providers import WebhookStatus
from florin_providers.models import Delivery, DeliveryStatus, Webhook, WebhookLane, WebhookMessage


async def announce_event(event: Event, cause: Envelope, session: AsyncSession) -> None:
    """Keep the event for the webhooks that choose it, and one delivery for each that is enabled."""
    provider_ids = providers_of(event)
    told = await _choosing(session, cause.type, provider_ids)
    if not told:
        return
    message = _message(event, cause, provider_ids)
    await session.execute(insert(WebhookMessage).values(message).on_conflict_do_nothing())
    await queue(session, [w for w, status in told if status is WebhookStatus.ENABLED], [message])


async def queue(
    session: AsyncSession, webhook_ids: Iterable[UUID], messages: Iterable[dict[str, Any]]
) -> None:
    """Deliveries of messages in the given order; the lanes are locked until the transaction ends.

    What was delivered or failed before is delivered again.
    """
    rows = [_delivery(w, message) for message in messages for w in webhook_ids]
    if not rows:
        return
    again = {"status": DeliveryStatus.PENDING, "tries": 0, "completed_at": None}
    await session.execute(
        insert(Delivery).on_conflict_do_update(
            index_elements=["webhook_id", "event_id"], set_=again
        ),
        rows,
    )
    lanes = {(row["webhook_id"], row["topic"], row["subject"]) for row in rows}
    keys = ("webhook_id", "topic", "subject")
    # An update that changes nothing, for its lock: whoever is about to end the lane sees our rows.
    lane = insert(WebhookLane)
    await session.execute(
        lane.on_conflict_do_update(index_elements=keys, set_={"due_at": WebhookLane.due_at}),
        [dict(zip(keys, values, strict=True)) for values in sorted(lanes)],
    )


def providers_of(event: Event) -> tuple[UUID, ...]:
    """The providers whom an event concerns: those that it names, or the one that it is about."""
    if event.topic == "providers-provider":
        return (event.id,)  # type: ignore[attr-defined]
    one: UUID | None = getattr(event, "provider_id", None)
    several: tuple[UUID, ...] = getattr(event, "provider_ids", ())
    return tuple(dict.fromkeys((*((one,) if one else ()), *several)))


async def _choosing(
    session: AsyncSession, event_type: str, provider_ids: tuple[UUID, ...]
) -> list[tuple[UUID, WebhookStatus]]:
    """The webhooks that choose such an event; none of them is deleted before we are done."""
    concerned = cast(bindparam("providers", list(provider_ids)), ARRAY(Uuid))
    rows = await session.execute(
        select(Webhook.id, Webhook.status)
        .where(Webhook.status != WebhookStatus.DELETED)
        .where(or_(Webhook.event_types.is_(None), literal(event_type) == any_(Webhook.event_types)))
        .where(or_(Webhook.provider_id.is_(None), Webhook.provider_id == any_(concerned)))
        .with_for_update(read=True, key_share=True)
    )
    return [(row.id, row.status) for row in rows]


def _message(event: Event, cause: Envelope, provider_ids: tuple[UUID, ...]) -> dict[str, Any]:
    return {
        "event_id": cause.id,
        "type": cause.type,
        "topic": event.topic,
        "subject": cause.subject,
        "sequence": cause.sequence,
        "provider_ids": provider_ids,
        "body": body_of(event, cause),
        "stated_at": cause.time,
    }


def body_of(event: Event, cause: Envelope) -> str:
    """What is sent: Standard Webhooks' `type`, `timestamp` and `data`, and CloudEvents' rest."""
    about = cause.model_dump(mode="json", exclude_none=True, exclude=_NOT_SENT)
    body = {
        "type": cause.type,
        "timestamp": about.pop("time"),
        "data": event.model_dump(mode="json"),
        **about,
    }
    return orjson.dumps(body).decode()


_NOT_SENT = {"type", "traceparent", "causationid"}


def _delivery(webhook_id: UUID, message: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": new_id(),
        "webhook_id": webhook_id,
        "event_id": message["event_id"],
        "event_type": message["type"],
        "topic": message["topic"],
        "subject": message["subject"],
        "sequence": message["sequence"],
        "status": DeliveryStatus.PENDING,
        "tries": 0,
    }
