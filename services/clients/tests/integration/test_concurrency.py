"""What happens at the same moment, on a real database."""

import asyncio

from services.clients.tests.world import World, a_product, a_provider, issued, paid

from florin_contracts.clients import ClientActivated, ClientJoinedProvider, ServiceActivated


async def test_two_payments_at_once_activate_their_client_once(world: World) -> None:
    orders = [await world.order() for _ in range(5)]
    payments = [paid(issued(order), order) for order in orders]
    await asyncio.gather(*(world.clients.deliver(payment) for payment in payments))
    assert len(await world.clients.stated(ServiceActivated)) == 5
    assert len(await world.clients.stated(ClientActivated)) == 1


async def test_one_payment_delivered_to_two_consumers_at_once_has_one_effect(world: World) -> None:
    order = await world.order()
    payment = paid(issued(order), order)
    await asyncio.gather(*(world.clients.deliver(payment) for _ in range(4)))
    assert len(await world.clients.stated(ServiceActivated)) == 1


async def test_two_orders_at_once_join_a_provider_once(world: World) -> None:
    second = a_provider("EUR")
    product = a_product(second)
    await world.clients.deliver(second, product)
    wish = {"product_id": product.id, "plan_id": product.plans[0].id}
    await asyncio.gather(*(world.order(**wish) for _ in range(5)))
    assert len(await world.clients.stated(ClientJoinedProvider)) == 1
