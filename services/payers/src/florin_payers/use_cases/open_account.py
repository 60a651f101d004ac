"""A client that becomes a provider's gets a personal account there."""

from uuid import UUID

from sqlalchemy import select

from florin_chassis.transaction import Transaction
from florin_contracts.providers import ProviderState
from florin_payers.models import Account


async def open_account(client_id: UUID, provider: ProviderState, transaction: Transaction) -> None:
    """Open it in the provider's currency, unless it is open already."""
    opened = select(Account.id).where(
        Account.client_id == client_id, Account.provider_id == provider.id
    )
    if await transaction.session.scalar(opened) is not None:
        return
    account = Account(client_id=client_id, provider_id=provider.id, currency=provider.currency)
    transaction.add(account)
    transaction.emit(account.open())
