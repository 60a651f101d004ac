"""`/.well-known/jwks.json`: what every service verifies access tokens with."""

from typing import Any

from florin_chassis.http.endpoint import PUBLIC, Router
from florin_identity.api.schemas import KeysAnswer
from florin_identity.api.tools import CurrentKeyRing

router = Router(tags=["keys"])


@router.get("/.well-known/jwks.json", permission=PUBLIC, response_model=KeysAnswer)
async def get_keys(key_ring: CurrentKeyRing) -> dict[str, Any]:
    return key_ring.published
