"""`/oauth2/token`: where programs get tokens. Source: RFC 6749, section 3.2."""

from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse

from florin_chassis.errors import Refusal
from florin_chassis.http.endpoint import PUBLIC, BeginTransaction, Router
from florin_identity.api.api_key_exchange import API_KEY_GRANT, api_key_exchange
from florin_identity.api.application_grants import authorization_code, refresh_token
from florin_identity.api.client_authentication import presented_client
from florin_identity.api.client_credentials import client_credentials
from florin_identity.api.grants import Grant, TokenRequest
from florin_identity.api.schemas import TokenAnswer
from florin_identity.api.token_exchange import TOKEN_EXCHANGE, token_exchange
from florin_identity.api.tools import CurrentSettings, CurrentTokens
from florin_identity.models.oauth import InvalidRequest, UnsupportedGrantType

router = Router(tags=["oauth2"])

GRANTS: Final[dict[str, Grant]] = {
    "client_credentials": client_credentials,
    API_KEY_GRANT: api_key_exchange,
    "authorization_code": authorization_code,
    "refresh_token": refresh_token,
    TOKEN_EXCHANGE: token_exchange,
}
"""Every way to a token, by its `grant_type`."""

FORM: Final = "application/x-www-form-urlencoded"
_PARAMETERS_MAX: Final = 30
_FAULT: Final = 500
_DESCRIBED: Final = {
    "requestBody": {
        "required": True,
        "content": {
            FORM: {
                "schema": {
                    "type": "object",
                    "required": ["grant_type"],
                    "properties": {"grant_type": {"type": "string", "enum": sorted(GRANTS)}},
                    "additionalProperties": {"type": "string"},
                }
            }
        },
    }
}


async def in_oauth_words(_: Request, refusal: Refusal) -> Response:
    """The refusal as section 5.2 has it; one that OAuth has no word for is called the nearest."""
    error = "invalid_request" if refusal.status < _FAULT else "temporarily_unavailable"
    document = {"error": error, "error_description": refusal.detail, **refusal.problem()}
    return JSONResponse(document, refusal.status, dict(refusal.headers))


async def form_of(request: Request) -> dict[str, str]:
    """The parameters of a form. Empty ones are as good as none; raises `InvalidRequest`."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise InvalidRequest(f"the body is {FORM}")
    try:
        sent = (await request.body()).decode("ascii")
        pairs = parse_qsl(sent, errors="strict", max_num_fields=_PARAMETERS_MAX)
    except ValueError as error:
        raise InvalidRequest("the form is malformed") from error
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise InvalidRequest("a parameter is there twice")
    return parameters


Form = Annotated[dict[str, str], Depends(form_of)]


@router.post(
    "/oauth2/token",
    permission=PUBLIC,
    secret_answer=True,
    refusing=in_oauth_words,
    status_code=200,
    openapi_extra=_DESCRIBED,
    response_model=TokenAnswer,
    response_model_exclude_none=True,
)
async def post_token(
    request: Request,
    form: Form,
    tokens: CurrentTokens,
    settings: CurrentSettings,
    begin: BeginTransaction,
    response: Response,
) -> dict[str, Any]:
    client = presented_client(request.headers.get("authorization"), form)
    state = request.app.state
    asked = TokenRequest(form, client, begin, tokens, settings, state.runtime, state.id_tokens)
    grant = GRANTS.get(asked.required("grant_type"))
    if grant is None:
        raise UnsupportedGrantType("there is no such grant_type")
    response.headers["Cache-Control"] = "no-store"
    return await grant(asked)
