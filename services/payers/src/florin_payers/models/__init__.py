"""Tables, rules and refusals of the payers service."""

from florin_payers.models.account import Account
from florin_payers.models.base import Base
from florin_payers.models.expense import Expense, NotRunning
from florin_payers.models.invoice import ForeignCurrency, Invoice, InvoicePaidAlready, Overpayment
from florin_payers.models.ledger import BalanceShard, Book, Holder, LedgerEntry, LedgerLine, post
from florin_payers.models.numbers import NumberSeries, take_number
from florin_payers.models.payer import Payer
from florin_payers.models.payment import Payment

__all__ = [
    "Account",
    "BalanceShard",
    "Base",
    "Book",
    "Expense",
    "ForeignCurrency",
    "Holder",
    "Invoice",
    "InvoicePaidAlready",
    "LedgerEntry",
    "LedgerLine",
    "NotRunning",
    "NumberSeries",
    "Overpayment",
    "Payer",
    "Payment",
    "post",
    "take_number",
]
