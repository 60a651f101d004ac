"""A client asks a provider's support something."""

from datetime import UTC, datetime
from uuid import UUID

from florin_chassis.errors import NotFound
from florin_chassis.transaction import Begin
from florin_clients.models import (
    Client,
    Message,
    NotAClientOfProvider,
    Request,
    Side,
    reaches_all,
)
from florin_contracts.clients import RequestStatus


async def open_request(
    client_id: UUID, provider_id: UUID, subject: str, text: str, begin: Begin
) -> Request:
    """Raises `NotFound`, `NotAClientOfProvider`."""
    async with begin() as transaction:
        actor = transaction.actor
        client = await transaction.get(Client, client_id)
        if not reaches_all(actor, client=client_id, provider=provider_id):
            raise NotFound(f"there is no provider {provider_id}")
        if provider_id not in client.provider_ids:
            raise NotAClientOfProvider.broken()
        message = Message(
            side=Side.CLIENT,
            author_id=actor.user_id,
            on_behalf_of=actor.on_behalf_of,
            text=text,
            written_at=datetime.now(UTC),
        )
        request = Request(
            client_id=client_id,
            provider_id=provider_id,
            subject=subject,
            status=RequestStatus.OPEN,
            messages=[message],
        )
        transaction.add(request)
        transaction.emit(request.open())
    return request
