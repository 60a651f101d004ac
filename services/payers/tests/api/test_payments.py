"""`/payments`, `/accounts` and `/invoices` over HTTP."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from services.payers.tests.world import NOBODY, World, another_world

from florin_chassis.testing.harness import Harness
from florin_contracts.payers import InvoicePaid, PaymentReceived


async def test_a_payment_of_the_total_pays_the_invoice(world: World, payers: Harness) -> None:
    invoice = await world.invoiced()
    answer = await world.pay(invoice["id"], "490.00")
    assert answer.status_code == 201, answer.text
    (received,) = await payers.stated(PaymentReceived)
    assert received["data"] == answer.json()
    (paid,) = await payers.stated(InvoicePaid)
    assert paid["data"] == invoice | {"status": "paid"}
    assert paid["envelope"]["sequence"] == 2
    assert await world.balance() == {"amount": "490.00", "currency": "RUB"}


async def test_payments_in_parts_pay_the_invoice_with_the_last(
    world: World, payers: Harness
) -> None:
    invoice = await world.invoiced()
    await world.pay(invoice["id"], "200.00")
    assert (await world.listed("/invoices"))[0]["status"] == "issued"
    await world.pay(invoice["id"], "290.00")
    assert (await world.listed("/invoices"))[0]["status"] == "paid"
    assert len(await payers.stated(InvoicePaid)) == 1


@pytest.mark.parametrize(
    ("amount", "currency", "status", "code"),
    [
        ("290.01", "RUB", 409, "overpayment"),
        ("290.00", "EUR", 409, "foreign_currency"),
        ("0.00", "RUB", 422, "malformed"),
        ("-1.00", "RUB", 422, "malformed"),
        ("1.001", "RUB", 422, "malformed"),
        ("1.00", "XXX", 422, "malformed"),
    ],
)
async def test_a_payment_that_breaks_a_rule_leaves_nothing(
    world: World, payers: Harness, amount: str, currency: str, status: int, code: str
) -> None:
    invoice = await world.invoiced()
    await world.pay(invoice["id"], "200.00")
    before = await payers.stated()
    answer = await world.pay(invoice["id"], amount, currency)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await payers.stated() == before
    assert await world.balance() == {"amount": "200.00", "currency": "RUB"}


async def test_an_overpayment_is_told_what_is_open(world: World) -> None:
    invoice = await world.invoiced()
    await world.pay(invoice["id"], "200.00")
    answer = await world.pay(invoice["id"], "300.00")
    assert answer.json()["open"] == {"amount": "290.00", "currency": "RUB"}


async def test_a_wrong_amount_is_named(world: World) -> None:
    answer = await world.pay(str(NOBODY), "0.00")
    assert [error["field"] for error in answer.json()["errors"]] == ["amount"]


async def test_a_paid_invoice_takes_no_more(world: World) -> None:
    invoice = await world.invoiced()
    await world.pay(invoice["id"], "490.00")
    answer = await world.pay(invoice["id"], "0.01")
    assert (answer.status_code, answer.json()["code"]) == (409, "invoice_paid_already")


async def test_of_twenty_payments_at_once_exactly_one_is_taken(
    world: World, payers: Harness
) -> None:
    invoice = await world.invoiced()
    answers = await asyncio.gather(*(world.pay(invoice["id"], "490.00") for _ in range(20)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 19}
    refused = {answer.json()["code"] for answer in answers if answer.status_code == 409}
    assert refused == {"invoice_paid_already"}
    assert len(await payers.stated(PaymentReceived)) == 1
    assert len(await payers.stated(InvoicePaid)) == 1
    assert await world.balance() == {"amount": "490.00", "currency": "RUB"}


async def test_parts_that_come_at_once_never_exceed_the_total(
    world: World, payers: Harness
) -> None:
    invoice = await world.invoiced()
    answers = await asyncio.gather(*(world.pay(invoice["id"], "100.00") for _ in range(12)))
    assert Counter(answer.status_code for answer in answers) == {201: 4, 409: 8}
    assert await payers.stated(InvoicePaid) == []


async def test_one_key_sent_twenty_times_at_once_is_one_payment(
    world: World, payers: Harness
) -> None:
    invoice = await world.invoiced()
    key = {"Idempotency-Key": "bank-4711", "Authorization": world.employee["Authorization"]}
    sent = (world.pay(invoice["id"], "100.00", **key) for _ in range(20))
    answers = await asyncio.gather(*sent)
    assert {a.status_code for a in answers} <= {201, 409}
    assert {a.json()["code"] for a in answers if a.status_code == 409} <= {
        "idempotency_key_in_flight"
    }
    assert len(await payers.stated(PaymentReceived)) == 1


async def test_an_unknown_invoice_is_not_found(world: World) -> None:
    assert (await world.pay(str(NOBODY), "1.00")).status_code == 404


async def test_another_provider_s_employee_finds_nothing_and_pays_nothing(
    world: World, payers: Harness
) -> None:
    invoice = await world.invoiced()
    other = await another_world(payers)
    assert (await other.pay(invoice["id"], "490.00")).status_code == 404
    answer = await payers.http.get(f"/invoices/{invoice['id']}", headers=other.employee)
    assert answer.status_code == 404
    for path in ("/invoices", "/payments", "/expenses", "/accounts", "/payers"):
        named = await world.listed(path, other.employee, client_id=world.client_id)
        assert named == [], path


async def test_a_client_sees_its_own_money_and_records_none(world: World, payers: Harness) -> None:
    invoice = await world.invoiced()
    await world.pay(invoice["id"], "490.00")
    await payers.deliver(world.activated())
    other = await another_world(payers)
    for path in ("/invoices", "/payments", "/expenses", "/accounts", "/payers"):
        seen: list[dict[str, Any]] = await world.listed(path, world.owner)
        assert {row["client_id"] for row in seen} == {str(world.client_id)}, path
        assert await world.listed(path, world.owner, client_id=other.client_id) == [], path
    refused = await world.pay(invoice["id"], "1.00", **world.owner)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


async def test_lists_are_narrowed_to_a_provider(world: World, payers: Harness) -> None:
    invoice = await world.invoiced()
    await world.pay(invoice["id"], "490.00")
    await payers.deliver(world.activated())
    for path in ("/invoices", "/payments", "/expenses", "/accounts"):
        assert len(await world.listed(path, world.owner, provider_id=world.provider_id)) == 1, path
        assert await world.listed(path, world.owner, provider_id=NOBODY) == [], path


async def test_an_invoice_is_read_with_its_version(world: World, payers: Harness) -> None:
    invoice = await world.invoiced()
    answer = await payers.http.get(f"/invoices/{invoice['id']}", headers=world.owner)
    assert answer.json() == invoice
    assert answer.headers["ETag"] == '"1"'


async def test_invoices_are_listed_by_order(world: World) -> None:
    await world.invoiced(world.price("1.00"))
    second = await world.invoiced(world.price("2.00"))
    assert await world.listed("/invoices", order_id=second["order_id"]) == [second]
