"""What the log of deliveries no longer keeps, and what it never loses."""

import pytest
from services.providers.tests.api.test_webhooks import ask
from services.providers.tests.receiver import Receiver, until
from services.providers.tests.telling import (
    all_are,
    deliveries,
    delivering,
    run,
    tell,
    webhook,
)
from sqlalchemy import func, select, text

from florin_chassis.ids import new_id
from florin_chassis.tables import outbox
from florin_chassis.testing.harness import Harness
from florin_providers.delivery.retention import forget_deliveries, tidy_deliveries
from florin_providers.models import (
    DeliveryAttempt,
    DeliveryStatus,
    Webhook,
    WebhookLane,
    WebhookMessage,
    WebhookSecret,
)

OLDER = "UPDATE webhook_messages SET received_at = now() - interval '15 days' WHERE subject = :id"


async def count(telling: Harness, kind: type[object]) -> int:
    async with telling.runtime.database.engine.connect() as connection:
        found = await connection.scalar(select(func.count()).select_from(kind))
        assert found is not None
        return found


async def test_what_is_older_than_the_retention_goes_with_its_deliveries_and_attempts(
    telling: Harness, receiver: Receiver
) -> None:
    await webhook(telling, receiver.url)
    old, young = new_id(), new_id()
    await tell(telling, old, young)
    async with delivering(telling.runtime):
        await until(lambda: all_are(telling, DeliveryStatus.DELIVERED, 2))
    await run(telling, OLDER, id=old)
    await tidy_deliveries(telling.runtime)
    assert [delivery.subject for delivery in await deliveries(telling)] == [young]
    assert await count(telling, DeliveryAttempt) == await count(telling, WebhookMessage) == 1


async def test_a_lane_whose_delivery_is_gone_ends_and_the_next_event_goes_out(
    telling: Harness, receiver: Receiver
) -> None:
    await webhook(telling, receiver.url)
    subject = new_id()
    await tell(telling, subject)
    await run(telling, OLDER, id=subject)
    await tidy_deliveries(telling.runtime)
    async with delivering(telling.runtime):

        async def ended() -> bool:
            return await count(telling, WebhookLane) == 0

        await until(ended)
        await tell(telling, subject)
        (request,) = await receiver.have(1)
    assert request.event["sequence"] == 2


async def test_a_deleted_webhook_goes_with_its_log_and_leaves_a_tombstone(
    telling: Harness, receiver: Receiver
) -> None:
    gone = await webhook(telling, receiver.url)
    stays = await webhook(telling, receiver.url)
    await tell(telling, new_id())
    await ask(telling, "DELETE", f"/webhooks/{gone['id']}", 204)
    await tidy_deliveries(telling.runtime)
    assert {str(delivery.webhook_id) for delivery in await deliveries(telling)} == {stays["id"]}
    assert await count(telling, WebhookLane) == await count(telling, Webhook) == 1
    async with telling.runtime.database.engine.connect() as connection:
        tombstones = select(outbox.c.subject).where(outbox.c.data.is_(None))
        assert [str(i) for i in await connection.scalars(tombstones)] == [gone["id"]]


async def test_a_secret_that_is_over_goes(telling: Harness) -> None:
    created = await webhook(telling, "http://127.0.0.1:1/")
    await ask(telling, "POST", f"/webhooks/{created['id']}/secrets", 201, {})
    await tidy_deliveries(telling.runtime)
    assert await count(telling, WebhookSecret) == 2
    await run(
        telling,
        "UPDATE webhook_secrets SET valid_until = now() - interval '1 s' WHERE"
        " valid_until IS NOT NULL",
    )
    await tidy_deliveries(telling.runtime)
    assert await count(telling, WebhookSecret) == 1


async def test_of_an_aggregate_that_is_forgotten_nothing_is_kept_nor_delivered(
    telling: Harness, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    await webhook(telling, receiver.url)
    forgotten, other = new_id(), new_id()
    await tell(telling, forgotten, forgotten, other)
    await forget_deliveries(telling.runtime, [str(forgotten)])
    assert capsys.readouterr().out == "2\n"
    async with delivering(telling.runtime):
        await until(lambda: all_are(telling, DeliveryStatus.DELIVERED, 1))
    assert [request.event["subject"] for request in receiver.received] == [str(other)]
    async with telling.runtime.database.engine.connect() as connection:
        kept = await connection.scalars(text("SELECT body FROM webhook_messages"))
        assert not [body for body in kept if str(forgotten) in body]


async def test_what_is_no_id_is_refused(telling: Harness) -> None:
    with pytest.raises(SystemExit):
        await forget_deliveries(telling.runtime, ["everything"])
