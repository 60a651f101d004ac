"""Support answers a client's request."""

from datetime import UTC, datetime
from uuid import UUID

from florin_chassis.transaction import Begin
from florin_clients.models import Message, Request, Side


async def answer_request(
    request_id: UUID, text: str, expected_version: int | None, begin: Begin
) -> Request:
    """Raises `NotFound`, `VersionMismatch`."""
    async with begin() as transaction:
        request = await transaction.get(Request, request_id)
        request.expect(expected_version)
        await transaction.session.refresh(request, ["messages"])
        message = Message(
            side=Side.SUPPORT,
            author_id=transaction.actor.user_id,
            on_behalf_of=transaction.actor.on_behalf_of,
            text=text,
            written_at=datetime.now(UTC),
        )
        transaction.emit(request.answer(message))
    return request
