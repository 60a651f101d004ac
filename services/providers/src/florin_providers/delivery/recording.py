"""Writes down how a try went, and lets its lane go to the next."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from florin_chassis.database import Database
from florin_chassis.ids import new_id
from florin_providers.delivery.backoff import delay_s
from florin_providers.delivery.claims import Claimed, Lane
from florin_providers.delivery.sending import Attempt
from florin_providers.models import (
    AttemptOutcome,
    Delivery,
    DeliveryAttempt,
    DeliveryStatus,
    WebhookHealth,
    WebhookLane,
)
from florin_providers.settings import Settings

_ENDED: Final = {True: DeliveryStatus.DELIVERED, False: DeliveryStatus.FAILED}


async def record(
    database: Database, settings: Settings, claimed: Claimed, attempt: Attempt
) -> datetime | None:
    """Since when the webhook fails, `None` if it does not.

    Nothing is written when the claim was lost: whoever has it now writes.
    """
    async with database.engine.begin() as connection:
        if not await _holds(connection, claimed.lane):
            return None
        wait_s = await _write(connection, settings, claimed, attempt)
        failing_since = await _note_health(connection, claimed.lane, attempt)
        await _let_go(connection, claimed.lane, wait_s)
        return failing_since


async def let_go(database: Database, lane: Lane) -> None:
    """End a lane in which nothing waits."""
    async with database.engine.begin() as connection:
        if await _holds(connection, lane):
            await _let_go(connection, lane, 0)


async def _holds(connection: AsyncConnection, lane: Lane) -> bool:
    """Lock the lane, if it is still ours, before anything is read: what comes now is seen."""
    mine = select(WebhookLane.webhook_id).where(_is(lane), WebhookLane.claim == lane.claim)
    return (await connection.execute(mine.with_for_update())).first() is not None


async def _write(
    connection: AsyncConnection, settings: Settings, claimed: Claimed, attempt: Attempt
) -> float:
    """Returns how many seconds the lane waits until its next try."""
    delivered = attempt.outcome is AttemptOutcome.DELIVERED
    wait_s = None
    if not delivered:
        wait_s = delay_s(claimed.tries + 1, settings.webhook_retry_s, attempt.asked_s)
    await connection.execute(insert(DeliveryAttempt).values(_row(claimed, attempt)))
    changes: dict[str, object] = {"tries": claimed.tries + 1}
    if wait_s is None:
        changes |= {"status": _ENDED[delivered], "completed_at": func.now()}
    mine = Delivery.id == claimed.delivery_id
    await connection.execute(update(Delivery).where(mine).values(changes))
    return wait_s or 0.0


def _row(claimed: Claimed, attempt: Attempt) -> dict[str, object]:
    return {
        "id": new_id(),
        "delivery_id": claimed.delivery_id,
        "at": attempt.at,
        "duration_ms": attempt.duration_ms,
        "outcome": attempt.outcome,
        "status_code": attempt.status_code,
        "response": attempt.response,
        "error": attempt.error,
    }


async def _note_health(
    connection: AsyncConnection, lane: Lane, attempt: Attempt
) -> datetime | None:
    mine = WebhookHealth.webhook_id == lane.webhook_id
    if attempt.outcome is AttemptOutcome.DELIVERED:
        await connection.execute(delete(WebhookHealth).where(mine))
        return None
    first = {"webhook_id": lane.webhook_id, "failing_since": attempt.at}
    await connection.execute(insert(WebhookHealth).values(first).on_conflict_do_nothing())
    return await connection.scalar(select(WebhookHealth.failing_since).where(mine))


async def _let_go(connection: AsyncConnection, lane: Lane, wait_s: float) -> None:
    """The lane ends with its last delivery; no other can come while we hold its lock."""
    waiting = select(Delivery.id).where(
        Delivery.webhook_id == lane.webhook_id,
        Delivery.topic == lane.topic,
        Delivery.subject == lane.subject,
        Delivery.status == DeliveryStatus.PENDING,
    )
    if (await connection.execute(waiting.limit(1))).first() is None:
        await connection.execute(delete(WebhookLane).where(_is(lane)))
        return
    due_at = datetime.now(UTC) + timedelta(seconds=wait_s)
    freed = {"claim": None, "due_at": due_at}
    await connection.execute(update(WebhookLane).where(_is(lane)).values(freed))


def _is(lane: Lane) -> ColumnElement[bool]:
    return and_(
        WebhookLane.webhook_id == lane.webhook_id,
        WebhookLane.topic == lane.topic,
        WebhookLane.subject == lane.subject,
    )
