"""A webhook is told of nothing in particular, so that its receiver can be tried out."""

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import select

from florin_chassis.ids import new_id
from florin_chassis.transaction import Begin
from florin_providers.models import Delivery, WebhookMessage, need_webhook
from florin_providers.use_cases.announce_event import queue

TEST_TYPE: Final = "florin.webhook.test"


async def send_test_event(webhook_id: UUID, begin: Begin) -> Delivery:
    """The delivery, which is signed, tried and logged like any other.

    Raises `NotFound` and `WebhookNotEnabled`.
    """
    async with begin() as transaction:
        webhook = await need_webhook(transaction.session, webhook_id, locked=True)
        webhook.require_enabled()
        message = _test_message(webhook_id, transaction.actor.name)
        transaction.session.add(WebhookMessage(**message))
        await transaction.session.flush()
        await queue(transaction.session, [webhook_id], [message])
        mine = Delivery.event_id == message["event_id"]
        return (await transaction.session.scalars(select(Delivery).where(mine))).one()


def _test_message(webhook_id: UUID, actor: str) -> dict[str, Any]:
    now, event_id = datetime.now(UTC), new_id()
    body = {
        "type": TEST_TYPE,
        "timestamp": now,
        "data": {"webhook_id": webhook_id},
        "id": event_id,
        "source": "florin/providers",
        "subject": webhook_id,
        "actor": actor,
    }
    return {
        "event_id": event_id,
        "type": TEST_TYPE,
        "topic": f"test-{event_id}",
        "subject": webhook_id,
        "sequence": 1,
        "provider_ids": (),
        "body": orjson.dumps(body).decode(),
        "stated_at": now,
    }
