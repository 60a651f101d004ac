"""Makes webhooks and events for them, and runs the process that delivers."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_network
from typing import Any
from uuid import UUID

from services.providers.tests.making import made
from sqlalchemy import select, text

from florin_chassis.ids import new_id
from florin_chassis.runtime import Runtime
from florin_chassis.testing.harness import Harness
from florin_contracts.clients import ClientRegistered
from florin_contracts.event import Event
from florin_providers.delivery.deliverer import Deliverer
from florin_providers.models import Delivery, DeliveryStatus

LOCAL = {
    "webhook_http_allowed": True,
    "webhook_ports": frozenset(),
    "webhook_networks_allowed": (ip_network("127.0.0.0/8"), ip_network("::1")),
    "webhook_poll_ms": 10,
}
"""Settings with which a receiver on this machine may be told."""

REGISTERED = ClientRegistered.type


async def webhook(providers: Harness, url: str, **changes: Any) -> dict[str, Any]:
    return await made(providers, "/webhooks", {"url": url, "description": "a test"} | changes)


def registered(client_id: UUID | None = None, *provider_ids: UUID | str) -> ClientRegistered:
    return ClientRegistered.model_validate(
        {
            "id": client_id or new_id(),
            "name": "Vega",
            "country": "RU",
            "state": "not_active",
            "provider_ids": provider_ids,
        }
    )


async def tell(providers: Harness, *subjects: UUID) -> None:
    """An event about each of these clients, the next in its sequence."""
    for subject in subjects:
        await providers.deliver(registered(subject))


async def stated(providers: Harness, event: Event, sequence: int = 1) -> None:
    await providers.deliver(event, sequence=sequence)


@asynccontextmanager
async def delivering(runtime: Runtime, count: int = 1, **settings: Any) -> AsyncIterator[None]:
    """So many delivering processes, stopped gracefully at the end."""
    changed = replace(runtime, settings=runtime.settings.model_copy(update=settings))
    stopping = asyncio.Event()
    tasks = [asyncio.create_task(Deliverer(changed).run(stopping)) for _ in range(count)]
    try:
        yield
    finally:
        stopping.set()
        await asyncio.wait_for(asyncio.gather(*tasks), 120)


async def deliveries(providers: Harness) -> Sequence[Delivery]:
    async with providers.runtime.database.engine.connect() as connection:
        rows = await connection.execute(select(Delivery).order_by(Delivery.id))
        return rows.all()  # type: ignore[return-value]


async def all_are(providers: Harness, status: DeliveryStatus, count: int) -> bool:
    found = await deliveries(providers)
    return [delivery.status for delivery in found] == [status] * count


async def run(providers: Harness, statement: str, **values: Any) -> int:
    """Change something behind the service's back, as time would; how many rows it was."""
    async with providers.runtime.database.engine.begin() as connection:
        return (await connection.execute(text(statement), values)).rowcount


async def time_passes(providers: Harness) -> bool:
    """Until the next try of everything that waits for one; whether anything did."""
    later = "UPDATE webhook_lanes SET due_at = now() WHERE claim IS NULL AND due_at > now()"
    return await run(providers, later) > 0
