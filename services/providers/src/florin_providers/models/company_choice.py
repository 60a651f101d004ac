"""Why a payer gets the company it gets: each service condition in its order, with its verdict."""

from collections.abc import Iterable
from uuid import UUID

from florin_contracts.party import Country, PayerType
from florin_contracts.providers import ServiceCondition
from florin_contracts.values import Value


class RuleTried(Value):
    """One rule's verdict; `rule` counts from 1. `reason` says why it did not choose the company."""

    rule: int
    company_id: UUID
    matched: bool
    reason: str | None


class CompanyChoice(Value):
    """The company that serves a payer, or none, with the verdict of every rule.

    The rule that chose is the only one without a reason.
    """

    company_id: UUID | None
    rules: tuple[RuleTried, ...]


def choose_company(
    conditions: Iterable[ServiceCondition], country: Country, payer_type: PayerType
) -> CompanyChoice:
    """Try the rules for such a payer; the first that matches chooses."""
    rules: list[RuleTried] = []
    chosen: RuleTried | None = None
    for number, condition in enumerate(conditions, start=1):
        mismatch = condition.mismatch(country, payer_type)
        tried = RuleTried(
            rule=number,
            company_id=condition.company_id,
            matched=mismatch is None,
            reason=mismatch or (f"rule {chosen.rule} matched before it" if chosen else None),
        )
        rules.append(tried)
        chosen = chosen or (tried if tried.matched else None)
    return CompanyChoice(company_id=chosen.company_id if chosen else None, rules=tuple(rules))
