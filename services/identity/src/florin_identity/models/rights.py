"""Rights: what may be done, and the reach within which; a value, of whomever it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from florin_chassis.actor import Actor
from florin_contracts.permissions import (
    ADMINISTRATOR_PERMISSIONS,
    CLIENT_ROLES,
    ClientRole,
    Permission,
)
from florin_contracts.tokens import places_of, short_id


@dataclass(frozen=True, slots=True)
class Rights:
    """Permissions, and the reach within which they hold; shaped as in `Actor`.

    A token says of which `version` of its bearer's access they are: it is refused once that has
    become less.
    """

    permissions: frozenset[str] = frozenset()
    reach: Mapping[str, frozenset[UUID]] = field(default_factory=dict)
    everywhere: bool = False
    version: int = field(default=0, compare=False)

    def claims(self) -> dict[str, Any]:
        """As an access token carries them, for `Actor.from_claims`."""
        claims: dict[str, Any] = {"ver": self.version, "prm": places_of(self.permissions)}
        if self.everywhere:
            return claims | {"everywhere": True}
        return claims | {"reach": {n: sorted(map(short_id, ids)) for n, ids in self.reach.items()}}

    def hold(self, others: "Rights") -> bool:
        """Whether every one of the others' rights, wherever it holds, is among these."""
        if not others.permissions <= self.permissions:
            return False
        if self.everywhere or others.everywhere:
            return self.everywhere
        return all(ids <= self.reach.get(name, frozenset()) for name, ids in others.reach.items())

    def is_within(self, actor: Actor) -> bool:
        """Whether the actor may do all of this, everywhere that this reaches."""
        return Rights(actor.permissions, actor.reach, actor.everywhere).hold(self)


NOTHING: Final = Rights()
EVERYTHING: Final = Rights(ADMINISTRATOR_PERMISSIONS, everywhere=True)


_ABOUT_PEOPLE: Final = frozenset(
    {Permission.MEMBERS_WRITE, Permission.USERS_INVITE, Permission.SESSIONS_END}
)


def owner_of(client_id: UUID) -> Rights:
    """What the owner of a client's account may do."""
    return Rights(CLIENT_ROLES[ClientRole.OWNER], {"client": frozenset({client_id})})


def acting_as(client_id: UUID, provider_ids: frozenset[UUID] | None, version: int) -> Rights:
    """What an employee may do as a client: what its owner may, save about who can sign in.

    Otherwise it could let itself in for good. `provider_ids` are those of the client's providers
    that the employee works for, if it does not work for all; `version` is of its own access.
    """
    within = {} if provider_ids is None else {"provider": provider_ids}
    reach = {"client": frozenset({client_id}), **within}
    return Rights(CLIENT_ROLES[ClientRole.OWNER] - _ABOUT_PEOPLE, reach, version=version)
