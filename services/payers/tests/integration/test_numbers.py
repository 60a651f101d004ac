"""Document numbers are gapless and unique: under concurrency, after rollbacks, per series."""

import asyncio
from datetime import date
from uuid import UUID

from services.payers.tests.world import World, another_world

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.numbering import DocumentType, NumberingPeriod, NumberingTemplate
from florin_contracts.payers import InvoiceIssued
from florin_contracts.providers import CompanyState, LegalStatus
from florin_payers.models import take_number


class Failure(Exception):
    """A transaction comes to nothing after it took its number."""


def company_of(company_id: UUID, *templates: NumberingTemplate) -> CompanyState:
    return CompanyState(
        id=company_id,
        name="N-1 LLC",
        country="RU",
        legal_status=LegalStatus.LEGAL_ENTITY,
        tax_number=None,
        provider_ids=(),
        document_prefix="N",
        numbering=templates,
    )


async def take(
    payers: Harness, company_id: UUID, year: int, month: int = 1, *templates: NumberingTemplate
) -> str:
    company, day = company_of(company_id, *templates), date(year, month, 31)
    async with payers.begin() as transaction:
        return await take_number(transaction.session, company, DocumentType.INVOICE, day)


async def take_and_fail(payers: Harness, company_id: UUID, year: int) -> str:
    company, day = company_of(company_id), date(year, 1, 31)
    async with payers.begin() as transaction:
        await take_number(transaction.session, company, DocumentType.INVOICE, day)
        raise Failure


async def test_numbers_are_taken_by_the_company_s_template_and_begin_again_with_its_period(
    payers: Harness,
) -> None:
    company_id = new_id()
    monthly = NumberingTemplate(
        document_type=DocumentType.INVOICE,
        period=NumberingPeriod.MONTH,
        template="{prefix}{year}{month}-{number:3}",
    )
    endless = NumberingTemplate(
        document_type=DocumentType.INVOICE,
        period=NumberingPeriod.NONE,
        template="{prefix}/{number}",
    )
    taken = [await take(payers, company_id, 2026, month, monthly) for month in (1, 1, 3)]
    assert taken == ["N202601-001", "N202601-002", "N202603-001"]
    taken = [await take(payers, company_id, year, 1, endless) for year in (2026, 2027)]
    assert taken == ["N/1", "N/2"]


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
