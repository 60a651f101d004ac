"""What happens at the same moment, on a real database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.clients.tests.world import World, a_product, a_provider, issued, paid
from sqlalchemy import Table, select, text

from florin_clients.models import Base
from florin_contracts.clients import ClientActivated, ClientJoinedProvider, ServiceActivated

_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@asynccontextmanager
async def all_at_once(world: World, table: Table, count: int) -> AsyncIterator[None]:
    """Let what is begun inside go on only when `count` connections wait for the table's row."""
    engine = world.clients.runtime.database.engine
    async with asyncio.timeout(20), engine.connect() as holder, engine.connect() as observer:
        await holder.execute(select(table.c.id).with_for_update())
        yield
        while await observer.scalar(_WAITING) < count:
            await observer.rollback()  # statistics are those of a transaction's first look
            await asyncio.sleep(0)
        await holder.rollback()


async def test_payments_at_the_same_moment_activate_their_client_once(world: World) -> None:
    orders = [await world.order() for _ in range(4)]
    payments = [paid(issued(order), order) for order in orders]
    async with asyncio.TaskGroup() as tasks, all_at_once(world, Base.metadata.tables["clients"], 4):
        for payment in payments:
            tasks.create_task(world.clients.deliver(payment))
    assert len(await world.clients.stated(ServiceActivated)) == 4
    assert len(await world.clients.stated(ClientActivated)) == 1


async def test_payments_of_one_order_at_the_same_moment_have_one_effect(world: World) -> None:
    order = await world.order()
    # Of different invoices: those of one wait for each other where its state is kept.
    payments = [paid(issued(order), order) for _ in range(4)]
    async with asyncio.TaskGroup() as tasks, all_at_once(world, Base.metadata.tables["orders"], 4):
        for payment in payments:
            tasks.create_task(world.clients.deliver(payment))
    assert len(await world.clients.stated(ServiceActivated)) == 1


async def test_orders_at_the_same_moment_join_a_provider_once(world: World) -> None:
    second = a_provider("EUR")
    product = a_product(second)
    await world.clients.deliver(second, product)
    wish = {"product_id": product.id, "plan_id": product.plans[0].id}
    async with asyncio.TaskGroup() as tasks, all_at_once(world, Base.metadata.tables["clients"], 4):
        for _ in range(4):
            tasks.create_task(world.order(**wish))
    assert len(await world.clients.stated(ClientJoinedProvider)) == 1
