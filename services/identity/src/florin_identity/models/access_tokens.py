"""Access tokens: short-lived JWTs that every service verifies by itself."""

from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from florin_chassis.ids import new_id
from florin_identity.models.impersonation import Impersonation
from florin_identity.models.key_ring import KeyRing
from florin_identity.models.program import Program
from florin_identity.models.rights import Rights
from florin_identity.models.standing import Standing
from florin_identity.settings import Settings


class Issued(NamedTuple):
    """A token, and for how many seconds it is good."""

    access_token: str
    expires_in: int


class AccessTokens:
    """Issues tokens with the claims that `Actor.from_claims` reads."""

    def __init__(self, settings: Settings, key_ring: KeyRing) -> None:
        self._settings, self._key_ring = settings, key_ring

    def for_session(self, session_id: UUID, user_id: UUID, standing: Standing) -> str:
        """The token of a user who signed in.

        `auth_time` is when it last proved itself (OpenID Connect Core, section 2).
        """
        claims = {"sid": str(session_id), **standing.claims()}
        return self._issue(user_id, claims, self._settings.token_life_s)

    def for_impersonation(self, impersonation: Impersonation, rights: Rights) -> str:
        """The token of an employee with a client's rights, and nothing of the employee's own.

        The client is whom it is about; `act` names the real person (RFC 8693, section 4.1).
        """
        claims = {
            "act": {"sub": str(impersonation.employee_user_id)},
            "onbehalfof": f"client/{impersonation.client_id}",
            "reason": impersonation.reason,
            "sid": str(impersonation.id),
            **rights.claims(),
        }
        life_s = self._settings.impersonation_life_s
        return self._issue(impersonation.client_id, claims, life_s)

    def for_program(self, program: Program) -> Issued:
        """The token of a service account, or of whoever presented an API key.

        It has no `amr`: nobody signed in itself.
        """
        of = {"kind": program.kind, "sid": str(program.grant_id)}
        claims = of | program.access.claims()
        life_s = self._settings.token_life_s
        if program.expires_at is not None:
            left = program.expires_at - datetime.now(UTC)
            life_s = max(1, min(life_s, int(left.total_seconds())))
        return Issued(self._issue(program.owner_id, claims, life_s), life_s)

    def _issue(self, subject: UUID, claims: dict[str, Any], life_s: int) -> str:
        now_s = int(datetime.now(UTC).timestamp())
        return self._key_ring.sign(
            {
                "iss": self._settings.token_issuer,
                "aud": self._settings.token_audience,
                "sub": str(subject),
                "iat": now_s,
                "exp": now_s + life_s,
                "jti": str(new_id()),
                **claims,
            }
        )
