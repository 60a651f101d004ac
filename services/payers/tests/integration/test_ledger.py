"""The ledger adds up to zero, balances equal what its lines add up to, and nothing rewrites it."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from services.payers.tests.world import World, another_world
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.money import Money
from florin_payers.models import Book, Holder, post

SUMS = "SELECT currency, sum(amount_minor) AS minor FROM ledger_lines GROUP BY currency"
REBUILT = """
    SELECT a.id,
        coalesce((SELECT sum(minor) FROM balance_shards WHERE account_id = a.id), 0) AS kept,
        coalesce((
            SELECT sum(amount_minor) FROM ledger_lines l
            WHERE l.book = 'personal' AND l.holder_id = a.id AND l.currency = a.currency
        ), 0) AS rebuilt,
        coalesce((SELECT sum(amount_minor) FROM payments WHERE account_id = a.id), 0)
        - coalesce((SELECT sum(amount_minor) FROM expenses WHERE account_id = a.id), 0)
        AS documented
    FROM accounts a
"""
OVERPAID = """
    SELECT i.id FROM invoices i JOIN payments p ON p.invoice_id = i.id GROUP BY i.id
    HAVING sum(p.amount_minor) / 100.0 > (i.total ->> 'amount')::numeric
"""
MISSTATED = """
    SELECT i.id FROM invoices i LEFT JOIN payments p ON p.invoice_id = i.id GROUP BY i.id
    HAVING (i.status = 'paid')
        <> (coalesce(sum(p.amount_minor), 0) / 100.0 >= (i.total ->> 'amount')::numeric)
"""


async def rows(payers: Harness, query: str) -> list[Any]:
    async with payers.runtime.database.engine.connect() as connection:
        return list(await connection.execute(text(query)))


async def assert_ledger_holds(payers: Harness) -> None:
    assert {row.currency: row.minor for row in await rows(payers, SUMS) if row.minor != 0} == {}
    for account in await rows(payers, REBUILT):
        assert account.kept == account.rebuilt == account.documented
    assert await rows(payers, OVERPAID) == []
    assert await rows(payers, MISSTATED) == []


@dataclass(frozen=True)
class Order:
    """Someone of the two currencies' worlds orders."""

    world: int
    minor: int


@dataclass(frozen=True)
class Pay:
    """A part of some invoice's total, in percent: too much, often enough, is tried as well."""

    invoice: int
    percent: int


@dataclass(frozen=True)
class Charge:
    """A service begins to run."""

    world: int
    minor: int


WORLDS = st.integers(0, 1)
MINOR = st.integers(0, 100_000)
ACTS = st.lists(
    st.one_of(
        st.builds(Order, WORLDS, MINOR),
        st.builds(Pay, st.integers(0, 5), st.sampled_from([10, 50, 100, 101])),
        st.builds(Charge, WORLDS, MINOR),
    ),
    max_size=12,
)


async def act(worlds: list[World], invoices: list[tuple[World, Any]], done: Any) -> None:
    match done:
        case Order(index, minor):
            world = worlds[index]
            invoices.append(
                (world, await world.invoiced(Money(minor=minor, currency=world.currency)))
            )
        case Charge(index, minor):
            world = worlds[index]
            price = Money(minor=minor, currency=world.currency)
            await world.harness.deliver(world.activated(price))
        case Pay(index, percent) if index < len(invoices):
            world, invoice = invoices[index]
            part = Decimal(invoice["total"]["amount"]) * percent / 100
            answer = await world.pay(invoice["id"], f"{part:.2f}")
            assert answer.status_code in {201, 409, 422}, answer.text


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=ACTS)
async def test_after_any_payments_and_expenses_the_ledger_holds(
    payers: Harness, acts: list[Order | Pay | Charge]
) -> None:
    worlds = [await another_world(payers, currency) for currency in ("RUB", "EUR")]
    invoices: list[tuple[World, Any]] = []
    for one in acts:
        await act(worlds, invoices, one)
    await assert_ledger_holds(payers)


async def test_postings_of_one_account_at_once_all_count(world: World, payers: Harness) -> None:
    invoices = [await world.invoiced(world.price("10.00")) for _ in range(10)]
    paid = (world.pay(invoice["id"], "1.00") for invoice in invoices for _ in range(5))
    charged = (payers.deliver(world.activated(world.price("3.00"))) for _ in range(20))
    answers, _ = await asyncio.gather(asyncio.gather(*paid), asyncio.gather(*charged))
    assert {answer.status_code for answer in answers} == {201}
    assert await world.balance() == {"amount": "-10.00", "currency": "RUB"}
    await assert_ledger_holds(payers)


async def test_a_posting_waits_for_no_other_posting_of_its_account(payers: Harness) -> None:
    account, provider = Holder(Book.PERSONAL, new_id()), Holder(Book.RECEIPTS, new_id())
    amount = Money.of("1.00", "RUB")
    for _ in range(2):
        async with payers.begin() as first, payers.begin() as second, asyncio.timeout(5):
            await post(first.session, new_id(), amount, provider, account)
            await post(second.session, new_id(), amount, provider, account)
    shards = await rows(payers, "SELECT minor FROM balance_shards ORDER BY minor")
    assert [shard.minor for shard in shards] == [200, 200]


async def test_an_undone_posting_leaves_the_balance(world: World, payers: Harness) -> None:
    await payers.deliver(world.activated(world.price("1.00")))
    (account,) = await world.listed("/accounts")
    source, target = Holder(Book.RECEIPTS, world.provider_id), Holder(Book.PERSONAL, account["id"])
    document_id, amount = new_id(), world.price("5.00")

    async def post_twice() -> None:
        async with payers.begin() as transaction:
            await post(transaction.session, document_id, amount, source, target)
            await post(transaction.session, document_id, amount, source, target)

    with pytest.raises(IntegrityError, match="uq_ledger_entries_document_id"):
        await post_twice()
    assert await world.balance() == {"amount": "-1.00", "currency": "RUB"}
    await assert_ledger_holds(payers)


async def execute(payers: Harness, statement: str) -> None:
    async with payers.runtime.database.engine.begin() as connection:
        await connection.execute(text(statement))


@pytest.mark.parametrize(
    "lines",
    [[(-5, "RUB"), (4, "RUB")], [(-5, "RUB"), (5, "EUR")], [(5, "RUB")]],
    ids=["too little", "another currency", "one side only"],
)
async def test_lines_that_do_not_add_up_are_refused_by_the_database(
    payers: Harness, lines: list[tuple[int, str]]
) -> None:
    values = ", ".join(
        f"({position}, {minor}, '{currency}')" for position, (minor, currency) in enumerate(lines)
    )
    unbalanced = f"""
        WITH entry AS (
            INSERT INTO ledger_entries (id, document_id, posted_at)
            VALUES (gen_random_uuid(), gen_random_uuid(), now()) RETURNING id
        )
        INSERT INTO ledger_lines (entry_id, position, book, holder_id, amount_minor, currency)
        SELECT id, position, 'personal', gen_random_uuid(), minor, currency
        FROM entry, (VALUES {values}) AS line (position, minor, currency)
    """  # noqa: S608 - the values are this test's own
    with pytest.raises(IntegrityError, match="add up to zero in every currency"):
        await execute(payers, unbalanced)


@pytest.mark.parametrize("table", ["ledger_entries", "ledger_lines"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET {}_id = {}_id"])
async def test_the_ledger_is_append_only(payers: Harness, table: str, change: str) -> None:
    column = {"ledger_entries": "document", "ledger_lines": "holder"}[table]
    with pytest.raises(IntegrityError, match=f"{table} is append-only"):
        await execute(payers, change.format(table, column, column))
