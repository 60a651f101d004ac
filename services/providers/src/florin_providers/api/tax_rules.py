"""`/tax-rules`, and which taxes a company charges whom."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Response

from florin_chassis.errors import Malformed
from florin_chassis.finding import find_one
from florin_chassis.http.endpoint import BeginTransaction, Reading, Router
from florin_chassis.http.etags import ExpectedVersion, tag
from florin_chassis.http.pages import Page, PagingQuery
from florin_contracts.money import CurrencyCode, Money
from florin_contracts.party import CountryInBody, PayerType
from florin_contracts.permissions import Permission
from florin_contracts.providers import Rounding, TaxQuestion
from florin_contracts.taxes import TaxedLine, work_out
from florin_providers.api.places import Region
from florin_providers.api.tax_schemas import (
    Category,
    Day,
    NewTaxRule,
    TaxesAnswer,
    TaxRuleAnswer,
    TaxRuleEnd,
    TaxTerms,
)
from florin_providers.models import TaxRule
from florin_providers.queries.explain_taxes import explain_taxes
from florin_providers.queries.list_tax_rules import list_tax_rules
from florin_providers.use_cases.change_tax_rule import change_tax_rule
from florin_providers.use_cases.create_tax_rule import create_tax_rule
from florin_providers.use_cases.end_tax_rule import end_tax_rule
from florin_providers.use_cases.withdraw_tax_rule import withdraw_tax_rule

router = Router(tags=["taxes"])
READ, WRITE = Permission.TAXES_READ, Permission.TAXES_WRITE
ONE = "/tax-rules/{tax_rule_id}"


@router.post("/tax-rules", permission=WRITE, response_model=TaxRuleAnswer)
async def post_tax_rule(body: NewTaxRule, begin: BeginTransaction, response: Response) -> TaxRule:
    return tag(response, await create_tax_rule(body.company_id, body.terms(), begin))


@router.get("/tax-rules", permission=READ, response_model=Page[TaxRuleAnswer])
async def get_tax_rules(
    session: Reading, paging: PagingQuery, company_id: UUID | None = None, on: Day | None = None
) -> dict[str, Any]:
    """Without those that were withdrawn: they are found by their ids only."""
    return await list_tax_rules(session, paging, company_id, on)


@router.get(ONE, permission=READ, response_model=TaxRuleAnswer)
async def get_tax_rule(tax_rule_id: UUID, session: Reading, response: Response) -> TaxRule:
    return tag(response, await find_one(session, TaxRule, tax_rule_id))


@router.put(ONE, permission=WRITE, response_model=TaxRuleAnswer)
async def put_tax_rule(
    tax_rule_id: UUID,
    body: TaxTerms,
    expected: ExpectedVersion,
    begin: BeginTransaction,
    response: Response,
) -> TaxRule:
    """Before its first day only."""
    return tag(response, await change_tax_rule(tax_rule_id, body.terms(), expected, begin))


@router.post(f"{ONE}/end", permission=WRITE, response_model=TaxRuleAnswer, status_code=200)
async def post_tax_rule_end(
    tax_rule_id: UUID,
    body: TaxRuleEnd,
    expected: ExpectedVersion,
    begin: BeginTransaction,
    response: Response,
) -> TaxRule:
    return tag(response, await end_tax_rule(tax_rule_id, body.valid_until, expected, begin))


@router.delete(ONE, permission=WRITE)
async def delete_tax_rule(
    tax_rule_id: UUID, expected: ExpectedVersion, begin: BeginTransaction
) -> None:
    """Before its first day only."""
    await withdraw_tax_rule(tax_rule_id, expected, begin)


async def _asked(
    country: CountryInBody,
    payer_type: PayerType,
    region: Region | None = None,
    tax_category: Category | None = None,
    at: Day | None = None,
) -> TaxQuestion:
    if region is not None and region[:2] != country:
        raise Malformed.field("region", f"is no part of the country {country}")
    return TaxQuestion(
        country=country,
        region=region,
        payer_type=payer_type,
        tax_category=tax_category,
        on=at or datetime.now(UTC).date(),
    )


async def _amount(
    amount: Annotated[str | None, Query(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,4})?$")] = None,
    currency: CurrencyCode | None = None,
) -> Money | None:
    if amount is None:
        return None
    if currency is None:
        raise Malformed.field("currency", "an amount is in a currency")
    try:
        return Money.of(amount, currency)
    except ValueError as error:
        raise Malformed.field("amount", str(error)) from error


@router.get("/companies/{company_id}/taxes", permission=READ, response_model=TaxesAnswer)
async def get_taxes(
    company_id: UUID,
    session: Reading,
    asked: Annotated[TaxQuestion, Depends(_asked)],
    amount: Annotated[Money | None, Depends(_amount)],
    rounding_point: Rounding | None = None,
) -> dict[str, Any]:
    """Which taxes apply on the day `at`, in the seller's time zone; today (UTC) if not named.

    Rounded where the company rounds, unless a `rounding_point` is named.
    """
    choice, usual = await explain_taxes(session, company_id, asked)
    lines = [TaxedLine(amount=amount, rules=choice.applying)] if amount else []
    worked_out = work_out(lines, rounding_point or usual) if lines else None
    return {**choice.__dict__, "worked_out": worked_out}
