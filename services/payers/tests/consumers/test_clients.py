"""What follows in payers from what clients states."""

from datetime import datetime

import pytest
from services.payers.tests.world import ACTIVATED_AT, NOBODY, PAID_UNTIL, World, another_world
from sqlalchemy import select

from florin_chassis.errors import NotFound, NotYet
from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.event import Event
from florin_contracts.money import Money
from florin_contracts.party import PayerType
from florin_contracts.payers import (
    AccountOpened,
    ExpenseCharged,
    InvoiceIssued,
    InvoicePaid,
    PayerCreated,
)
from florin_contracts.providers import ServiceCondition, ServiceConditionsChanged
from florin_contracts.providers.offers import BillingPeriod
from florin_payers.consumers.clients import NoCompanyServesPayer
from florin_payers.models import NotRunning, NumberSeries
from florin_payers.models.numbers import day_in


async def counts(payers: Harness, *kinds: type[Event]) -> list[int]:
    return [len(await payers.stated(kind)) for kind in kinds]


async def test_a_registered_client_gets_an_account_in_the_provider_s_currency(
    world: World, payers: Harness
) -> None:
    (opened,) = await payers.stated(AccountOpened)
    assert opened["data"] == {
        "id": opened["envelope"]["subject"],
        "client_id": str(world.client_id),
        "provider_id": str(world.provider_id),
        "currency": "RUB",
    }
    assert await world.balance() == {"amount": "0.00", "currency": "RUB"}


async def test_a_client_that_registers_before_its_provider_is_known_waits(
    payers: Harness,
) -> None:
    early = World(payers)
    with pytest.raises(NotYet):
        await early.client_registers()
    assert await payers.stated() == []
    await early.provider_appears()
    await early.client_registers()
    assert await counts(payers, AccountOpened) == [1]


async def test_a_client_that_joins_a_provider_gets_a_second_account(
    world: World, payers: Harness
) -> None:
    other = World(payers, currency="EUR")
    await other.provider_appears()
    joined = world.joined(other.provider_id)
    await payers.deliver(joined, sequence=2)
    await payers.deliver(joined, sequence=3)
    accounts = await world.listed("/accounts", world.owner)
    assert [account["currency"] for account in accounts] == ["RUB", "EUR"]
    assert await counts(payers, AccountOpened) == [2]


async def test_an_order_is_invoiced_by_the_company_that_serves_the_payer(
    world: World, payers: Harness
) -> None:
    order = world.order()
    await payers.deliver(order)
    (issued,) = await payers.stated(InvoiceIssued)
    year = day_in(world.time_zone, datetime.fromisoformat(issued["data"]["issued_at"])).year
    assert issued["data"] == {
        "id": issued["envelope"]["subject"],
        "number": f"INV-{year}-000001",
        "client_id": str(world.client_id),
        "provider_id": str(world.provider_id),
        "company_id": str(world.company_id),
        "company_name": "N-1 LLC",
        "payer_id": str(world.payer_id),
        "payer_name": "Vega LLC",
        "order_id": str(order.id),
        "lines": [
            {
                "description": "Start, one month",
                "amount": {"amount": "490.00", "currency": "RUB"},
            }
        ],
        "total": {"amount": "490.00", "currency": "RUB"},
        "status": "issued",
        "issued_at": issued["data"]["issued_at"],
    }
    assert issued["envelope"]["actor"] == "user/test"


async def test_an_order_that_is_stated_again_is_not_invoiced_again(
    world: World, payers: Harness
) -> None:
    order = world.order()
    await payers.deliver(order)
    await payers.deliver(order, sequence=2)
    assert await counts(payers, InvoiceIssued) == [1]


async def test_an_order_over_nothing_is_paid_at_once(world: World, payers: Harness) -> None:
    invoice = await world.invoiced(world.price("0.00"))
    (paid,) = await payers.stated(InvoicePaid)
    assert paid["data"] == invoice | {"status": "paid"}


async def test_an_order_waits_for_the_provider_s_conditions(payers: Harness) -> None:
    world = World(payers)
    await payers.deliver(world.provider())
    await payers.deliver(world.company())
    await world.client_registers()
    await world.payer_is_created()
    order = world.order()
    with pytest.raises(NotYet):
        await payers.deliver(order)
    conditions = (ServiceCondition(company_id=world.company_id),)
    changed = ServiceConditionsChanged(**dict(world.provider(*conditions)))
    await payers.deliver(changed, sequence=2)
    await payers.deliver(order)
    assert await counts(payers, InvoiceIssued) == [1]


async def test_an_order_waits_for_the_company_and_the_account(payers: Harness) -> None:
    world = World(payers)
    await payers.deliver(world.provider(ServiceCondition(company_id=world.company_id)))
    await world.client_registers()
    await world.payer_is_created()
    with pytest.raises(NotYet):
        await payers.deliver(world.order())
    await payers.deliver(world.company())
    other = await another_world(payers)
    with pytest.raises(NotYet):  # the client has not joined that provider, as far as is known here
        await payers.deliver(world.order(provider_id=other.provider_id))
    await payers.deliver(world.order())
    assert await counts(payers, InvoiceIssued) == [1]


async def test_an_order_of_a_payer_whom_no_company_serves_is_refused_and_takes_no_number(
    payers: Harness,
) -> None:
    world = World(payers)
    individuals = ServiceCondition(company_id=world.company_id, payer_type=PayerType.INDIVIDUAL)
    await payers.deliver(world.provider(individuals))
    await payers.deliver(world.company())
    await world.client_registers()
    await world.payer_is_created()
    with pytest.raises(NoCompanyServesPayer):
        await payers.deliver(world.order())
    async with payers.runtime.database.engine.connect() as connection:
        assert (await connection.execute(select(NumberSeries.last))).all() == []


async def test_an_order_on_a_foreign_payer_is_refused(world: World, payers: Harness) -> None:
    other = await another_world(payers)
    for payer_id in (NOBODY, other.payer_id):
        with pytest.raises(NotFound):
            await payers.deliver(world.order(payer_id=payer_id))
    assert await counts(payers, PayerCreated, InvoiceIssued) == [2, 0]


async def test_a_service_that_begins_to_run_is_charged_for_its_period(
    world: World, payers: Harness
) -> None:
    invoice = await world.invoiced()
    await world.pay(invoice["id"], "490.00")
    service = world.activated()
    await payers.deliver(service)
    (charged,) = await payers.stated(ExpenseCharged)
    (account,) = await world.listed("/accounts")
    assert ExpenseCharged.model_validate(charged["data"]) == ExpenseCharged(
        id=charged["envelope"]["subject"],
        client_id=world.client_id,
        provider_id=world.provider_id,
        payer_id=world.payer_id,
        account_id=account["id"],
        service_id=service.id,
        description="Start, one month",
        amount=Money.of("490.00", "RUB"),
        period_start=ACTIVATED_AT,
        period_end=PAID_UNTIL,
    )
    assert await world.listed("/expenses") == [charged["data"]]
    assert account["balance"] == {"amount": "0.00", "currency": "RUB"}


async def test_a_period_is_charged_once(world: World, payers: Harness) -> None:
    service = world.activated()
    await payers.deliver(service)
    await payers.deliver(service, sequence=2)
    assert await counts(payers, ExpenseCharged) == [1]
    assert await world.balance() == {"amount": "-490.00", "currency": "RUB"}


async def test_a_one_off_service_is_charged_without_an_end(world: World, payers: Harness) -> None:
    await payers.deliver(world.activated(period=BillingPeriod.ONE_OFF, paid_until=None))
    (charged,) = await payers.stated(ExpenseCharged)
    assert (charged["data"]["description"], charged["data"]["period_end"]) == ("Start", None)


async def test_a_service_of_a_client_without_an_account_waits(
    world: World, payers: Harness
) -> None:
    with pytest.raises(NotYet):
        await payers.deliver(world.activated(client_id=new_id()))


async def test_a_service_that_does_not_run_is_not_charged(world: World, payers: Harness) -> None:
    with pytest.raises(NotRunning):
        await payers.deliver(world.activated(activated_at=None))
    assert await counts(payers, ExpenseCharged) == [0]
