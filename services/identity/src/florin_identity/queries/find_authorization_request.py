"""What an application asks for, read from the address that it sent the browser to."""

from sqlalchemy.ext.asyncio import AsyncSession

from florin_identity.models.application import find_application
from florin_identity.models.authorization import (
    AuthorizationRequest,
    Parameters,
    read_authorization_request,
)


async def find_authorization_request(
    session: AsyncSession, sent: Parameters
) -> AuthorizationRequest:
    """Raises `AuthorizationImpossible` and `AuthorizationRefused`."""
    return read_authorization_request(await find_application(session, sent.get("client_id")), sent)
