"""`/.well-known`: where an application finds everything, and what is understood here.

Sources: OpenID Connect Discovery 1.0, section 3; RFC 8414, section 2.
"""

from typing import Any, Final

from fastapi import Response

from florin_chassis.http.endpoint import PUBLIC, Router
from florin_chassis.tokens import ALGORITHM
from florin_identity.api.oauth2 import GRANTS
from florin_identity.api.pages import SCRIPT, STYLESHEET
from florin_identity.api.tools import CurrentSettings
from florin_identity.models.authorization import PROMPTS, SCOPES
from florin_identity.models.id_tokens import ACR_ONE_FACTOR, ACR_TWO_FACTORS

router = Router(tags=["openid connect"])

_PROOFS: Final = ["client_secret_basic", "client_secret_post", "none"]
_KEPT: Final = {"Cache-Control": "public, max-age=3600"}
_CLAIMS: Final = [
    "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid",
    "name", "kind", "email", "email_verified",
]  # fmt: skip


def metadata(issuer: str) -> dict[str, Any]:
    """The document, the same for both addresses."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth2/authorize",
        "token_endpoint": f"{issuer}/oauth2/token",
        "userinfo_endpoint": f"{issuer}/oauth2/userinfo",
        "revocation_endpoint": f"{issuer}/oauth2/revoke",
        "end_session_endpoint": f"{issuer}/oauth2/logout",
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": sorted(GRANTS),
        "token_endpoint_auth_methods_supported": _PROOFS,
        "revocation_endpoint_auth_methods_supported": _PROOFS,
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "acr_values_supported": [ACR_ONE_FACTOR, ACR_TWO_FACTORS],
        "prompt_values_supported": sorted(PROMPTS),
        "claim_types_supported": ["normal"],
        "claims_supported": _CLAIMS,
        "authorization_response_iss_parameter_supported": True,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }


@router.get("/.well-known/openid-configuration", permission=PUBLIC)
async def get_openid_configuration(settings: CurrentSettings) -> dict[str, Any]:
    return metadata(settings.token_issuer)


@router.get("/.well-known/oauth-authorization-server", permission=PUBLIC)
async def get_authorization_server(settings: CurrentSettings) -> dict[str, Any]:
    return metadata(settings.token_issuer)


@router.get("/oauth2/pages.css", permission=PUBLIC, response_model=None)
async def get_stylesheet() -> Response:
    return Response(STYLESHEET, media_type="text/css", headers=_KEPT)


@router.get("/oauth2/passkey.js", permission=PUBLIC, response_model=None)
async def get_script() -> Response:
    return Response(SCRIPT, media_type="text/javascript", headers=_KEPT)
