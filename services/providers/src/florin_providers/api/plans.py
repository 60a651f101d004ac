"""`/plans`: each plan of the catalogue by itself, and what it costs when."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Response

from florin_chassis.errors import Malformed
from florin_chassis.http.bodies import Instant
from florin_chassis.http.endpoint import BeginTransaction, Reading, Router
from florin_chassis.http.etags import ExpectedVersion, tag
from florin_chassis.http.pages import Page, PagingQuery
from florin_contracts.permissions import Permission
from florin_contracts.providers.offers import BillingPeriod, PeriodLength, PeriodUnit, term_of
from florin_providers.api.catalogue_answers import (
    CostAnswer,
    PlanAnswer,
    PriceAnswer,
    ProductAnswer,
)
from florin_providers.api.catalogue_schemas import (
    NewPrice,
    PlanChanges,
)
from florin_providers.api.products import SoughtQuery
from florin_providers.models import Plan, Product
from florin_providers.queries.find_plans import (
    Cost,
    find_cost,
    find_plans,
    list_prices,
    need_plan,
)
from florin_providers.use_cases.change_plan import change_plan
from florin_providers.use_cases.change_price import change_price
from florin_providers.use_cases.withdraw_price import withdraw_price

router = Router(tags=["catalogue"])


async def _term(
    period: BillingPeriod | None = None,
    count: Annotated[int | None, Query(ge=1, le=1_000)] = None,
    unit: PeriodUnit | None = None,
) -> str | None:
    if (period is BillingPeriod.CUSTOM) != (count is not None and unit is not None):
        raise Malformed.field("period", "custom comes with count and unit, any other without")
    length = PeriodLength(count=count, unit=unit) if count and unit else None
    return None if period is None else term_of(period, length)


TermQuery = Annotated[str | None, Depends(_term)]


@router.get("/plans", permission=Permission.CATALOGUE_READ, response_model=Page[PlanAnswer])
async def get_plans(
    session: Reading,
    paging: PagingQuery,
    sought: SoughtQuery,
    product_id: UUID | None = None,
    sold_at: Instant | None = None,
) -> dict[str, Any]:
    return await find_plans(session, sought, product_id, sold_at, paging)


@router.get("/plans/{plan_id}", permission=Permission.CATALOGUE_READ, response_model=PlanAnswer)
async def get_plan(plan_id: UUID, session: Reading) -> Plan:
    return await need_plan(session, plan_id)


@router.patch(
    "/plans/{plan_id}", permission=Permission.CATALOGUE_WRITE, response_model=ProductAnswer
)
async def patch_plan(
    plan_id: UUID,
    body: PlanChanges,
    expected: ExpectedVersion,
    begin: BeginTransaction,
    response: Response,
) -> Product:
    return tag(response, await change_plan(plan_id, body.columns(), expected, begin))


@router.get(
    "/plans/{plan_id}/prices",
    permission=Permission.CATALOGUE_READ,
    response_model=Page[PriceAnswer],
)
async def get_prices(plan_id: UUID, session: Reading, paging: PagingQuery) -> dict[str, Any]:
    return await list_prices(session, plan_id, paging)


@router.post(
    "/plans/{plan_id}/prices", permission=Permission.CATALOGUE_WRITE, response_model=ProductAnswer
)
async def post_price(
    plan_id: UUID,
    body: NewPrice,
    expected: ExpectedVersion,
    begin: BeginTransaction,
    response: Response,
) -> Product:
    return tag(response, await change_price(plan_id, body.to_contract, expected, begin))


@router.delete("/plans/{plan_id}/prices/{price_id}", permission=Permission.CATALOGUE_WRITE)
async def delete_price(
    plan_id: UUID, price_id: UUID, expected: ExpectedVersion, begin: BeginTransaction
) -> None:
    await withdraw_price(plan_id, price_id, expected, begin)


@router.get(
    "/plans/{plan_id}/price", permission=Permission.CATALOGUE_READ, response_model=CostAnswer
)
async def get_price(
    plan_id: UUID,
    session: Reading,
    term: TermQuery,
    at: Instant | None = None,
    group_id: Annotated[tuple[UUID, ...], Query(max_length=20)] = (),
) -> Cost:
    return await find_cost(session, plan_id, at or datetime.now(UTC), term, group_id)
