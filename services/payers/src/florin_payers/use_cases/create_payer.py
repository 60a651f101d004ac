"""A client names whom its money matters are linked to."""

from uuid import UUID

from sqlalchemy import select

from florin_chassis.errors import NotFound
from florin_chassis.transaction import Begin
from florin_contracts.party import PayerType
from florin_payers.models import Account, Payer


async def create_payer(
    client_id: UUID, payer_type: PayerType, begin: Begin, **particulars: str | None
) -> Payer:
    """`particulars` are name, country, email and tax number.

    Raises `NotFound` for a client that is unknown or out of the actor's reach: one of whose
    personal accounts it sees none. Raises `Malformed` for a business without a tax number,
    and for a number that its country does not know.
    """
    payer = Payer(client_id=client_id, payer_type=payer_type, companies=(), **particulars)
    created = payer.create()
    async with begin() as transaction:
        accounts = select(Account.id).where(Account.client_id == client_id).limit(1)
        if await transaction.session.scalar(accounts) is None:
            raise NotFound(f"there is no client {client_id}")
        transaction.add(payer)
        transaction.emit(created)
    return payer
