"""What follows here when clients register, order, and get what they ordered.

Topics come in no order among each other: a handler waits for what another topic has still to bring.
"""

from uuid import UUID

from sqlalchemy import select

from florin_chassis.errors import NotFound, NotYet, Refusal
from florin_chassis.road.projections import need_projected
from florin_chassis.transaction import Transaction
from florin_contracts.clients import (
    ClientJoinedProvider,
    ClientRegistered,
    OrderPlaced,
    ServiceActivated,
)
from florin_contracts.providers import CompanyState, ProviderState
from florin_payers.consumers.subscriptions import subscriptions
from florin_payers.models import Invoice, Payer
from florin_payers.use_cases.charge_expense import charge_expense
from florin_payers.use_cases.issue_invoice import issue_invoice
from florin_payers.use_cases.open_account import account_in, open_account


class NoCompanyServesPayer(Refusal):
    """None of the provider's service conditions matches the payer."""

    code = "no_company_serves_payer"


@subscriptions.on(ClientRegistered)
async def open_first_accounts(client: ClientRegistered, transaction: Transaction) -> None:
    """A client has a personal account with every provider that it is a client of."""
    for provider_id in client.provider_ids:
        provider = await need_projected(transaction.session, ProviderState, provider_id)
        await open_account(client.id, provider, transaction)


@subscriptions.on(ClientJoinedProvider)
async def open_another_account(client: ClientJoinedProvider, transaction: Transaction) -> None:
    """One more provider, one more personal account."""
    provider = await need_projected(transaction.session, ProviderState, client.provider_id)
    await open_account(client.id, provider, transaction)


@subscriptions.on(OrderPlaced)
async def invoice_order(order: OrderPlaced, transaction: Transaction) -> None:
    """An order is invoiced to its payer by the company that serves such payers."""
    session = transaction.session
    if await session.scalar(select(Invoice.id).where(Invoice.order_id == order.id)) is not None:
        return
    provider = await need_projected(session, ProviderState, order.provider_id)
    payer = await _payer_of(order, transaction)
    company = await _company_of(payer, provider, transaction)
    account = await account_in(
        order.price.currency, order.client_id, order.provider_id, transaction
    )
    await issue_invoice(order, payer, account, provider, company, transaction)


@subscriptions.on(ServiceActivated)
async def charge_first_period(service: ServiceActivated, transaction: Transaction) -> None:
    """What runs is charged for the period that was paid."""
    account = await account_in(
        service.price.currency, service.client_id, service.provider_id, transaction
    )
    await charge_expense(service, account, transaction)


async def _payer_of(order: OrderPlaced, transaction: Transaction) -> Payer:
    """Raises `NotFound`: a payer is older than the orders it is named in, so none is a fault."""
    wanted = (Payer.id == order.payer_id) & (Payer.client_id == order.client_id)
    payer = await transaction.session.scalar(select(Payer).where(wanted).with_for_update())
    if payer is None:
        raise NotFound(f"client {order.client_id} has no payer {order.payer_id}")
    return payer


async def _company_of(
    payer: Payer, provider: ProviderState, transaction: Transaction
) -> CompanyState:
    """The company that invoices the payer; chosen now if none is, or if that one serves no more."""
    kept = payer.company_at(provider)
    if kept is not None:
        company = await need_projected(transaction.session, CompanyState, kept)
        if provider.id in company.provider_ids:
            return company
    company_id = _company_for(payer, provider)
    company = await need_projected(transaction.session, CompanyState, company_id)
    transaction.emit(payer.be_served_by(company_id, provider))
    return company


def _company_for(payer: Payer, provider: ProviderState) -> UUID:
    """Raises `NoCompanyServesPayer`.

    An order is not accepted before its provider has conditions: if none are here, they are late.
    """
    if not provider.conditions:
        raise NotYet(f"the service conditions of provider {provider.id} have not arrived yet")
    company_id = provider.company_for(payer.country, payer.payer_type)
    if company_id is None:
        raise NoCompanyServesPayer(f"provider {provider.id} serves no payer like {payer.id}")
    return company_id
