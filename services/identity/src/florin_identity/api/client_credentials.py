"""The grant `client_credentials`: a service account signs in by itself.

Source: RFC 6749, section 4.4.
"""

from typing import Any

from florin_identity.api.grants import TokenRequest
from florin_identity.models.oauth import InvalidClient
from florin_identity.use_cases.admit_service_account import admit_service_account


async def client_credentials(request: TokenRequest) -> dict[str, Any]:
    """A token with the account's rights, or with those of them that `scope` names."""
    client = request.client
    if client is None or client.secret is None:
        raise InvalidClient("the client proves itself with its secret")
    program = await admit_service_account(
        client.client_id, client.secret, request.parameters.get("scope"), request.begin
    )
    return request.answer(program)
