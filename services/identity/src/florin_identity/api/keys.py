"""`/.well-known/jwks.json`: what every service verifies access tokens with."""

from typing import Any, Final

from fastapi import Response

from florin_chassis.http.endpoint import PUBLIC, Router
from florin_identity.api.schemas import KeysAnswer
from florin_identity.api.tools import CurrentKeyRing

router = Router(tags=["keys"])
FRESH: Final = "public, max-age=60"
"""Shorter than a key is published before it signs."""


@router.get("/.well-known/jwks.json", permission=PUBLIC, response_model=KeysAnswer)
async def get_keys(key_ring: CurrentKeyRing, response: Response) -> dict[str, Any]:
    response.headers["Cache-Control"] = FRESH
    return key_ring.published
