"""The delivering process as it runs in production, killed at the worst moment."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.providers.tests.receiver import Answer, Received, Receiver, until
from services.providers.tests.telling import REGISTERED, all_are, run, tell, webhook

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_providers.models import DeliveryStatus

LEASES_END = "UPDATE webhook_lanes SET due_at = now() WHERE claim IS NOT NULL"


@asynccontextmanager
async def process(telling: Harness) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m florin_providers webhooks`, stopped at the end however it ends."""
    settings = telling.runtime.settings
    environment = os.environ | {
        "FLORIN_DATABASE_URL": settings.database_url.get_secret_value(),
        "FLORIN_KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "FLORIN_JWKS_URL": settings.jwks_url,
        "FLORIN_TOKEN_ISSUER": settings.token_issuer,
        "FLORIN_HTTP_PORT": "0",
        "FLORIN_WEBHOOK_HTTP_ALLOWED": "true",
        "FLORIN_WEBHOOK_PORTS": "[]",
        "FLORIN_WEBHOOK_NETWORKS_ALLOWED": '["127.0.0.0/8"]',
        "FLORIN_WEBHOOK_POLL_MS": "10",
    }
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "florin_providers", "webhooks", env=environment
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


async def test_what_was_sent_and_not_yet_recorded_is_sent_again_under_the_same_id(
    telling: Harness, receiver: Receiver
) -> None:
    await webhook(telling, receiver.url, event_types=[REGISTERED])
    subject = new_id()
    await tell(telling, subject, subject)
    killed = asyncio.Event()

    async def answer(_: Received) -> Answer:
        await killed.wait()
        return Answer()

    receiver.answer = answer
    async with process(telling) as first:
        await receiver.have(1)
        first.kill()
        await first.wait()
    killed.set()
    async with process(telling) as second:
        await until(lambda: all_leases_end(telling))
        await until(lambda: all_are(telling, DeliveryStatus.DELIVERED, 2))
        second.send_signal(signal.SIGTERM)
        assert await second.wait() == 0
    assert [request.event["sequence"] for request in receiver.received] == [1, 1, 2]
    assert receiver.received[0].id == receiver.received[1].id


async def all_leases_end(telling: Harness) -> bool:
    """As they do after half a minute."""
    return await run(telling, LEASES_END) == 1


async def test_a_stopped_process_finishes_what_is_under_way(
    telling: Harness, receiver: Receiver
) -> None:
    await webhook(telling, receiver.url, event_types=[REGISTERED])
    await tell(telling, new_id())
    released = asyncio.Event()

    async def answer(_: Received) -> Answer:
        await released.wait()
        return Answer()

    receiver.answer = answer
    async with process(telling) as running:
        await receiver.have(1)
        running.send_signal(signal.SIGTERM)
        released.set()
        assert await running.wait() == 0
    assert await all_are(telling, DeliveryStatus.DELIVERED, 1)
    assert len(receiver.received) == 1
