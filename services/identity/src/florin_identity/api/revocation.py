"""`/oauth2/revoke`: an application gives a token up. Source: RFC 7009."""

from fastapi import Request, Response

from florin_chassis.http.endpoint import PUBLIC, BeginTransaction, Router
from florin_identity.api.client_authentication import presented_client
from florin_identity.api.oauth2 import Form, in_oauth_words
from florin_identity.models.oauth import InvalidRequest
from florin_identity.use_cases.revoke_application_token import revoke_application_token

router = Router(tags=["openid connect"])


@router.post(
    "/oauth2/revoke",
    permission=PUBLIC,
    secret_answer=True,
    status_code=200,
    refusing=in_oauth_words,
    response_model=None,
)
async def post_revocation(request: Request, form: Form, begin: BeginTransaction) -> Response:
    client_id, secret = presented_client(request.headers.get("authorization"), form) or (None, None)
    token = form.get("token")
    if token is None:
        raise InvalidRequest("token is missing")
    await revoke_application_token(client_id, secret, token, begin)
    return Response()
