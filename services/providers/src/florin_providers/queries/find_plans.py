"""Finds plans among very many, and what one costs at a moment."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import NotFound
from florin_chassis.http.pages import Paging, paginate
from florin_contracts.money import Money
from florin_contracts.providers.offers import OfferStatus, PriceState, Trial
from florin_providers.models import Plan, Price, Provider
from florin_providers.queries.find_products import Sought


class NoPrice(NotFound):
    """The plan has no price then, for such a period, in such a currency."""

    code = "no_price"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a plan costs at a moment; without a price in the provider's currency it is not sold."""

    plan_id: UUID
    at: datetime
    price: PriceState
    cost: Money
    trial: Trial | None
    on_offer: bool


async def find_plans(
    session: AsyncSession,
    sought: Sought,
    product_id: UUID | None,
    sold_at: datetime | None,
    paging: Paging,
) -> dict[str, Any]:
    """A page of the plans that the actor may see; those that may be ordered at a moment, if asked.

    Whether somebody in particular may order them is for the plan's `availability` to say.
    """
    rows = sought.among(select(Plan), Plan)
    if product_id is not None:
        rows = rows.where(Plan.product_id == product_id)
    if sold_at is not None:
        currency = select(Provider.currency).where(Provider.id == Plan.provider_id)
        priced = select(Price.id).where(
            Price.plan_id == Plan.id,
            Price.currency == currency.scalar_subquery(),
            Price.valid.contains(sold_at),
        )
        rows = rows.where(Plan.status == OfferStatus.ON_OFFER, priced.exists())
    return await paginate(session, rows, Plan.id, paging)


async def need_plan(session: AsyncSession, plan_id: UUID) -> Plan:
    """One plan, if the actor may see it; raises `NotFound`."""
    found = await session.scalar(select(Plan).where(Plan.id == plan_id))
    if found is None:
        raise NotFound(f"there is no plan {plan_id}")
    return found


async def list_prices(session: AsyncSession, plan_id: UUID, paging: Paging) -> dict[str, Any]:
    """A page of all prices that a plan has had, has and will have. Raises `NotFound`."""
    await need_plan(session, plan_id)
    return await paginate(session, select(Price).where(Price.plan_id == plan_id), Price.id, paging)


async def find_cost(
    session: AsyncSession,
    plan_id: UUID,
    at: datetime,
    term: str | None,
    group_ids: Collection[UUID],
) -> Cost:
    """What the plan costs then, for a term or its first, for a client of these groups.

    In the provider's currency. Raises `NotFound` and `NoPrice`.
    """
    row = (
        await session.execute(
            select(Plan, Provider.currency)
            .join(Provider, Provider.id == Plan.provider_id)
            .where(Plan.id == plan_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound(f"there is no plan {plan_id}")
    plan, currency = row
    found = plan.plan.price_at(at, currency, term)
    if found is None:  # what a plan states leaves out what has ended
        found = await _kept_price(session, plan_id, currency, at, term)
    if found is None:
        raise NoPrice(f"no price in {currency} for it then")
    return Cost(
        plan_id=plan_id,
        at=at,
        price=found,
        cost=plan.plan.cost_of(found, group_ids),
        trial=plan.plan.trial,
        on_offer=plan.status is OfferStatus.ON_OFFER,
    )


async def _kept_price(
    session: AsyncSession, plan_id: UUID, currency: str, at: datetime, term: str | None
) -> PriceState | None:
    kept = select(Price.price).where(
        Price.plan_id == plan_id, Price.currency == currency, Price.valid.contains(at)
    )
    if term is not None:
        kept = kept.where(Price.term == term)
    # In the order of the index by plan and time: the one against overlaps is slow to search.
    return await session.scalar(kept.order_by(func.lower(Price.valid), Price.id).limit(1))
