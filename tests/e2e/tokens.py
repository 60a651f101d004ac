"""Tokens that the installation did not issue: signed with its own key, or with somebody else's."""

import base64
import json
import time
from uuid import UUID

from joserfc.jwk import ECKey
from tests.shared.databases import Databases

from florin_contracts.permissions import ADMINISTRATOR_PERMISSIONS
from florin_contracts.tokens import places_of
from florin_identity.models.signing_key import SigningKey
from florin_local.demo.api import Json
from florin_local.stack import Stack


def installation_key(stack: Stack, databases: Databases) -> ECKey:
    """The key that identity signs with, opened as identity opens it."""
    kid, sealed = databases.signing_key()
    secrets = json.loads((stack.folder / "secrets.json").read_text())
    secret = base64.b64decode(secrets["identity-key-encryption"])
    return SigningKey(kid=kid, public={}, sealed_private=sealed).open(secret)


def administrator_claims(stack: Stack, user_id: UUID, *, life_s: int) -> Json:
    """Every right everywhere, for `life_s` seconds; they may be negative."""
    now_s = int(time.time())
    return {
        "iss": stack.gateway_url,
        "aud": "florin",
        "sub": str(user_id),
        "iat": now_s,
        "exp": now_s + life_s,
        "ver": 0,
        "prm": places_of(ADMINISTRATOR_PERMISSIONS),
        "everywhere": True,
    }
