"""The grant with which an employee acts as a client. Source: RFC 8693.

`subject_token` is the employee's own access token, of a session; `requested_subject` the client's
id; `reason` says why, and the client can read it. No further token comes of the answer.
"""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from florin_chassis.actor import Actor
from florin_chassis.errors import Unauthenticated
from florin_chassis.http.bodies import Line
from florin_identity.api.grants import TokenRequest
from florin_identity.models.oauth import InvalidRequest, UnauthorizedClient
from florin_identity.use_cases.impersonate_client import Wish, impersonate_client

TOKEN_EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105 - a name
ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - a name
_NOT_TAKEN: Final = ("actor_token", "audience", "resource", "scope")
_LINE: Final[TypeAdapter[str]] = TypeAdapter(Line)


async def token_exchange(request: TokenRequest) -> dict[str, Any]:
    """A token with the client's rights that names the employee in `act`."""
    _require_plain(request)
    life = timedelta(seconds=request.settings.impersonation_life_s)
    wish = Wish(_client(request), _reason(request), life)
    stay, rights = await impersonate_client(wish, await _employee(request), request.begin)
    return {
        "access_token": request.tokens.for_impersonation(stay, rights),
        "issued_token_type": ACCESS_TOKEN,
        "token_type": "Bearer",
        "expires_in": request.settings.impersonation_life_s,
        "impersonation_id": stay.id,
    }


def _require_plain(request: TokenRequest) -> None:
    """What we would not heed is refused rather than passed over."""
    if request.client is not None:
        raise UnauthorizedClient("a program does not act as a client")
    for name in ("subject_token_type", "requested_token_type"):
        if request.parameters.get(name, ACCESS_TOKEN) != ACCESS_TOKEN:
            raise InvalidRequest(f"{name} can only be {ACCESS_TOKEN}")
    for name in _NOT_TAKEN:
        if name in request.parameters:
            raise InvalidRequest(f"{name} is not taken")
    request.required("subject_token_type")


async def _employee(request: TokenRequest) -> Actor:
    token = request.required("subject_token")
    try:
        return await request.runtime.verifier.verify(token)
    except Unauthenticated as error:
        raise InvalidRequest("subject_token is no access token that is good") from error


def _client(request: TokenRequest) -> UUID:
    try:
        return UUID(request.required("requested_subject"))
    except ValueError:
        raise InvalidRequest("requested_subject is the id of a client") from None


def _reason(request: TokenRequest) -> str:
    try:
        return _LINE.validate_python(request.required("reason"))
    except ValidationError:
        raise InvalidRequest("reason is one line of text, of 200 characters at most") from None
