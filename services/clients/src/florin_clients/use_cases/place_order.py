"""A client orders a plan."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.road.projections import find_projected
from florin_chassis.transaction import Begin
from florin_clients.models import (
    Client,
    Offer,
    Order,
    Service,
    UnknownPlan,
    reaches_all,
    require_verified_owner,
)
from florin_contracts.payers import PayerState, company_kept
from florin_contracts.providers import CompanyState, ProviderState
from florin_contracts.providers.catalogue import ProductState


async def place_order(
    client_id: UUID, product_id: UUID, plan_id: UUID, payer_id: UUID, term: str | None, begin: Begin
) -> Order:
    """At a provider that the client was no client of, it becomes one.

    Without a `term` for the plan's first price. Raises `NotFound`, `UnknownPlan`, `NotOnOffer`,
    `UnknownPayer`, `NoCompanyServesPayer`, `EmailNotVerified`.
    """
    async with begin() as transaction:
        client = await transaction.get(Client, client_id)
        found = await _find_offer(transaction.session, product_id, plan_id, payer_id)
        terms = replace(found, term=term).terms_for(client_id, client.country, datetime.now(UTC))
        if not reaches_all(transaction.actor, client=client_id, provider=terms.provider_id):
            raise UnknownPlan.broken()
        if terms.verified_email:
            await require_verified_owner(transaction.session, client_id)
        order = Order.on(terms, client_id)
        service = Service.of(order)
        transaction.add(order)
        transaction.add(service)
        transaction.emit(*client.join(order.provider_id), order.place(), service.order())
    return order


async def _find_offer(
    session: AsyncSession, product_id: UUID, plan_id: UUID, payer_id: UUID
) -> Offer:
    provider: ProviderState | None = None
    product = await find_projected(session, ProductState, product_id)
    if product is not None:
        provider = await find_projected(session, ProviderState, product.provider_id)
    payer = await find_projected(session, PayerState, payer_id)
    kept = company_kept(payer.companies, provider) if payer and provider else None
    company = await find_projected(session, CompanyState, kept) if kept else None
    return Offer(product, provider, payer, plan_id, company=company)
