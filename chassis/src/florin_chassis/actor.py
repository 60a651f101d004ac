"""Who acts: the real person or process, on whose behalf, and how far its rights reach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Self
from uuid import UUID

from florin_chassis.errors import Forbidden, NotInPerson, ProofIncomplete
from florin_contracts.tokens import CATALOGUE, id_of, permissions_at

_USER: Final = "user"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is behind an act, as events and audit rows name it.

    `name` is `user/<id>`, `service-account/<id>` or `service/<name>`; `on_behalf_of` names the
    impersonated account. `session_id` is what the token was issued in: a session, an impersonation
    or an API key; `in_person` says that it is a session that the user itself signed in to, and
    `provisional` that it has yet to prove more than it did before it may do anything else.
    `reach` maps a tenancy dimension to the ids within which the actor may see and change anything;
    an empty reach without `everywhere` reaches nothing.
    """

    name: str
    user_id: UUID | None = None
    session_id: UUID | None = None
    in_person: bool = False
    provisional: bool = False
    on_behalf_of: str | None = None
    reason: str | None = None
    permissions: frozenset[str] = frozenset()
    reach: Mapping[str, frozenset[UUID]] = field(default_factory=lambda: MappingProxyType({}))
    everywhere: bool = False

    @property
    def own_id(self) -> UUID | None:
        """The user whose own things it sees whatever it reaches; none while it acts for another."""
        return self.user_id if self.on_behalf_of is None else None

    def require(self, permission: str) -> None:
        """Raise `Forbidden` unless the actor holds the permission."""
        if permission not in self.permissions:
            raise Forbidden(f"this needs the permission {permission}", permission=permission)

    def require_in_person(self) -> None:
        """Raise `NotInPerson` unless the user itself signed in and asks."""
        if not self.in_person:
            raise NotInPerson("sign in yourself to do this: no key or impersonation will do")

    def require_proved(self) -> None:
        """Raise `ProofIncomplete` while the user has yet to prove more than it did."""
        if self.provisional:
            raise ProofIncomplete("a second factor is demanded of you: add one, or prove it")

    def reaches(self, dimension: str, tenant_id: UUID) -> bool:
        """Whether the actor may touch what belongs to this tenant of this dimension."""
        return self.everywhere or tenant_id in self.reach.get(dimension, ())

    @classmethod
    def from_claims(cls, claims: Mapping[str, Any], catalogue: Sequence[str] = CATALOGUE) -> Self:
        """The actor of a verified access token, which names permissions by their places.

        `act.sub` is the real person when `sub` is impersonated (RFC 8693, section 4.1). `amr`, how
        the user proved itself (RFC 8176), is there in tokens of sessions only; `kind` is another
        than `user` for programs with rights of their own; `provisional` is true while the proof
        is not enough.
        """
        impersonator = claims.get("act")
        subject = UUID(impersonator["sub"] if impersonator else claims["sub"])
        kind = claims.get("kind", _USER)
        session_id = claims.get("sid")
        return cls(
            name=f"{kind}/{subject}",
            user_id=subject if kind == _USER else None,
            session_id=UUID(session_id) if session_id else None,
            in_person=bool(claims.get("amr")) and impersonator is None,
            provisional=bool(claims.get("provisional")),
            on_behalf_of=claims.get("onbehalfof"),
            reason=claims.get("reason"),
            permissions=permissions_at(claims.get("prm", ""), catalogue),
            reach={
                dimension: frozenset(map(id_of, ids))
                for dimension, ids in claims.get("reach", {}).items()
            },
            everywhere=claims.get("everywhere", False) is True,
        )


def process_actor(service: str) -> Actor:
    """The actor of a service's own doing, outside any request."""
    return Actor(name=f"service/{service}", everywhere=True)


ANONYMOUS = Actor(name="anonymous")
