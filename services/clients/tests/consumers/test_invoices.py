"""An order's invoice is issued, then paid: the service runs and the client is active."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from services.clients.tests.world import World, a_provider, issued, paid

from florin_chassis.errors import NotFound, NotYet
from florin_chassis.ids import new_id
from florin_clients.models.periods import end_of_period
from florin_contracts.clients import (
    ClientActivated,
    OrderFulfilled,
    OrderInvoiced,
    ServiceActivated,
)
from florin_contracts.providers.offers import BillingPeriod


async def stated_after(world: World, count: int) -> list[str]:
    """The types of what was stated beyond the first `count` events, in their order."""
    return [event["envelope"]["type"] for event in (await world.clients.stated())[count:]]


async def test_an_issued_invoice_is_noted_on_its_order(world: World) -> None:
    order = await world.order()
    invoice = issued(order)
    await world.clients.deliver(invoice)
    (event,) = await world.clients.stated(OrderInvoiced)
    noted = {"status": "invoiced", "invoice_id": str(invoice.id)}
    assert event["data"] == order | noted
    assert await world.read(f"/orders/{order['id']}") == order | noted


async def test_a_paid_invoice_activates_service_and_client_and_fulfils_the_order(
    world: World,
) -> None:
    order = await world.order()
    await world.clients.deliver(invoice := issued(order))
    before = len(await world.clients.stated())
    await world.clients.deliver(paid(invoice, order))
    facts = [ServiceActivated.type, OrderFulfilled.type, ClientActivated.type]
    assert await stated_after(world, before) == facts
    assert (await world.read(f"/orders/{order['id']}"))["status"] == "fulfilled"
    assert (await world.read(f"/services/{order['service_id']}"))["status"] == "active"
    assert (await world.read(f"/clients/{world.client_id}"))["state"] == "active"


async def test_a_service_is_paid_for_a_month_of_the_provider_s_calendar(world: World) -> None:
    order = await world.order()
    began = datetime.now(UTC)
    await world.clients.deliver(paid(issued(order), order))
    service = await world.read(f"/services/{order['service_id']}")
    activated_at = datetime.fromisoformat(service["activated_at"])
    assert began <= activated_at <= datetime.now(UTC)
    moscow = ZoneInfo(world.provider.time_zone)
    expected = end_of_period(activated_at, BillingPeriod.MONTH, moscow)
    assert datetime.fromisoformat(service["paid_until"]) == expected


async def test_a_provider_in_no_time_zone_is_a_fault_and_nothing_is_activated(
    world: World,
) -> None:
    order = await world.order()
    nowhere = world.provider.model_copy(update={"time_zone": "Nowhere/Land"})
    await world.clients.deliver(nowhere, sequence=2)
    before = await world.clients.stated()
    with pytest.raises(ZoneInfoNotFoundError):
        await world.clients.deliver(paid(issued(order), order))
    assert await world.clients.stated() == before


async def test_events_that_come_again_in_whatever_order_change_nothing(world: World) -> None:
    order = await world.order()
    invoice, payment = (i := issued(order)), paid(i, order)
    await world.clients.deliver(invoice, payment)
    before = await world.clients.stated()
    await world.clients.deliver(payment, invoice, payment)
    await world.clients.deliver(invoice)
    assert await world.clients.stated() == before
    assert (await world.read(f"/orders/{order['id']}"))["status"] == "fulfilled"


async def test_an_invoice_heard_of_after_its_payment_is_noted_with_the_payment(
    world: World,
) -> None:
    order = await world.order()
    before = len(await world.clients.stated())
    await world.clients.deliver(payment := paid(invoice := issued(order), order))
    await world.clients.deliver(invoice)
    facts = [OrderInvoiced.type, ServiceActivated.type, OrderFulfilled.type, ClientActivated.type]
    assert await stated_after(world, before) == facts
    assert (await world.read(f"/orders/{order['id']}"))["invoice_id"] == str(payment.id)


async def test_a_second_service_finds_its_client_active(world: World) -> None:
    for order in [await world.order(), await world.order()]:
        await world.clients.deliver(paid(issued(order), order))
    assert len(await world.clients.stated(ServiceActivated)) == 2
    assert len(await world.clients.stated(ClientActivated)) == 1


async def test_a_payment_waits_until_its_provider_is_known(world: World) -> None:
    order, unheard = await world.order(), a_provider()
    payment = paid(issued(order), order)
    elsewhere = payment.model_copy(update={"provider_id": unheard.id})
    before = await world.clients.stated()
    with pytest.raises(NotYet):
        await world.clients.deliver(elsewhere)
    assert await world.clients.stated() == before
    await world.clients.deliver(unheard)
    await world.clients.deliver(elsewhere)
    assert (await world.read(f"/orders/{order['id']}"))["status"] == "fulfilled"


async def test_an_invoice_of_no_order_of_ours_is_a_fault(world: World) -> None:
    order = await world.order()
    with pytest.raises(NotFound):
        await world.clients.deliver(issued(order | {"id": str(new_id())}))
