"""The grants of `POST /oauth2/token`: each is one function in a file of its own, named here."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from florin_chassis.runtime import Runtime
from florin_chassis.transaction import Begin
from florin_identity.api.client_authentication import PresentedClient
from florin_identity.models.access_tokens import AccessTokens
from florin_identity.models.id_tokens import IdTokens
from florin_identity.models.oauth import InvalidRequest
from florin_identity.models.program import Program
from florin_identity.settings import Settings


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """The form as it was sent, who presents it, and what a grant works with."""

    parameters: Mapping[str, str]
    client: PresentedClient | None
    begin: Begin
    tokens: AccessTokens
    settings: Settings
    runtime: Runtime
    id_tokens: IdTokens

    def required(self, name: str) -> str:
        """A parameter that there must be; raises `InvalidRequest`."""
        value = self.parameters.get(name)
        if value is None:
            raise InvalidRequest(f"{name} is missing")
        return value

    def answer(self, program: Program) -> dict[str, Any]:
        """A token for the program."""
        issued = self.tokens.for_program(program)
        return {
            "access_token": issued.access_token,
            "token_type": "Bearer",
            "expires_in": issued.expires_in,
            "scope": " ".join(sorted(program.access.permissions)),
        }


Grant: TypeAlias = Callable[[TokenRequest], Awaitable[dict[str, Any]]]
