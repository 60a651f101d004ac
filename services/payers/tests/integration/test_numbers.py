"""Document numbers are gapless and unique: under concurrency, after rollbacks, per series."""

import asyncio
from uuid import UUID

from services.payers.tests.world import World, another_world

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.payers import InvoiceIssued
from florin_payers.models import DocumentType, take_number


class Failure(Exception):
    """A transaction comes to nothing after it took its number."""


async def take(payers: Harness, company_id: UUID, year: int) -> str:
    async with payers.begin() as transaction:
        session = transaction.session
        return await take_number(session, company_id, DocumentType.INVOICE, year)


async def take_and_fail(payers: Harness, company_id: UUID, year: int) -> str:
    async with payers.begin() as transaction:
        await take_number(transaction.session, company_id, DocumentType.INVOICE, year)
        raise Failure


async def test_numbers_are_gapless_though_every_third_transaction_fails(payers: Harness) -> None:
    company_id = new_id()
    takings = [take, take_and_fail, take] * 30
    outcomes = await asyncio.gather(
        *(taking(payers, company_id, 2026) for taking in takings), return_exceptions=True
    )
    numbers = [outcome for outcome in outcomes if isinstance(outcome, str)]
    assert sum(isinstance(outcome, Failure) for outcome in outcomes) == 30
    assert sorted(numbers) == [f"INV-2026-{n:06}" for n in range(1, 61)]


async def test_each_company_and_each_year_counts_from_one(payers: Harness) -> None:
    first, second = new_id(), new_id()
    assert await take(payers, first, 2026) == "INV-2026-000001"
    assert await take(payers, first, 2027) == "INV-2027-000001"
    assert await take(payers, second, 2026) == "INV-2026-000001"
    assert await take(payers, first, 2026) == "INV-2026-000002"


async def test_orders_invoiced_at_once_get_gapless_numbers_though_some_fail(
    world: World, payers: Harness
) -> None:
    other = await another_world(payers)
    foreign = (
        other.payer_id
    )  # of another client: the batch fails after its first order was invoiced
    good = [payers.deliver(world.order()) for _ in range(20)]
    bad = [payers.deliver(world.order(), world.order(payer_id=foreign)) for _ in range(10)]
    outcomes = await asyncio.gather(*good, *bad, return_exceptions=True)
    assert sum(isinstance(outcome, Exception) for outcome in outcomes) == 10
    numbers = sorted(e["data"]["number"][-6:] for e in await payers.stated(InvoiceIssued))
    assert numbers == [f"{n:06}" for n in range(1, 21)]
