"""The grants `authorization_code` and `refresh_token`: applications' tokens."""

from typing import Any

from florin_identity.api.grants import TokenRequest
from florin_identity.api.tools import lives_of
from florin_identity.models.application_grant import Issued
from florin_identity.use_cases.redeem_code import Claim, redeem_code
from florin_identity.use_cases.renew_application_tokens import Renewal, renew_application_tokens


async def authorization_code(request: TokenRequest) -> dict[str, Any]:
    """The tokens that a code stands for. Source: RFC 6749, section 4.1.3."""
    client_id, secret = request.client or (None, None)
    claim = Claim(
        client_id=client_id,
        client_secret=secret,
        code=request.required("code"),
        redirect_uri=request.parameters.get("redirect_uri"),
        verifier=request.parameters.get("code_verifier"),
    )
    return _answer(request, await redeem_code(claim, lives_of(request.settings), request.begin))


async def refresh_token(request: TokenRequest) -> dict[str, Any]:
    """Fresh tokens for a refresh token. Source: RFC 6749, section 6."""
    client_id, secret = request.client or (None, None)
    token, scope = request.required("refresh_token"), request.parameters.get("scope")
    renewal = Renewal(client_id, secret, token, scope)
    lives = lives_of(request.settings)
    return _answer(request, await renew_application_tokens(renewal, lives, request.begin))


def _answer(request: TokenRequest, issued: Issued) -> dict[str, Any]:
    return {
        "access_token": issued.access_token,
        "token_type": "Bearer",
        "expires_in": request.settings.token_life_s,
        "scope": " ".join(issued.grant.scopes),
        "refresh_token": issued.refresh_token,
        "id_token": request.id_tokens.issue(issued.grant, issued.access_token),
    }
