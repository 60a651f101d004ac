"""What follows in payers when a provider sells in another currency from now on."""

import pytest
from services.payers.tests.world import World

from florin_chassis.errors import NotYet
from florin_chassis.testing.harness import Harness
from florin_contracts.money import Money
from florin_contracts.payers import AccountOpened, InvoiceIssued
from florin_contracts.providers import ProviderCurrencyChanged, ServiceCondition

EUROS = Money.of("9.00", "EUR")


def changed(world: World) -> ProviderCurrencyChanged:
    before = dict(world.provider(ServiceCondition(company_id=world.company_id)))
    now = {"currency": "EUR", "previous_currencies": ("RUB",), "previous_currency": "RUB"}
    return ProviderCurrencyChanged(**before | now)


async def balances(world: World) -> dict[str, str]:
    accounts = await world.listed("/accounts", client_id=world.client_id)
    return {account["currency"]: account["balance"]["amount"] for account in accounts}


async def test_a_client_gets_an_account_in_the_new_currency_when_it_first_needs_one(
    world: World, payers: Harness
) -> None:
    await payers.deliver(changed(world))
    assert await balances(world) == {"RUB": "0.00"}
    invoice = await world.invoiced(EUROS)
    await world.invoiced(EUROS)
    assert await balances(world) == {"RUB": "0.00", "EUR": "0.00"}
    assert len(await payers.stated(AccountOpened)) == 2
    paid = await world.pay(invoice["id"], "9.00", "EUR")
    assert paid.status_code == 201, paid.text
    assert await balances(world) == {"RUB": "0.00", "EUR": "9.00"}


async def test_the_old_account_stays_and_what_was_ordered_in_it_is_charged_to_it(
    world: World, payers: Harness
) -> None:
    invoice = await world.invoiced()
    await payers.deliver(changed(world))
    await world.pay(invoice["id"], "490.00")
    await payers.deliver(world.activated(world.price("490.00")))
    assert await balances(world) == {"RUB": "0.00"}
    await payers.deliver(world.order(world.price("490.00")))  # placed before clients heard of it
    assert len(await payers.stated(InvoiceIssued)) == 2
    assert await balances(world) == {"RUB": "0.00"}


async def test_a_client_who_registers_afterwards_has_an_account_in_the_new_currency_only(
    payers: Harness,
) -> None:
    late = World(payers)
    await late.provider_appears()
    await payers.deliver(changed(late))
    await late.client_registers()
    assert await balances(late) == {"EUR": "0.00"}


async def test_an_order_waits_for_the_news_of_its_currency(world: World, payers: Harness) -> None:
    order = world.order(EUROS)
    with pytest.raises(NotYet):
        await payers.deliver(order)
    await payers.deliver(changed(world))
    await payers.deliver(order)
    assert len(await payers.stated(InvoiceIssued)) == 1
