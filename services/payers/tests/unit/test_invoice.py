"""An invoice as a state machine: issued until what was received reaches its total, then paid."""

from datetime import UTC, datetime

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from florin_chassis.ids import new_id
from florin_contracts.money import Money
from florin_contracts.payers import InvoiceIssued, InvoiceLine, InvoicePaid, InvoiceStatus
from florin_payers.models import ForeignCurrency, Invoice, InvoicePaidAlready, Overpayment


def invoice_over(total: Money) -> Invoice:
    ids = ("client_id", "provider_id", "company_id", "payer_id", "account_id", "order_id")
    return Invoice(
        number="INV-2026-000001",
        company_name="N-1 LLC",
        payer_name="Vega LLC",
        lines=(InvoiceLine(description="Start, one month", amount=total),),
        total=total,
        status=InvoiceStatus.ISSUED,
        issued_at=datetime(2026, 3, 3, tzinfo=UTC),
        **{name: new_id() for name in ids},
    )


class InvoiceLife(RuleBasedStateMachine):
    """Pays an invoice in any parts, right and wrong ones."""

    invoice: Invoice
    received: int

    @initialize(total=st.integers(1, 1_000))
    def issue(self, total: int) -> None:
        self.invoice, self.received = invoice_over(Money(minor=total, currency="RUB")), 0
        assert isinstance(self.invoice.issue().event, InvoiceIssued)

    @property
    def left(self) -> int:
        return self.invoice.total.minor - self.received

    def pay(self, minor: int) -> None:
        settles = self.invoice.accept(Money(minor=minor, currency="RUB"), self.received)
        self.received += minor
        assert settles == (self.left == 0)
        if settles:
            fact = self.invoice.settle()
            assert isinstance(fact.event, InvoicePaid)
            assert (fact.sequence, fact.event.status) == (2, InvoiceStatus.PAID)

    @precondition(lambda self: self.left > 0)
    @rule(data=st.data())
    def pay_a_part(self, data: st.DataObject) -> None:
        self.pay(data.draw(st.integers(1, self.left)))

    @precondition(lambda self: self.left > 0)
    @rule()
    def pay_the_rest(self) -> None:
        self.pay(self.left)

    @precondition(lambda self: self.left > 0)
    @rule(excess=st.integers(1, 1_000))
    def overpay(self, excess: int) -> None:
        with pytest.raises(Overpayment):
            self.pay(self.left + excess)

    @precondition(lambda self: self.left > 0)
    @rule()
    def pay_in_another_currency(self) -> None:
        with pytest.raises(ForeignCurrency):
            self.invoice.accept(Money(minor=1, currency="EUR"), self.received)

    @precondition(lambda self: self.left == 0)
    @rule(minor=st.integers(1, 1_000))
    def pay_once_more(self, minor: int) -> None:
        with pytest.raises(InvoicePaidAlready):
            self.pay(minor)
        with pytest.raises(InvoicePaidAlready):
            self.invoice.settle()

    @invariant()
    def is_paid_if_and_only_if_all_was_received(self) -> None:
        assert 0 <= self.received <= self.invoice.total.minor
        assert (self.invoice.status is InvoiceStatus.PAID) == (self.left == 0)
        assert self.invoice.version == (2 if self.left == 0 else 1)


TestInvoiceLife = InvoiceLife.TestCase
