"""`/webhooks/…/deliveries`: the log of what a webhook was told, and telling it again."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from florin_chassis.http.endpoint import BeginTransaction, Reading, Router
from florin_chassis.http.pages import Page, PagingQuery
from florin_contracts.permissions import Permission
from florin_providers.api.webhook_schemas import (
    DeliveryAnswer,
    DeliveryWithAttempts,
    Period,
    Replayed,
)
from florin_providers.models import Delivery, DeliveryStatus
from florin_providers.queries.find_deliveries import find_delivery, list_deliveries
from florin_providers.use_cases.replay_deliveries import replay_deliveries, replay_delivery
from florin_providers.use_cases.send_test_event import send_test_event

router = Router(tags=["webhooks"])
READ, WRITE = Permission.WEBHOOKS_READ, Permission.WEBHOOKS_WRITE


@router.get(
    "/webhooks/{webhook_id}/deliveries", permission=READ, response_model=Page[DeliveryAnswer]
)
async def get_deliveries(
    webhook_id: UUID,
    session: Reading,
    paging: PagingQuery,
    status: DeliveryStatus | None = None,
    event_type: Annotated[str | None, Query(max_length=200, pattern=r"^[a-z0-9.-]+$")] = None,
) -> dict[str, Any]:
    return await list_deliveries(session, webhook_id, status, event_type, paging)


@router.get(
    "/webhooks/{webhook_id}/deliveries/{delivery_id}",
    permission=READ,
    response_model=DeliveryWithAttempts,
)
async def get_delivery(webhook_id: UUID, delivery_id: UUID, session: Reading) -> dict[str, Any]:
    delivery, attempts = await find_delivery(session, webhook_id, delivery_id)
    found = DeliveryAnswer.model_validate(delivery)
    return {**found.model_dump(), "attempts": attempts}


@router.post(
    "/webhooks/{webhook_id}/deliveries/{delivery_id}/replays",
    permission=WRITE,
    response_model=DeliveryAnswer,
    status_code=202,
)
async def post_delivery_replay(
    webhook_id: UUID, delivery_id: UUID, begin: BeginTransaction
) -> Delivery:
    return await replay_delivery(webhook_id, delivery_id, begin)


@router.post(
    "/webhooks/{webhook_id}/replays", permission=WRITE, response_model=Replayed, status_code=202
)
async def post_replay(webhook_id: UUID, body: Period, begin: BeginTransaction) -> dict[str, int]:
    return {"replayed": await replay_deliveries(webhook_id, body.since, body.until, begin)}


@router.post(
    "/webhooks/{webhook_id}/tests", permission=WRITE, response_model=DeliveryAnswer, status_code=202
)
async def post_test(webhook_id: UUID, begin: BeginTransaction) -> Delivery:
    return await send_test_event(webhook_id, begin)
