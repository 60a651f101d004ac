"""The grant with which the gateway gets a token for an API key: a grant of our own.

`urn:florin:params:oauth:grant-type:api-key`, with the key as `api_key`; named as RFC 6749,
section 4.5 asks.
"""

from typing import Any, Final

from florin_identity.api.grants import TokenRequest
from florin_identity.use_cases.exchange_api_key import exchange_api_key

API_KEY_GRANT: Final = "urn:florin:params:oauth:grant-type:api-key"


async def api_key_exchange(request: TokenRequest) -> dict[str, Any]:
    """A token with the owner's rights within the key's scopes; it ends no later than the key."""
    program = await exchange_api_key(request.required("api_key"), request.begin)
    return request.answer(program)
