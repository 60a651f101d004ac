"""Whether a company's numbers and bank accounts are what its country's pack asks for."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from florin_chassis.errors import Malformed
from florin_contracts.providers import BankAccount
from florin_countries.packs import Fault, pack_of


class Particulars(Protocol):
    """What of a company is checked."""

    country: Any
    legal_status: Any
    tax_number: Any
    registration: Any
    bank_accounts: Any
    tax_regime: Any


def require_valid(company: Particulars) -> None:
    """Raise `Malformed`, naming each field and which check failed."""
    if faults := list(_faults(company)):
        words = "; ".join(f"{fault.field}: {fault.reason}" for fault in faults[:5])
        raise Malformed(words, errors=[fault.model_dump() for fault in faults])


def _faults(company: Particulars) -> Iterator[Fault]:
    pack, status = pack_of(company.country), str(company.legal_status)
    numbers: Mapping[str, str] = company.registration
    if company.tax_number is not None:
        numbers = {**numbers, "tax_number": company.tax_number}
    for fault in pack.faults(status, numbers):
        inside = fault.field != "tax_number"
        yield _at("registration", fault) if inside else fault
    accounts: tuple[BankAccount, ...] = company.bank_accounts
    for place, account in enumerate(accounts):
        for fault in pack_of(account.country).bank_faults(status, account.details):
            yield _at(f"bank_accounts.{place}.details", fault)
    if company.tax_regime is not None and company.tax_regime not in pack.tax_regimes:
        known = ", ".join(pack.tax_regimes)
        yield Fault(field="tax_regime", code="unknown", reason=f"there are {known}")


def _at(place: str, fault: Fault) -> Fault:
    return fault.model_copy(update={"field": f"{place}.{fault.field}"})
