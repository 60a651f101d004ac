"""A client that becomes a provider's gets a personal account there, and one in each currency."""

from uuid import UUID

from sqlalchemy import select

from florin_chassis.errors import NotYet
from florin_chassis.road.projections import need_projected
from florin_chassis.transaction import Transaction
from florin_contracts.providers import ProviderState
from florin_payers.models import Account


async def open_account(client_id: UUID, provider: ProviderState, transaction: Transaction) -> None:
    """Open it in the provider's present currency, unless it is open already."""
    if await _find(client_id, provider.id, provider.currency, transaction) is None:
        _open(client_id, provider.id, provider.currency, transaction)


async def account_in(
    currency: str, client_id: UUID, provider_id: UUID, transaction: Transaction
) -> Account:
    """The personal account in this currency, opened if the client needs it for the first time.

    A provider that changes its currency has as many new accounts as clients who buy in it. Raises
    `NotYet` while the client has not become the provider's, or the provider has not been heard to
    sell in the currency.
    """
    account = await _find(client_id, provider_id, currency, transaction)
    if account is not None:
        return account
    mine = (Account.client_id == client_id) & (Account.provider_id == provider_id)
    if await transaction.session.scalar(select(Account.id).where(mine).limit(1)) is None:
        raise NotYet(f"client {client_id} has no account with provider {provider_id} yet")
    provider = await need_projected(transaction.session, ProviderState, provider_id)
    if currency not in {provider.currency, *provider.previous_currencies}:
        raise NotYet(f"provider {provider_id} has not been heard to sell in {currency} yet")
    return _open(client_id, provider_id, currency, transaction)


async def _find(
    client_id: UUID, provider_id: UUID, currency: str, transaction: Transaction
) -> Account | None:
    wanted = select(Account).where(
        Account.client_id == client_id,
        Account.provider_id == provider_id,
        Account.currency == currency,
    )
    found: Account | None = await transaction.session.scalar(wanted)
    return found


def _open(client_id: UUID, provider_id: UUID, currency: str, transaction: Transaction) -> Account:
    account = Account(client_id=client_id, provider_id=provider_id, currency=currency)
    transaction.add(account)
    transaction.emit(account.open())
    return account
